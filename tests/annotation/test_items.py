"""Items and their slots."""

import pytest

from annotation.errors import Refused
from annotation.models import Assignment, Item, Judgment, Task
from annotation.services.items import create_items, look_at_flag, set_overlap, settle_slots
from tests.factories import make_completion, make_judgment, make_pair_item, make_prompt, make_rater

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def pairs(project, count):
    return [(prompt := make_prompt(project), [make_completion(prompt), make_completion(prompt)]) for _ in range(count)]


def lease(item, state=Assignment.State.LEASED):
    return Assignment.objects.create(
        item=item,
        rater=make_rater(item.project),
        shown_order=[0, 1],
        state=state,
        expires_at="2100-01-01T00:00Z",
    )


def slots(item):
    return Item.objects.get(pk=item.pk).open_slots


def test_items_are_made_in_true_order(project):
    rows = pairs(project, 3)
    items = create_items(project, rows=rows, overlap=2)
    assert [item.prompt for item in items] == [prompt for prompt, _ in rows]
    for item, (_, completions) in zip(items, rows, strict=True):
        assert [entry.completion for entry in item.entries.all()] == completions
        assert (item.overlap, item.open_slots, item.queue, item.published) == (2, 2, "label", True)


def test_the_tasks_overlap_unless_said(project):
    Task.objects.filter(project=project).update(overlap=3)
    [item] = create_items(project, rows=pairs(project, 1))
    assert item.open_slots == 3


def test_a_row_that_is_no_pair_is_named_and_nothing_is_made(project):
    rows = pairs(project, 2)
    rows[1][1].pop()
    with pytest.raises(Refused, match="Row 2 has 1 completions"):
        create_items(project, rows=rows)
    assert not Item.objects.exists()


def test_five_thousand_items_are_a_few_queries(project, django_assert_max_num_queries):
    prompt = make_prompt(project)
    completions = [make_completion(prompt), make_completion(prompt)]
    with django_assert_max_num_queries(130):
        assert len(create_items(project, rows=((prompt, completions) for _ in range(5000)))) == 5000


@pytest.mark.parametrize(
    ("state", "left"), [("leased", 2), ("done", 2), ("released", 3), ("expired", 3)]
)  # fmt: skip
def test_leases_and_answers_hold_a_slot_others_do_not(project, state, left):
    item = make_pair_item(project, overlap=3)
    lease(item, state)
    settle_slots([item.pk])
    assert slots(item) == left


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({}, 1),
        ({"outcome": Judgment.Outcome.BOTH_BAD, "strength": None}, 1),
        ({"outcome": Judgment.Outcome.SKIP, "strength": None}, 2),
        ({"withdrawn": True}, 2),
        ({"surplus": True}, 2),
    ],
)
def test_answers_recorded_elsewhere_count_unless_they_do_not_stand(project, fields, left):
    item = make_pair_item(project, overlap=2)
    make_judgment(item, **fields)
    settle_slots([item.pk])
    assert slots(item) == left


def test_overlap_may_be_raised_and_lowered(project, alice):
    one, two = make_pair_item(project, overlap=1), make_pair_item(project, overlap=1)
    closed = make_pair_item(project, overlap=0)
    lease(one)
    assert set_overlap(project.first_task, overlap=3) == 2
    assert (slots(one), slots(two), slots(closed)) == (2, 3, 0)
    lease(two), lease(two)
    set_overlap(project.first_task, overlap=1)
    assert (slots(one), slots(two)) == (0, 0)


def test_overlap_has_a_range(project):
    with pytest.raises(Refused, match="between 1 and 50"):
        set_overlap(project.first_task, overlap=0)


def test_a_flagged_item_goes_back_or_stays_out(project):
    back, out = make_pair_item(project, put_aside=True), make_pair_item(project, put_aside=True)
    settle_slots([back.pk, out.pk])
    assert (slots(back), slots(out)) == (0, 0)
    look_at_flag(project, by=project.created_by, item=back.pk, keep_out=False)
    look_at_flag(project, by=project.created_by, item=out.pk, keep_out=True)
    assert (slots(back), slots(out)) == (1, 0)
    set_overlap(project.first_task, overlap=2)
    assert (slots(back), slots(out)) == (2, 0)


def test_only_a_flagged_item_can_be_looked_at(project):
    item = make_pair_item(project)
    with pytest.raises(Refused, match="Nobody flagged"):
        look_at_flag(project, by=project.created_by, item=item.pk, keep_out=True)
