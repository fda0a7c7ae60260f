"""Judgments recorded in bulk: imports and simulations."""

import time

import pytest
from django.utils import timezone

from annotation.models import Item, Judgment, JudgmentRevision, Rater, Sitting
from annotation.services.items import create_items
from annotation.services.judgments import Given, record_judgments
from tests.factories import make_completion, make_pair_item, make_prompt

pytestmark = pytest.mark.django_db


def record(project, judgments, **fields):
    values = {"origin": "import", "rater_kind": Rater.Kind.IMPORTED}
    return record_judgments(project, judgments=judgments, **values | fields)


def test_a_judgment_is_written_whole(project):
    item, then = make_pair_item(project), timezone.now()
    given = Given(item, "expert_17", strength=-3, scale=8, shown_order=(1, 0), comment="runs", judged_at=then)
    record(project, [given], names={"expert_17": "Expert 17"})
    judgment = Judgment.objects.get()
    assert (judgment.strength, judgment.scale, judgment.shown_order) == (-3, 8, [1, 0])
    assert judgment.value == {"scale": 8, "strength": -3, "preferred": 1}
    # The second completion stood left, so "second better" was the second cell from the left.
    assert judgment.shown_value == {"grade": 2, "scale": 8}
    assert (judgment.judged_at, judgment.comment, judgment.origin) == (then, "runs", "import")
    assert judgment.sitting.ended_at is not None
    assert (judgment.rater.name, judgment.rater.kind, judgment.rater.user) == ("Expert 17", "imported", None)
    revision = JudgmentRevision.objects.get()
    assert (revision.number, revision.kind, revision.payload["strength"]) == (1, "give", -3)


def test_it_counts_towards_the_overlap(project):
    item = make_pair_item(project, overlap=2)
    record(project, [Given(item, "a", strength=1, scale=2)])
    assert Item.objects.get().open_slots == 1
    record(project, [Given(item, "b", outcome="both_bad"), Given(item, "b", strength=1, scale=2)])
    assert Item.objects.get().open_slots == 0


def test_chunks_of_one_import_share_sittings_and_raters(project):
    item = make_pair_item(project, overlap=9)
    done = record(project, [Given(item, "a", strength=1, scale=2), Given(item, "b", strength=1, scale=2)])
    done = record(project, [Given(item, "a", strength=-1, scale=2)], after=done)
    assert done.count == 3
    assert Sitting.objects.count() == Rater.objects.count() == 2


def test_a_strength_off_its_scale_writes_nothing(project):
    item = make_pair_item(project)
    with pytest.raises(ValueError, match="no cell of the 5-point scale has the strength 3"):
        record(project, [Given(item, "a", strength=1, scale=5), Given(item, "a", strength=3, scale=5)])
    assert not Judgment.objects.exists()
    assert not Rater.objects.exists()


def test_ten_thousand_take_seconds(project):
    prompt = make_prompt(project)
    completions = [make_completion(prompt), make_completion(prompt)]
    items = create_items(project, rows=((prompt, completions) for _ in range(2000)), overlap=5)
    began = time.perf_counter()
    done = record(
        project, (Given(item, f"r{n}", strength=n - 4 or 1, scale=8) for item in items for n in range(5))
    )  # fmt: skip
    assert time.perf_counter() - began < 20
    assert done.count == Judgment.objects.count() == 10_000
    assert not Item.objects.filter(open_slots__gt=0).exists()
