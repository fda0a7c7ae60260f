"""Chains, deliberation, debates and found principles: what is asked, kept, and made of it."""

import pytest

from annotation.errors import Refused
from annotation.judging.asking import Reply
from annotation.models import (
    Completion,
    Constitution,
    FeedbackJob,
    Item,
)
from annotation.services.constitutions import create_constitution
from annotation.services.feedback import critiquing, debating, deliberating, inverting
from annotation.services.snapshots import create_snapshot, freeze
from tests.annotation.speakers import run, written
from tests.factories import (
    make_constitution,
    make_judge,
    make_project,
    make_prompt,
)

State = FeedbackJob.State


def chained(project, rita, writer, **options):
    for number in range(5):
        make_prompt(project, f"Question {number}?", prompt_set="red")
    constitution = make_constitution(project, "Be brief.", "Be kind.").versions.get()
    return critiquing.request_chains(
        project, by=rita, writer=writer, constitution=constitution, prompt_set="red", **options
    )


def test_chains_are_kept_and_become_demonstrations(project, rita, writer, home):
    job = chained(project, rita, writer, revisions=2)
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


def test_every_revision_may_be_kept(project, rita, writer):
    job = chained(project, rita, writer, revisions=2, kept="all")
    run(job, lambda ask: written(ask))
    assert Item.objects.filter(interface="demonstration").count() == 10


def test_an_empty_answer_ends_a_chain(project, rita, writer):
    job = chained(project, rita, writer)
    run(job, lambda ask: Reply(text=" "))
    assert job.rows.filter(state="refused").count() == 5
    assert not Completion.objects.exists()


def test_deliberation_keeps_what_is_rated_well_without_the_specification(project, rita, writer):
    for category in ("harm", "help"):
        make_prompt(project, f"About {category}?", prompt_set="red", category=category)
    rows = [
        {"text": "Refuse what harms others politely.", "tags": "harm"},
        {"text": "Answer in full what is asked.", "tags": "help"},
    ]
    constitution = create_constitution(project, by=rita, name="spec", rows=rows).versions.get()
    judge = make_judge(project, source=writer, mode="rating")
    job = deliberating.request_deliberation(
        project, by=rita, writer=writer, judge=judge, constitution=constitution, prompt_set="red", runs=2, threshold=7
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


def test_debates_say_what_they_add(project, rita, judged_pairs, writer):
    """Without a debate the judge guesses A; after it, it believes whoever speaks for what people preferred."""
    judge = make_judge(project, source=writer, mode="letters")
    job = debating.request_debates(project, by=rita, writer=writer, judge=judge, most=40, rounds=1)
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


def test_rules_find_what_people_go_by(project, rita, judged_pairs):
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


def test_a_model_proposes_and_votes(project, rita, judged_pairs, writer):
    job = inverting.request_inverse(project, by=rita, writer=writer, most=16, clusters=2)

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


def test_nothing_found_makes_no_constitution(project, rita, judged_pairs, writer):
    job = inverting.request_inverse(project, by=rita, writer=writer, most=16)
    run(job, lambda ask: Reply(text="I do not know."))
    assert job.figures == {"proposed": 0, "principles": []}
    with pytest.raises(Refused, match="No principle was kept"):
        inverting.make_constitution(job, by=rita, name="none")
    assert not Constitution.objects.exists()


def test_too_little_to_explain_is_refused(project, rita):
    with pytest.raises(Refused, match="fewer than 8"):
        inverting.request_inverse(project, by=rita)


def test_another_projects_writer_is_refused(project, rita, writer):
    other = make_project(by=rita)
    make_prompt(other, prompt_set="red")
    with pytest.raises(Refused, match="of this project"):
        critiquing.request_chains(
            other,
            by=rita,
            writer=writer,
            constitution=make_constitution(other).versions.get(),
            prompt_set="red",
        )
