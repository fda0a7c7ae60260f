"""Feedback jobs by rules and by speakers of our own: what they record, that they stop, go on, and lose nothing."""

import json
import math

import pytest
from django.utils import timezone

from annotation.endpoints import Token
from annotation.errors import Refused
from annotation.judging.asking import Reply, SpeakerFailed
from annotation.models import (
    AuditEntry,
    Completion,
    Constitution,
    FeedbackJob,
    FeedbackRow,
    Item,
    Judgment,
    Rater,
    Source,
)
from annotation.services.constitutions import create_constitution
from annotation.services.endpoint_speaking import EndpointSpeaker, options_among
from annotation.services.feedback import critiquing, debating, deliberating, inverting, running
from annotation.services.feedback.jobs import cancel_job, request_judging, retry_job
from annotation.services.judges import add_judge_version, create_judge, retire_judge
from annotation.services.snapshots import create_snapshot, freeze
from tests.factories import (
    make_constitution,
    make_endpoint,
    make_judge,
    make_judgment,
    make_pair_item,
    make_project,
    make_prompt,
    make_rater,
    make_source,
)

State = FeedbackJob.State


class Speaker:
    """Says what `say(ask)` says, in batches; keeps what it was asked."""

    def __init__(self, say, batch: int = 7):
        self.say, self.batch, self.asked = say, batch, []

    def answers(self, asks):
        yield []
        keys = list(asks)
        for at in range(0, len(keys), self.batch):
            self.asked += [asks[key] for key in keys[at : at + self.batch]]
            yield [(key, self.say(asks[key])) for key in keys[at : at + self.batch]]


def nobody(source, sampling):
    raise SpeakerFailed(f"{source.name} is not there.")


def run(job, say=None, speaker=None):
    speaker = speaker or (Speaker(say) if say else None)
    running.run(job.pk, speaker_of=(lambda source, sampling: speaker) if speaker else nobody)
    job.refresh_from_db()
    return speaker


@pytest.fixture
def model(project):
    return make_source(project, kind=Source.Kind.MODEL, key="checkpoint:x", name="tiny")


@pytest.fixture
def pairs(project):
    """Forty pairs; three people prefer the shorter answer, which is the first of every even one."""
    people = [make_rater(project, name=f"person {n}", kind=Rater.Kind.IMPORTED) for n in range(3)]
    items = []
    for number in range(40):
        texts = ["short", "a much longer answer"]
        first, second = texts if number % 2 == 0 else reversed(texts)
        items.append(make_pair_item(project, first, second, overlap=4))
        for person in people:
            make_judgment(items[-1], rater=person, strength=1 if number % 2 == 0 else -1, scale=3)
    return items


def test_a_rule_judges_in_both_orders_and_becomes_a_rater(project, rita, pairs):
    version = make_judge(project, rule="shorter", mode="letters")
    job = request_judging(version, by=rita)
    assert (job.total, job.rows.count()) == (80, 80)
    run(job)
    assert (job.state, job.done, job.error) == (State.DONE, 80, "")
    judgments = Judgment.objects.filter(rater=version.rater).order_by("item_id")
    assert [row.strength for row in judgments] == [1, -1] * 20
    assert {row.rater.kind for row in judgments} == {Rater.Kind.JUDGE}
    first = judgments[0]
    assert first.value["soft"] == pytest.approx(0.98)
    assert first.value["orders"] == pytest.approx([0.98, 0.98])
    assert (first.scale, first.origin, first.revisions.count()) == (3, "judge", 1)
    assert first.sitting.ended_at is not None
    assert (first.shown_order, first.shown_value) == ([], {})  # neither stood left
    version.refresh_from_db()
    figures = version.figures
    assert figures["agreement"]["value"] == 1.0
    assert figures["agreement"]["n"] == 120
    assert (figures["consistency"]["value"], figures["position"]["value"]) == (1.0, 0.0)
    assert (figures["length"]["value"], figures["length_people"]["value"]) == (0.0, 0.0)
    assert (figures["pairs"], figures["dropped"], figures["simulated"]) == (40, 0, False)


def test_a_judge_takes_nobodys_place(project, rita, pairs):
    assert set(Item.objects.values_list("open_slots", flat=True)) == {1}
    run(request_judging(make_judge(project), by=rita))
    assert set(Item.objects.values_list("open_slots", flat=True)) == {1}


def test_a_judge_that_always_says_a_is_found_out(project, rita, pairs):
    version = make_judge(project, rule="shown_first", mode="verdict")
    run(request_judging(version, by=rita))
    version.refresh_from_db()
    assert version.figures["position"]["value"] == 0.5
    assert version.figures["consistency"]["value"] == 0.0
    assert version.figures["ties"] == 40


def test_a_model_is_asked_with_the_principles_drawn_for_the_pair(project, rita, pairs, model):
    constitution = make_constitution(project, "Choose what is brief.", "Choose what is kind.").versions.get()
    version = make_judge(project, source=model, mode="letters", constitution=constitution, principles_drawn=1)
    speaker = run(
        request_judging(version, by=rita, most=10), lambda ask: Reply(logprobs={"A": math.log(0.7), "B": math.log(0.3)})
    )
    texts = [ask.messages[-1]["content"] for ask in speaker.asked]
    assert len(texts) == 20
    assert all(text.count("Choose what is") == 1 for text in texts)
    assert {("brief" in text) for text in texts} == {True, False}
    judgments = Judgment.objects.filter(rater=version.rater)
    assert {row.strength for row in judgments} == {0}  # .7 for whatever stands first: no side
    assert {row.value["soft"] for row in judgments} == {0.5}


def test_what_cannot_be_read_is_kept_counted_and_dropped(project, rita, pairs, model):
    """The judge answers nonsense about half of the pairs, whatever it is asked again."""
    version = make_judge(project, source=model, mode="verdict")
    readable = {item.prompt.messages[0]["content"] for item in pairs[:20]}

    def say(ask):
        return Reply(text="[[A]]" if ask.case.question in readable else "hm")

    job = request_judging(version, by=rita)
    speaker = run(job, say)
    assert job.state == State.DONE
    assert job.rows.filter(state="unread").count() == 40
    assert len(speaker.asked) == 40 + 3 * 40
    row = job.rows.filter(state="unread").first()
    assert [one["text"] for one in row.steps] == ["hm"] * 3
    assert Judgment.objects.filter(rater=version.rater).count() == 20
    version.refresh_from_db()
    assert (version.figures["unread"], version.figures["dropped"], version.figures["pairs"]) == (40, 20, 20)


def test_asking_again_what_is_missing(project, rita, pairs, model):
    version = make_judge(project, source=model, mode="verdict")
    job = request_judging(version, by=rita, most=5)
    run(job, lambda ask: Reply(refused="too long"))
    assert Judgment.objects.filter(rater=version.rater).count() == 0
    retry_job(job, by=rita)
    run(job, lambda ask: Reply(text="[[B]]"))
    assert (job.state, job.done) == (State.DONE, 10)
    assert Judgment.objects.filter(rater=version.rater).count() == 5
    with pytest.raises(Refused, match="nothing to ask again"):
        retry_job(job, by=rita)


def test_a_job_whose_worker_died_goes_on_where_it_was(project, rita, pairs, model):
    version = make_judge(project, source=model, mode="verdict")
    job = request_judging(version, by=rita)

    class Died(Exception):
        pass

    def dies(ask):
        if len(speaker.asked) > 30:
            raise Died
        return Reply(text="[[A]]")

    speaker = Speaker(dies)
    with pytest.raises(Died):
        run(job, speaker=speaker)
    job.refresh_from_db()
    assert job.state == State.FAILED
    retry_job(job, by=rita)
    again = run(job, lambda ask: Reply(text="[[A]]"))
    assert job.state == State.DONE
    assert len(again.asked) == 80 - 28  # four whole batches of seven were kept
    assert Judgment.objects.filter(rater=version.rater).count() == 40


def test_a_second_delivery_does_nothing(project, rita, pairs):
    job = request_judging(make_judge(project), by=rita)
    run(job)
    before = Judgment.objects.count()
    run(job)
    assert Judgment.objects.count() == before


def test_a_cancelled_job_stops_and_keeps_what_it_has(project, rita, pairs, model):
    version = make_judge(project, source=model, mode="verdict")
    job = request_judging(version, by=rita)

    def say(ask):
        if len(speaker.asked) == 21 and not cancelled:
            cancelled.append(cancel_job(FeedbackJob.objects.get(pk=job.pk), by=rita))
        return Reply(text="[[A]]")

    speaker, cancelled = Speaker(say), []
    run(job, speaker=speaker)
    assert job.state == State.CANCELLED
    assert len(speaker.asked) == 21
    with pytest.raises(Refused, match="ended already"):
        cancel_job(job, by=rita)


def test_a_model_that_is_not_there_fails_the_job_in_words(project, rita, pairs, model):
    job = request_judging(make_judge(project, source=model), by=rita)
    run(job)
    assert (job.state, job.error) == (State.FAILED, "tiny is not there.")


def test_a_speaker_that_forgets_somebody_is_not_asked_for_ever(project, rita, pairs, model):
    class Forgetful(Speaker):
        def answers(self, asks):
            yield [(key, Reply(text="[[A]]")) for key in list(asks)[1:]]

    job = request_judging(make_judge(project, source=model), by=rita, most=3)
    run(job, speaker=Forgetful(None))
    assert job.rows.filter(state="refused").count() == 1


def test_scores_of_single_answers_become_a_comparison(project, rita, model):
    for first, second in (("right: 12", "wrong"), ("wrong", "right: 12"), ("wrong", "wrong too")):
        make_pair_item(project, first, second, prompt=make_prompt(project, reference="12"))
    version = make_judge(project, rule="exact", mode="score")
    run(request_judging(version, by=rita))
    judgments = Judgment.objects.filter(rater=version.rater).order_by("item_id")
    assert [row.strength for row in judgments] == [1, -1, 0]
    assert judgments[0].value["scores"][0] > 9


def test_only_pairs_it_has_not_judged_and_somebody_has(project, rita, pairs):
    make_pair_item(project)
    version = make_judge(project)
    assert request_judging(version, by=rita, with_people=True).total == 80
    run(FeedbackJob.objects.get())
    assert request_judging(version, by=rita).total == 2
    run(FeedbackJob.objects.latest("pk"))
    with pytest.raises(Refused, match="no pair here"):
        request_judging(version, by=rita)


def test_a_retired_judge_judges_no_more(project, rita, pairs):
    version = make_judge(project)
    retire_judge(version.judge, by=rita)
    version.judge.refresh_from_db()
    with pytest.raises(Refused, match="retired"):
        request_judging(version, by=rita)


def test_every_version_is_a_rater_of_its_own(project, rita, pairs):
    version = make_judge(project, rule="shorter", name="brief")
    newer = add_judge_version(version.judge, by=rita, rule="longer", mode="letters")
    assert (newer.number, newer.rater.name) == (2, "brief, version 2")
    run(request_judging(version, by=rita))
    assert request_judging(newer, by=rita).total == 80
    assert AuditEntry.objects.filter(action="judge.version").count() == 1


@pytest.mark.parametrize(
    ("how", "path"),
    [
        ({"mode": "shout", "rule": "longer"}, "mode"),
        ({"mode": "letters"}, "source"),
        ({"mode": "letters", "rule": "taller"}, "rule"),
        ({"mode": "score", "rule": "longer"}, "mode"),
        ({"mode": "letters", "rule": "keywords"}, "keywords"),
        ({"mode": "letters", "rule": "longer", "combine": "coin"}, "combine"),
        ({"mode": "letters", "rule": "longer", "options": {"max_new_tokens": 0}}, "max_new_tokens"),
    ],
)
def test_a_judge_that_cannot_be_is_refused_in_words(project, rita, how, path):
    with pytest.raises(Refused) as refused:
        create_judge(project, by=rita, name="x", **how)
    assert path in [problem["path"] for problem in refused.value.problems]
    assert not Rater.objects.filter(kind="judge").exists()


def test_a_prompt_without_its_places_is_refused(project, rita, model):
    with pytest.raises(Refused, match=r"no \{answer_b\}"):
        create_judge(project, by=rita, name="x", source=model, mode="letters", template="{answer_a}?")


def chained(project, rita, model, **options):
    for number in range(5):
        make_prompt(project, f"Question {number}?", prompt_set="red")
    constitution = make_constitution(project, "Be brief.", "Be kind.").versions.get()
    return critiquing.request_chains(
        project, by=rita, writer=model, constitution=constitution, prompt_set="red", **options
    )


def written(ask):
    """An answer, a critique, or the answer with a mark."""
    last = ask.messages[-1]["content"]
    if last.startswith("Question"):
        return Reply(text=f"answer to {last}")
    if last.startswith("Name, specifically"):
        return Reply(text="it is long")
    return Reply(text=ask.messages[-4]["content"] + " [revised]")


def test_chains_are_kept_and_become_demonstrations(project, rita, model, home):
    job = chained(project, rita, model, revisions=2)
    run(job, lambda ask: written(ask))
    assert (job.state, job.done) == (State.DONE, 5)
    row = job.rows.first()
    assert [one["kind"] for one in row.steps] == ["answer", "critique", "revision", "critique", "revision"]
    last = Completion.objects.get(text="answer to Question 0? [revised] [revised]")
    assert last.improves.text == "answer to Question 0? [revised]"
    assert last.improves.improves.text == "answer to Question 0?"
    assert last.improves.improves.improves is None
    snapshot = create_snapshot(
        project,
        by=rita,
        name="sl",
        format="prompt_completion",
        filters={"rater_kinds": ["judge"], "origins": ["judge"]},
    )
    freeze(snapshot.pk)
    snapshot.refresh_from_db()
    assert (snapshot.state, snapshot.row_count) == ("frozen", 5)
    texts = "".join(path.read_text() for path in home.glob("snapshots/*/*.jsonl") if "lineage" not in path.name)
    assert texts.count("[revised] [revised]") == 5
    assert "it is long" not in texts


def test_every_revision_may_be_kept(project, rita, model):
    job = chained(project, rita, model, revisions=2, kept="all")
    run(job, lambda ask: written(ask))
    assert Item.objects.filter(interface="demonstration").count() == 10


def test_an_empty_answer_ends_a_chain(project, rita, model):
    job = chained(project, rita, model)
    run(job, lambda ask: Reply(text=" "))
    assert job.rows.filter(state="refused").count() == 5
    assert not Completion.objects.exists()


def test_deliberation_keeps_what_is_rated_well_without_the_specification(project, rita, model):
    for category in ("harm", "help"):
        make_prompt(project, f"About {category}?", prompt_set="red", category=category)
    rows = [
        {"text": "Refuse what harms others politely.", "tags": "harm"},
        {"text": "Answer in full what is asked.", "tags": "help"},
    ]
    constitution = create_constitution(project, by=rita, name="spec", rows=rows).versions.get()
    judge = make_judge(project, source=model, mode="rating")
    job = deliberating.request_deliberation(
        project, by=rita, writer=model, judge=judge, constitution=constitution, prompt_set="red", runs=2, threshold=7
    )

    def say(ask):
        if ask.who == "writer":
            spec = ask.messages[0]["content"]
            assert ("Refuse what harms" in spec) != ("Answer in full" in spec)
            return Reply(text="<think>Refuse what harms others politely, it says.</think>No.")
        return Reply(text="[[9]]" if "About harm?" in ask.messages[-1]["content"] else "[[5]]")

    run(job, say)
    assert job.state == State.DONE
    assert (job.figures["kept"], job.figures["rated"], job.figures["citing"]["n"]) == (1, 2, 2)
    [kept] = Completion.objects.all()
    assert kept.text.startswith("<think>\nRefuse")
    assert kept.prompt.messages == [{"role": "user", "content": "About harm?"}]


def test_debates_say_what_they_add(project, rita, pairs, model):
    """Without a debate the judge guesses A; after it, it believes whoever speaks for what people preferred."""
    judge = make_judge(project, source=model, mode="letters")
    job = debating.request_debates(project, by=rita, writer=model, judge=judge, most=40, rounds=1)
    assert job.total == 80

    def say(ask):
        if ask.who == "writer":
            return Reply(text="speech")
        text = ask.messages[-1]["content"]
        right = "A" if "[Debate]" not in text or "[Answer A]\nshort" in text else "B"
        return Reply(logprobs={one: -0.1 if one == right else -3.0 for one in "AB"})

    run(job, say)
    figures = job.figures
    assert (figures["pairs"], figures["with"]["value"], figures["without"]["value"]) == (40, 1.0, 0.5)
    assert (figures["first_speaker"]["value"], figures["first_speaker"]["n"]) == (0.5, 80)
    assert [one["kind"] for one in job.rows.first().steps] == ["verdict", "speech", "speech", "verdict"]


def test_rules_find_what_people_go_by(project, rita, pairs):
    job = inverting.request_inverse(project, by=rita, most=40, kept=1)
    run(job)
    assert job.state == State.DONE
    best = job.figures["principles"][0]
    assert (best["text"], best["accuracy"], best["relevance"], best["kept"]) == (
        "Select the response that is shorter.",
        1.0,
        1.0,
        True,
    )
    assert job.figures["reconstruction"]["n"] == 10
    assert best["interval"][0] == pytest.approx(30 / (30 + 1.959964**2))
    constitution = inverting.make_constitution(job, by=rita, name="found")
    [principle] = constitution.versions.get().read
    assert (principle.text, principle.weight) == (best["text"], 1.0)


def test_a_model_proposes_and_votes(project, rita, pairs, model):
    job = inverting.request_inverse(project, by=rita, writer=model, most=16, clusters=2)

    def say(ask):
        if not ask.options:
            return Reply(text="- Select the response that is brief.\n- Select the response that is blue.")
        shorter = "A" if len(ask.case.first) < len(ask.case.second) else "B"
        letter = shorter if "brief" in ask.case.principle else "N"
        return Reply(logprobs={one: 0.0 if one == letter else -9.0 for one in "ABN"})

    run(job, say)
    kept = [one["text"] for one in job.figures["principles"] if one["kept"]]
    assert kept == ["Select the response that is brief."]
    assert job.rows.filter(part="vote").count() == 16


def test_nothing_found_makes_no_constitution(project, rita, pairs, model):
    job = inverting.request_inverse(project, by=rita, writer=model, most=16)
    run(job, lambda ask: Reply(text="I do not know."))
    assert job.figures == {"proposed": 0, "principles": []}
    with pytest.raises(Refused, match="No principle was kept"):
        inverting.make_constitution(job, by=rita, name="none")
    assert not Constitution.objects.exists()


def test_too_little_to_explain_is_refused(project, rita):
    with pytest.raises(Refused, match="fewer than 8"):
        inverting.request_inverse(project, by=rita)


def test_another_projects_writer_is_refused(project, rita, model):
    other = make_project(by=rita)
    make_prompt(other, prompt_set="red")
    with pytest.raises(Refused, match="of this project"):
        critiquing.request_chains(
            other,
            by=rita,
            writer=model,
            constitution=make_constitution(other).versions.get(),
            prompt_set="red",
        )


def test_rows_and_prompts_stay_few_queries(project, rita, pairs, django_assert_max_num_queries):
    job = request_judging(make_judge(project, rule="shorter", mode="letters"), by=rita)
    with django_assert_max_num_queries(60):
        running.run(job.pk, speaker_of=nobody)
    assert FeedbackRow.objects.filter(state="done").count() == 80


def test_soft_labels_become_weighted_rows(project, rita, pairs, home):
    version = make_judge(project, rule="shorter", mode="letters")
    run(request_judging(version, by=rita, most=10))
    filters = {"rater_kinds": ["judge"], "origins": ["judge"]}
    snapshot = create_snapshot(
        project, by=rita, name="soft", format="preference", filters=filters, policy={"soft": "weights"}
    )
    freeze(snapshot.pk)
    snapshot.refresh_from_db()
    assert (snapshot.state, snapshot.row_count) == ("frozen", 20)
    lines = [line for path in home.glob("snapshots/*/*.jsonl") for line in path.read_text().splitlines()]
    rows = [row for line in lines if "chosen" in (row := json.loads(line))]
    weights = {(row["chosen"][0]["content"], round(row["weight"], 6)) for row in rows}
    assert weights == {("short", 0.98), ("a much longer answer", 0.02)}
    assert {row["margin"] for row in rows} == {0.0}


def test_an_endpoint_judges_by_log_probabilities(project, rita, pairs, endpoint_server):
    """A real server of the protocol: A at -0.25 and B at -1.5, whatever stands there."""
    endpoint = make_endpoint(project, base_url=endpoint_server.base_url, model="judge")
    version = make_judge(project, source=endpoint.source, mode="letters")
    job = request_judging(version, by=rita, most=6)
    running.run(job.pk, speaker_of=EndpointSpeaker.of)
    job.refresh_from_db()
    assert (job.state, job.error) == (State.DONE, "")
    share = 1 / (1 + math.exp(-1.25))
    assert {round(row.value, 6) for row in job.rows.filter(place=0)} == {round(share, 6)}
    assert {round(row.value, 6) for row in job.rows.filter(place=1)} == {round(1 - share, 6)}
    asked = endpoint_server.asked[0]
    assert (asked["logprobs"], asked["top_logprobs"], asked["max_tokens"]) == (True, 20, 1)


@pytest.mark.parametrize(
    ("model", "mode", "state", "words"),
    [
        ("steady", "letters", "refused", "gives no log-probabilities"),
        ("steady", "verdict", "unread", ""),
        ("picky", "verdict", "refused", "breaks our rules"),
    ],
)
def test_what_an_endpoint_may_do_wrong_is_kept_with_the_row(
    project, rita, pairs, endpoint_server, model, mode, state, words
):
    endpoint = make_endpoint(project, base_url=endpoint_server.base_url, model=model)
    version = make_judge(project, source=endpoint.source, mode=mode, template="{answer_a} {answer_b}")
    job = request_judging(version, by=rita, most=2)
    running.run(job.pk, speaker_of=EndpointSpeaker.of)
    rows = list(job.rows.all())
    assert {row.state for row in rows} == {state}
    assert all(words in row.result.get("why", "") for row in rows)
    if state == "unread":
        asked = endpoint_server.asked
        assert len(asked) == 3 * 4
        assert sorted({row["temperature"] for row in asked}) == [0.0, 0.7]


@pytest.mark.parametrize(("model", "words"), [("denied", "refuses the key"), ("elsewhere", "redirects")])
def test_what_every_row_would_meet_fails_the_job(project, rita, pairs, endpoint_server, model, words):
    endpoint = make_endpoint(project, base_url=endpoint_server.base_url, model=model)
    job = request_judging(make_judge(project, source=endpoint.source), by=rita, most=3)
    running.run(job.pk, speaker_of=EndpointSpeaker.of)
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert words in job.error


def test_a_retired_endpoint_answers_nothing(project, rita, pairs):
    endpoint = make_endpoint(project, retired_at=timezone.now())
    job = request_judging(make_judge(project, source=endpoint.source), by=rita, most=3)
    running.run(job.pk, speaker_of=EndpointSpeaker.of)
    job.refresh_from_db()
    assert "is retired" in job.error


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ((("A", -1.0), ("B", -2.0)), {"A": -1.0, "B": -2.0}),
        (((" A", -1.0), ("A", -1.0), ("The", -3.0)), {"A": -1.0 + math.log(2), "B": -3.0}),
        ((("The", -0.1),), {}),
    ],
)
def test_options_among_the_likeliest_tokens(top, expected):
    assert options_among(Token("A", -1.0, top), ("A", "B")) == pytest.approx(expected)
