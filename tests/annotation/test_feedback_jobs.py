"""Judging by rules and by speakers of our own: what is recorded; that jobs stop, go on, and lose nothing."""

import json
import math

import pytest

from annotation.errors import Refused
from annotation.judging.asking import Reply
from annotation.models import (
    AuditEntry,
    FeedbackJob,
    FeedbackRow,
    Item,
    Judgment,
    Rater,
)
from annotation.services.feedback import running
from annotation.services.feedback.jobs import cancel_job, request_judging, retry_job
from annotation.services.judges import add_judge_version, create_judge, retire_judge
from annotation.services.snapshots import create_snapshot, freeze
from tests.annotation.speakers import Speaker, nobody, run
from tests.factories import (
    make_constitution,
    make_judge,
    make_pair_item,
    make_prompt,
)

State = FeedbackJob.State


def test_a_rule_judges_in_both_orders_and_becomes_a_rater(project, rita, judged_pairs):
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


def test_a_judge_takes_nobodys_place(project, rita, judged_pairs):
    assert set(Item.objects.values_list("open_slots", flat=True)) == {1}
    run(request_judging(make_judge(project), by=rita))
    assert set(Item.objects.values_list("open_slots", flat=True)) == {1}


def test_a_judge_that_always_says_a_is_found_out(project, rita, judged_pairs):
    version = make_judge(project, rule="shown_first", mode="verdict")
    run(request_judging(version, by=rita))
    version.refresh_from_db()
    assert version.figures["position"]["value"] == 0.5
    assert version.figures["consistency"]["value"] == 0.0
    assert version.figures["ties"] == 40


def test_a_model_is_asked_with_the_principles_drawn_for_the_pair(project, rita, judged_pairs, writer):
    constitution = make_constitution(project, "Choose what is brief.", "Choose what is kind.").versions.get()
    version = make_judge(project, source=writer, mode="letters", constitution=constitution, principles_drawn=1)
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


def test_what_cannot_be_read_is_kept_counted_and_dropped(project, rita, judged_pairs, writer):
    """The judge answers nonsense about half of the judged_pairs, whatever it is asked again."""
    version = make_judge(project, source=writer, mode="verdict")
    readable = {item.prompt.messages[0]["content"] for item in judged_pairs[:20]}

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


def test_asking_again_what_is_missing(project, rita, judged_pairs, writer):
    version = make_judge(project, source=writer, mode="verdict")
    job = request_judging(version, by=rita, most=5)
    run(job, lambda ask: Reply(refused="too long"))
    assert Judgment.objects.filter(rater=version.rater).count() == 0
    retry_job(job, by=rita)
    run(job, lambda ask: Reply(text="[[B]]"))
    assert (job.state, job.done) == (State.DONE, 10)
    assert Judgment.objects.filter(rater=version.rater).count() == 5
    with pytest.raises(Refused, match="nothing to ask again"):
        retry_job(job, by=rita)


def test_a_job_whose_worker_died_goes_on_where_it_was(project, rita, judged_pairs, writer):
    version = make_judge(project, source=writer, mode="verdict")
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


def test_a_second_delivery_does_nothing(project, rita, judged_pairs):
    job = request_judging(make_judge(project), by=rita)
    run(job)
    before = Judgment.objects.count()
    run(job)
    assert Judgment.objects.count() == before


def test_a_cancelled_job_stops_and_keeps_what_it_has(project, rita, judged_pairs, writer):
    version = make_judge(project, source=writer, mode="verdict")
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


def test_a_model_that_is_not_there_fails_the_job_in_words(project, rita, judged_pairs, writer):
    job = request_judging(make_judge(project, source=writer), by=rita)
    run(job)
    assert (job.state, job.error) == (State.FAILED, "tiny is not there.")


def test_a_speaker_that_forgets_somebody_is_not_asked_for_ever(project, rita, judged_pairs, writer):
    class Forgetful(Speaker):
        def answers(self, asks):
            yield [(key, Reply(text="[[A]]")) for key in list(asks)[1:]]

    job = request_judging(make_judge(project, source=writer), by=rita, most=3)
    run(job, speaker=Forgetful(None))
    assert job.rows.filter(state="refused").count() == 1


def test_scores_of_single_answers_become_a_comparison(project, rita, writer):
    for first, second in (("right: 12", "wrong"), ("wrong", "right: 12"), ("wrong", "wrong too")):
        make_pair_item(project, first, second, prompt=make_prompt(project, reference="12"))
    version = make_judge(project, rule="exact", mode="score")
    run(request_judging(version, by=rita))
    judgments = Judgment.objects.filter(rater=version.rater).order_by("item_id")
    assert [row.strength for row in judgments] == [1, -1, 0]
    assert judgments[0].value["scores"][0] > 9


def test_only_pairs_it_has_not_judged_and_somebody_has(project, rita, judged_pairs):
    make_pair_item(project)
    version = make_judge(project)
    assert request_judging(version, by=rita, with_people=True).total == 80
    run(FeedbackJob.objects.get())
    assert request_judging(version, by=rita).total == 2
    run(FeedbackJob.objects.latest("pk"))
    with pytest.raises(Refused, match="no pair here"):
        request_judging(version, by=rita)


def test_a_retired_judge_judges_no_more(project, rita, judged_pairs):
    version = make_judge(project)
    retire_judge(version.judge, by=rita)
    version.judge.refresh_from_db()
    with pytest.raises(Refused, match="retired"):
        request_judging(version, by=rita)


def test_every_version_is_a_rater_of_its_own(project, rita, judged_pairs):
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


def test_a_prompt_without_its_places_is_refused(project, rita, writer):
    with pytest.raises(Refused, match=r"no \{answer_b\}"):
        create_judge(project, by=rita, name="x", source=writer, mode="letters", template="{answer_a}?")


def test_rows_and_prompts_stay_few_queries(project, rita, judged_pairs, django_assert_max_num_queries):
    job = request_judging(make_judge(project, rule="shorter", mode="letters"), by=rita)
    with django_assert_max_num_queries(60):
        running.run(job.pk, speaker_of=nobody)
    assert FeedbackRow.objects.filter(state="done").count() == 80


def test_soft_labels_become_weighted_rows(project, rita, judged_pairs, home):
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
