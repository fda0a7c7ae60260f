"""The very bytes of more public sets, through the command, with their traps and the figures that are known of them."""

import csv
import json
from collections import Counter, defaultdict

import pytest
from django.core.management import call_command

from annotation.agreement import krippendorff_alpha
from annotation.importers.bundle import Bundle
from annotation.importers.detection import proposal
from annotation.models import ImportJob, Item, Judgment

pytestmark = [pytest.mark.django_db, pytest.mark.real_data]


@pytest.fixture
def take_in(project, home, real_data):
    def taken(format, *parts) -> ImportJob:
        call_command("import_data", real_data(*parts), project="wall", format=format)
        job = ImportJob.objects.latest("pk")
        assert (job.state, job.error_count) == ("published", 0)
        wanted = SETS[format][1] if parts == (SETS[format][0],) else {}
        assert {key: job.counts.get(key) for key in wanted} == wanted
        return job

    return taken


SETS = {
    "qa_feedback": ("qa_feedback", {"rows": 400, "judgments": 382 + 18 * 6 + 385}),
    "bigbench_mistake": ("bigbench_mistake", {"rows": 900, "judgments": 900}),
    # One prompt is worded otherwise in the table of prompts.
    "xstest": ("xstest", {"rows": 1350, "judgments": 4500, "prompts": 451}),
    "llmbar": ("llmbar", {"judgments": 13_100, "items": 100}),
    "llmfao": ("llmfao_crowd", {"judgments": 8_931 + 2 * 2_139 + 7}),
    "qlora": ("qlora_battles", {"judgments": 4_480 + 1_120,
                                "left out: a system’s answer is not in the upload": 4_640}),
}  # fmt: skip


@pytest.mark.parametrize(("format", "folder"), [(format, folder) for format, (folder, _) in SETS.items()])
def test_each_is_recognised(real_data, format, folder):
    assert proposal(Bundle(real_data(folder))).format == format


def test_the_same_set_again_changes_nothing(take_in, real_data):
    job = take_in("qa_feedback", "qa_feedback")
    before = Judgment.objects.count(), Item.objects.count()
    call_command("import_data", real_data("qa_feedback"), project="wall", format="qa_feedback")
    again = ImportJob.objects.latest("pk")
    assert again.counts == {"rows": 400, "duplicates": job.counts["judgments"]}
    assert (Judgment.objects.count(), Item.objects.count()) == before


def fleiss(units: list[Counter], raters: int) -> float:
    """Fleiss' kappa of units that the same number of raters judged."""
    total = Counter()
    for unit in units:
        total.update(unit)
    n = len(units) * raters
    observed = sum((sum(c * c for c in unit.values()) - raters) / (raters * (raters - 1)) for unit in units)
    expected = sum((count / n) ** 2 for count in total.values())
    return (observed / len(units) - expected) / (1 - expected)


@pytest.mark.parametrize(("system", "raw", "kappa"), [("llama2orig", 96.4, 0.93), ("gpt4", 98.4, 0.97)])
def test_xstest_agreement_is_the_published_one(take_in, system, raw, kappa):
    take_in("xstest", "xstest")
    people = Judgment.objects.filter(
        rater__name__startswith="annotator", item__entries__completion__source__name=system
    )
    units = defaultdict(Counter)
    for item, value in people.values_list("item", "value"):
        units[item][value["class"]] += 1
    assert len(units) == 450
    agreed = sum(len(unit) == 1 for unit in units.values()) / len(units)
    assert round(100 * agreed, 1) == raw
    assert round(fleiss(list(units.values()), 2), 2) == kappa


def test_llmfao_alpha_and_left_share_are_the_known_ones(take_in):
    take_in("llmfao", "llmfao_crowd")
    votes = Judgment.objects.filter(rater__name__startswith="worker")
    units, left, decided = defaultdict(list), 0, 0
    for item, strength, shown in votes.values_list("item", "strength", "shown_order"):
        sign = ((strength > 0) - (strength < 0)) * (1 if shown[0] == 0 else -1)  # from the left, as the figure is
        units[item].append(sign)
        decided += bool(sign)
        left += sign > 0
    assert votes.values("rater").distinct().count() == 124
    assert round(left / decided, 4) == 0.5332
    found = krippendorff_alpha([unit for unit in units.values() if len(unit) > 1])
    assert round(found.value, 4) == 0.2906


def test_qlora_first_shown_wins_as_often_as_is_known(take_in):
    take_in("qlora", "qlora_battles")
    verdicts = Judgment.objects.filter(rater__name="gpt-4")
    shares = Counter()
    for outcome, strength, shown in verdicts.values_list("outcome", "strength", "shown_order"):
        if outcome == "skip":
            shares["unparsed"] += 1
        elif strength:
            shares["first" if shown[0] == (0 if strength > 0 else 1) else "second"] += 1
    assert shares["unparsed"] == 13
    assert (round(100 * shares["first"] / 4480, 1), round(100 * shares["second"] / 4480, 1)) == (56.1, 30.2)


def test_llmbar_judges_are_as_accurate_as_published(take_in, real_data):
    take_in("llmbar", "llmbar")
    gold = dict(Judgment.objects.filter(rater__name="gold").values_list("item", "strength"))
    right, seen = Counter(), Counter()
    for judge, item, strength in Judgment.objects.exclude(rater__name="gold").values_list(
        "rater__name", "item", "strength"
    ):
        seen[judge] += 1
        right[judge] += strength is not None and (strength > 0) == (gold[item] > 0)
    with real_data("llmbar", "published_statistics_Natural.csv").open(newline="") as handle:
        published = {row["judge"]: float(row["correct_average"].rstrip("%")) for row in csv.DictReader(handle)}
    assert len(published) == 65
    off = {judge: (100 * right[judge] / seen[judge], said) for judge, said in published.items()
           if abs(100 * right[judge] / seen[judge] - said) > 0.05}  # fmt: skip
    assert not off


def test_qa_feedback_spans_lie_in_what_they_are_about(take_in):
    take_in("qa_feedback", "qa_feedback")
    spans = 0
    rankings = Judgment.objects.filter(item__interface="ranking").prefetch_related("item__entries__completion__source")
    for judgment in rankings.select_related("item").iterator(chunk_size=200):
        entries = list(judgment.item.entries.all())
        assert len(judgment.value["ranks"]) == len(entries) == 4
        [first] = [entry for entry in entries if entry.completion.source.name == "sample 1"]
        for span in judgment.value.get("feedback_on_first", {}).get("spans", ()):
            assert 0 <= span["start"] <= span["end"] <= len(first.completion.text)
            spans += 1
    assert spans > 1_000


def test_mistakes_are_where_the_data_says(take_in, real_data):
    take_in("bigbench_mistake", "bigbench_mistake")
    lines = [line for path in real_data("bigbench_mistake").glob("*.jsonl") for line in path.read_text().splitlines()]
    firsts = Counter(json.loads(line)["mistake_index"] for line in lines)
    values = list(Judgment.objects.values_list("value", flat=True))
    assert Counter(value["first_error"] for value in values) == firsts
    for value in values:
        wrong = value["first_error"]
        labels = value["labels"]
        assert len(labels) == len(value["ends"])
        assert labels == [1] * len(labels) if wrong is None else labels[:wrong] == [1] * wrong and labels[wrong] == -1
