"""The very files of the real data, through the command, with the figures their authors published."""

import math
from collections import Counter, defaultdict
from itertools import combinations

import pytest
from django.core.management import call_command

from annotation.agreement import krippendorff_alpha
from annotation.models import ImportJob, Item, Judgment, Prompt

pytestmark = [pytest.mark.django_db, pytest.mark.real_data]


def take_in(real_data, format, *parts, **options) -> ImportJob:
    call_command("import_data", real_data(*parts), project="wall", format=format, **options)
    return ImportJob.objects.latest("pk")


@pytest.fixture
def votes(project, home, real_data):
    """Every imported MT-Bench vote from the database: {(question, turn): {pair: {judge: [outcome]}}}, by name order."""
    job = take_in(real_data, "mt_bench", "mt_bench_human")
    assert job.counts["judgments"] == 3_355 + 2_400
    assert job.error_count == 0
    told = defaultdict(lambda: defaultdict(list))
    rows = Judgment.objects.filter(withdrawn=False).select_related("rater", "item__prompt")
    for judgment in rows.prefetch_related("item__entries__completion__source").order_by("pk").iterator(chunk_size=400):
        pair = tuple(entry.completion.source.name for entry in judgment.item.entries.all())
        assert pair == tuple(sorted(pair))  # oriented by sorted names, as the paper's figures are
        where = tuple(judgment.item.prompt.tags)
        told[(*where, *pair)][judgment.rater.name].append((judgment.strength > 0) - (judgment.strength < 0))
    return told


@pytest.mark.parametrize(
    ("turn", "ties", "judge_share", "judge_n", "human_share", "human_n"),
    [
        ("turn-1", True, 66, 1_343, 63, 721),
        ("turn-1", False, 85, 859, 81, 479),
        ("turn-2", True, 66, 1_325, 67, 707),
        ("turn-2", False, 85, 864, 82, 474),
    ],
)
def test_mt_bench_agreement_is_the_published_one(votes, turn, ties, judge_share, judge_n, human_share, human_n):
    """Zheng et al. 2023, Table 5: GPT-4 with each expert, each expert with each other; S2 leaves out ties."""
    judge, human = Counter(), Counter()
    for (_, which, *_), by_rater in votes.items():
        if which != turn:
            continue
        experts = [one for name, given in by_rater.items() if name.startswith("expert") for one in given]
        gpt4 = by_rater.get("gpt4_pair", [])
        for pairs, counted in (([(g, e) for g in gpt4 for e in experts], judge), (combinations(experts, 2), human)):
            counted.update(one == other for one, other in pairs if ties or (one and other))
    for counted, share, n in ((judge, judge_share, judge_n), (human, human_share, human_n)):
        assert counted.total() == n
        assert round(100 * counted[True] / n) == share


def majority(given):
    """The side most named; a split is a tie."""
    (sign, most), *rest = Counter(given).most_common()
    return 0 if rest and rest[0][1] == most else sign


def joined(votes):
    """(pair, GPT-4's verdict, the people's majority) of the items that both judged."""
    for (_, _, first, second), by_rater in votes.items():
        people = [sign for name, given in by_rater.items() if name != "gpt4_pair" for sign in given]
        if people and "gpt4_pair" in by_rater:
            yield (first, second), by_rater["gpt4_pair"][0], majority(people)


def test_mt_bench_win_rates_are_the_published_ones(votes):
    """By GPT-4 and by the people's majority over 1,814 joined items; ties count half."""
    items = list(joined(votes))
    assert len(items) == 1_814
    assert round(sum(judge == people for _, judge, people in items) / 1_814, 3) == 0.672
    won, seen = (Counter(), Counter()), Counter()
    for (first, second), *signs in items:
        seen.update((first, second))
        for who, sign in enumerate(signs):
            won[who][first] += (1 + sign) / 2
            won[who][second] += (1 - sign) / 2
    assert {name: tuple(round(by[name] / n, 4) for by in won) for name, n in seen.items()} == {
        "alpaca-13b": (0.2388, 0.2938),
        "claude-v1": (0.7146, 0.6776),
        "gpt-3.5-turbo": (0.6158, 0.6431),
        "gpt-4": (0.8521, 0.7249),
        "llama-13b": (0.1154, 0.1776),
        "vicuna-13b-v1.2": (0.4615, 0.4735),
    }


def test_mt_bench_alpha_is_the_known_one(votes):
    """Nominal, over the 961 items that two or more people judged."""
    units = [[sign for name, given in by.items() if name != "gpt4_pair" for sign in given] for by in votes.values()]
    found = krippendorff_alpha(units)
    assert (found.units, round(found.value, 3)) == (961, 0.485)


def test_mt_bench_twice_changes_nothing(votes, real_data):
    job = take_in(real_data, "mt_bench", "mt_bench_human")
    assert job.counts == {"rows": 5_755, "duplicates": 5_755}
    assert Item.objects.count() == 2_400
    assert Prompt.objects.count() == 160


def test_mt_bench_longer_answers_win_as_often_as_is_known(votes):
    """.692 of people's decisive votes, equal lengths counted half."""
    longer = []
    rows = Judgment.objects.filter(rater__kind="imported").exclude(strength=0)
    for judgment in rows.prefetch_related("item__entries__completion").iterator(chunk_size=400):
        first, second = (len(entry.completion.text) for entry in judgment.item.entries.all())
        longer.append(0.5 + math.copysign(0.5, (first - second) * judgment.strength) * (first != second))
    assert round(sum(longer) / len(longer), 3) == 0.692


@pytest.mark.parametrize(
    ("format", "parts", "counts"),
    [
        ("hh_rlhf", ("hh_harmless",), {
            "rows": 1500, "judgments": 1495,
            "left out: one of the answers is empty": 4,
            "left out: the two conversations differ before the last turn": 1,
        }),
        ("oasst_trees", ("oasst_trees",), {"rows": 100, "judgments": 754, "prompts": 212}),
        ("gsm8k", ("gsm8k", "test.jsonl"), {"rows": 1319, "judgments": 1319, "prompts": 1319}),
        ("gsm8k", ("gsm8k", "example_model_solutions_first300.jsonl"),
         {"rows": 300, "judgments": 1200, "prompts": 300}),
    ],
)  # fmt: skip
def test_other_public_files(project, home, real_data, format, parts, counts):
    job = take_in(real_data, format, *parts)
    assert {key: job.counts.get(key) for key in counts} == counts
    assert (job.state, job.error_count) == ("published", 0)


def test_gsm8k_references_agree_with_the_solutions_that_are_marked_correct(project, home, real_data):
    take_in(real_data, "gsm8k", "gsm8k", "example_model_solutions_first300.jsonl")
    agreed = Counter()
    for judgment in (
        Judgment.objects.select_related("item__prompt")
        .prefetch_related("item__entries__completion")
        .iterator(chunk_size=400)
    ):
        [entry] = judgment.item.entries.all()
        final = entry.completion.text.rpartition("A:")[2].strip().replace(",", "").lstrip("$")
        agreed[(final == judgment.item.prompt.reference) == judgment.value["label"]] += 1
    assert agreed[True] >= 1_190, agreed
