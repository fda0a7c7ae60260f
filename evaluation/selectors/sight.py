"""What one person may see of a comparison now: names and results, or neither."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from annotation.models import Assignment, Item, Judgment, Sitting
from evaluation.models import Comparison

ANSWERED = (Judgment.Outcome.ANSWER, Judgment.Outcome.BOTH_BAD)


@dataclass(frozen=True)
class Sight:
    """`revealed`: names and results may be shown. Blind is whoever may vote, has pairs left and has not finished."""

    may_vote: bool
    opened: bool
    sitting_open: bool
    finished: bool
    left: int  # pairs this person could still vote on
    answered: int  # in the open sitting
    put_aside: int

    @property
    def revealed(self) -> bool:
        if not self.may_vote or self.opened:
            return True
        return not self.sitting_open and (self.finished or self.left == 0)

    @property
    def total(self) -> int:
        return self.answered + self.put_aside + self.left


def sight_of(comparison: Comparison, user) -> Sight:
    may_vote = "LABEL" in comparison.project.may
    opened = comparison.openings.filter(user=user).exists()
    if not may_vote:
        return Sight(False, opened, False, False, 0, 0, 0)
    sittings = Sitting.objects.filter(project=comparison.project, queue=comparison.queue, rater__user=user).aggregate(
        open=Count("pk", filter=Q(ended_at=None)), ended=Count("pk", filter=Q(ended_at__isnull=False))
    )
    own = Judgment.objects.filter(
        sitting__queue=comparison.queue,
        sitting__project=comparison.project,
        sitting__ended_at=None,
        rater__user=user,
        withdrawn=False,
    ).aggregate(
        answered=Count("pk", filter=Q(outcome__in=ANSWERED)), aside=Count("pk", filter=~Q(outcome__in=ANSWERED))
    )
    return Sight(
        may_vote=True,
        opened=opened,
        sitting_open=bool(sittings["open"]),
        finished=bool(sittings["ended"]),
        left=left_for(comparison, user),
        answered=own["answered"],
        put_aside=own["aside"],
    )


def left_for(comparison: Comparison, user) -> int:
    """Pairs that this person holds, or that have a slot and were never handed to them."""
    mine = Assignment.objects.filter(item=OuterRef("pk"), rater__user=user)
    return (
        Item.objects.filter(project=comparison.project, queue=comparison.queue, published=True)
        .filter(Exists(mine.filter(state=Assignment.State.LEASED)) | (Q(open_slots__gt=0) & ~Exists(mine)))
        .count()
    )


def named_prompts(comparison: Comparison, user, sight: Sight) -> set[int] | None:
    """Prompts on which this person may see who is who; None means all. Never one that waits for their blind vote."""
    if not sight.may_vote or sight.opened:
        return None
    if sight.sitting_open:
        return set()
    mine = Assignment.objects.filter(item=OuterRef("pk"), rater__user=user)
    items = Item.objects.filter(project=comparison.project, queue=comparison.queue, published=True)
    waiting = set(items.filter(~Exists(mine), open_slots__gt=0).values_list("prompt_id", flat=True))
    if not sight.finished:
        return None if not waiting else set()
    return set(items.values_list("prompt_id", flat=True)) - waiting
