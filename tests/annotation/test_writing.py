"""Demonstrations and edits: reading an answer, its words, what it becomes, and the completion it leaves."""

from collections import Counter
from types import SimpleNamespace
from uuid import uuid4

import pytest

from annotation.errors import Refused
from annotation.interfaces import demonstration, edit
from annotation.interfaces.answers import Facts, InvalidAnswer, read_answer
from annotation.interfaces.writing import TEXT_LIMIT
from annotation.models import Assignment, Completion, Judgment, Rater, Sitting
from annotation.policy import Policy, Said
from annotation.services.items import create_items
from annotation.services.judgments import Given, record_judgments
from annotation.services.labelling import hand_out, submit, withdraw
from annotation.services.leases import DRAFT_LIMIT, heartbeat
from annotation.services.sittings import close_idle, end_sitting
from annotation.services.written import keep_written
from annotation.snapshot_format import text_digest
from annotation.snapshot_rows import Rows
from tests.factories import make_completion, make_prompt, make_task


def read(way, text, before="It rains.", **settings):
    facts = Facts([0], lambda: [before])
    return read_answer(way, {"outcome": "answer", "text": text}, way.settings(settings), facts).given["text"]


@pytest.mark.parametrize("way", [demonstration, edit])
def test_a_text_is_cleaned(way):
    assert read(way, " It\x00 shines.\r\nYes.\r\n") == "It shines.\nYes."


@pytest.mark.parametrize(
    ("way", "text", "words"),
    [
        (demonstration, " \n", "Nothing is written yet"),
        (demonstration, None, "Nothing is written yet"),
        (demonstration, "two words", "asks for 3 words or more; this has 2"),
        (edit, "It rains.\r\n", "Nothing was changed"),
        (edit, "", "Nothing is written yet"),
        (edit, "x " * TEXT_LIMIT, "50,000 fit"),
    ],
)
def test_what_does_not_fit_is_named(way, text, words):
    with pytest.raises(InvalidAnswer, match=words) as caught:
        read(way, text, least_words=3 if "asks" in words else 1)
    assert [problem["path"] for problem in caught.value.problems] == ["text"]


def said(text: str = "New.", outcome: str = "answer", number: int = 1) -> Said:
    return Said(number, 1, outcome, None, None, value={"text": text} if text else {"demonstration": True})


def rows(way, format: str, *voices: Said, **policy) -> tuple[list, dict]:
    left_out = Counter()
    return way.plans(format, Policy(**policy), voices, left_out), dict(left_out)


def written(format: str, plan) -> dict:
    prompt = SimpleNamespace(messages=[{"role": "user", "content": "Why?"}])
    return Rows(format, Policy(), "salt", None).written(prompt, [SimpleNamespace(text="Old.")], plan)


def test_a_demonstration_becomes_rows():
    for format in ("prompt_completion", "unpaired_preference"):
        [plan], _ = rows(demonstration, format, said())
        row = written(format, plan)
        assert row["completion"] == [{"role": "assistant", "content": "New."}]
        assert row.get("label", True) is True
    assert rows(demonstration, "preference", said()) == ([], {"other_format": 1})
    [plan], _ = rows(demonstration, "prompt_completion", said(""))
    assert written("prompt_completion", plan)["completion"][0]["content"] == "Old."


def test_an_edit_becomes_rows():
    [plan], _ = rows(edit, "preference", said(), edit_margin=1.5)
    row = written("preference", plan)
    assert [row[name][0]["content"] for name in ("chosen", "rejected")] == ["New.", "Old."]
    assert row["margin"] == 1.5
    assert rows(edit, "preference", said(), margins="none")[0][0].margin == 0
    [plan], _ = rows(edit, "ranked", said())
    row = written("ranked", plan)
    assert [[turn["content"] for turn in turns] for turns in row["completions"]] == [["New."], ["Old."]]
    assert row["ranks"] == [1, 2]
    thumbs = [written("unpaired_preference", plan) for plan in rows(edit, "unpaired_preference", said())[0]]
    assert [(row["completion"][0]["content"], row["label"]) for row in thumbs] == [("New.", True), ("Old.", False)]
    [plan], _ = rows(edit, "prompt_completion", said(), said(outcome="skip"))
    assert written("prompt_completion", plan)["completion"][0]["content"] == "New."
    assert rows(edit, "rated", said()) == ([], {"other_format": 1})


def test_sentences():
    assert demonstration.sentence("answer", {"text": "one two"}) == "Wrote 2 words"
    assert edit.sentence("answer", {"text": "one"}) == "Edited to 1 word"
    assert edit.sentence("skip", {}) == "Skipped"


@pytest.fixture
def bench(project, bob):
    """`bench(kind)` hands bob an item of a task of this kind, and says who, what and how to answer it."""

    def made(kind: str):
        task = make_task(project, interface=kind)
        prompts = [make_prompt(project, f"Question {number}?") for number in range(3)]
        rows = [(prompt, [make_completion(prompt, "Old.")] if kind == "edit" else []) for prompt in prompts]
        create_items(project, rows=rows, queue=task.queue)
        lease = hand_out(project, by=bob, queue=task.queue).lease

        def give(text: str, **more):
            payload = {"outcome": "answer", "text": text}
            return submit(project, by=bob, token=lease.token, submission=uuid4(), payload=payload, **more).judgment

        return SimpleNamespace(task=task, lease=lease, give=give)

    return made


@pytest.mark.django_db
class TestCompletions:
    @pytest.mark.parametrize("kind", ["demonstration", "edit"])
    def test_a_text_becomes_a_completion_when_the_sitting_ends(self, project, bob, bench, kind):
        here = bench(kind)
        judgment = here.give("New and longer.")
        assert not Completion.objects.filter(text="New and longer.").exists()
        end_sitting(project, by=bob, queue=here.task.queue)
        made = Completion.objects.get(text="New and longer.")
        rater = Rater.objects.get(user=bob)
        assert (made.source.kind, made.source.name) == ("person", f"annotator {rater.pk:02d}")
        assert made.prompt == judgment.item.prompt
        assert made.sampling == {"judgment": judgment.pk}
        assert made.digest == text_digest("New and longer.")
        assert (made.improves.text if made.improves else None) == ("Old." if kind == "edit" else None)
        assert keep_written(project, sittings=[judgment.sitting]) == 1
        assert Completion.objects.filter(text="New and longer.").count() == 1

    def test_it_is_the_text_that_stands(self, project, bob, bench):
        here = bench("demonstration")
        here.give("First.")
        here.give("Second.", change=True)
        end_sitting(project, by=bob, queue=here.task.queue)
        assert list(Completion.objects.values_list("text", flat=True)) == ["Second."]

    def test_what_was_withdrawn_leaves_nothing_but_its_draft(self, project, bob, bench):
        here = bench("edit")
        here.give("New.")
        withdraw(project, by=bob, token=here.lease.token, submission=uuid4())
        assert Assignment.objects.get(pk=here.lease.pk).draft == {"text": "New."}
        end_sitting(project, by=bob, queue=here.task.queue)
        assert not Completion.objects.filter(text="New.").exists()

    def test_a_sitting_that_was_left_alone_ends_the_same(self, project, bob, bench):
        from datetime import timedelta

        from django.utils import timezone

        bench("demonstration").give("New.")
        Sitting.objects.update(last_seen_at=timezone.now() - timedelta(hours=1))
        assert close_idle()[0] == 1
        assert Completion.objects.filter(text="New.").exists()

    def test_recorded_texts_are_completions_too(self, project):
        task = make_task(project, interface="edit")
        prompt = make_prompt(project)
        [item] = create_items(project, rows=[(prompt, [make_completion(prompt, "Old.")])], queue=task.queue)
        given = Given(item=item, rater="sim", value={"text": "New."}, shown_order=(0,))
        record_judgments(
            project, judgments=[given], origin="simulated", rater_kind="simulated", queue=task.queue, kind="edit"
        )
        made = Completion.objects.get(text="New.")
        assert (made.source.kind, made.improves.text) == ("simulated", "Old.")

    def test_an_unchanged_edit_is_refused_and_writes_nothing(self, bench):
        with pytest.raises(Refused, match="Nothing was changed"):
            bench("edit").give("Old.\n")
        assert not Judgment.objects.exists()

    def test_long_drafts_are_kept(self, project, bob, bench):
        here = bench("demonstration")
        text = "ü" * TEXT_LIMIT
        assert (
            heartbeat(project, by=bob, token=here.lease.token, draft={"text": text, "comment": "c" * 10_000}) == "held"
        )
        with pytest.raises(Refused, match="100,000"):
            heartbeat(project, by=bob, token=here.lease.token, draft={"text": "x" * DRAFT_LIMIT})
