"""What a person is handed next: in the task's order, or woven in, unmarked: gold, hidden repeats, random draws.

Items come from the sitting's cursor on; at the end it goes round once more, for slots that were given back. When the
order was made anew it starts at the top. Nobody else can take a slot: the row is locked where the database can, and
the UPDATE is conditional everywhere.
"""

from dataclasses import dataclass
from datetime import timedelta
from random import SystemRandom

from django.core.cache import cache
from django.db.models import Exists, F, Max, Min, OuterRef, Q, Subquery
from django.utils import timezone

from annotation.models import Assignment, Item, Judgment, Sitting, Task
from annotation.models.labelling import LOWEST

REPEAT_AFTER = timedelta(minutes=10)
CHOSEN_ORDERS = (Task.Order.PRIORITY, Task.Order.UNCERTAINTY, Task.Order.DISAGREEMENT)
_COUNTED_SECONDS = 60
_WOVEN_FROM = 50  # of so many candidates one is drawn

chance = SystemRandom()


@dataclass(frozen=True)
class Draw:
    """`order`: the order to show, where it is given (a repeat turns round). `probability`: see Assignment."""

    item: Item
    why: str = ""
    probability: float | None = None
    order: list[int] | None = None


def draw(sitting: Sitting) -> Draw | None:
    """The next item for the sitting's person, its slot taken; None if there is none. Moves the cursor."""
    task = sitting.task or Task()
    roll = chance.random()
    woven = None
    if roll < task.gold_share:
        woven = _gold(sitting)
    elif roll < task.gold_share + task.repeat_share:
        woven = _repeat(sitting)
    elif task.order in CHOSEN_ORDERS and roll < task.gold_share + task.repeat_share + task.random_share:
        woven = _at_random(sitting, task)
    return woven or _in_order(sitting, task)


def _unseen(sitting: Sitting):
    mine = Assignment.objects.filter(item=OuterRef("pk"), rater=sitting.rater_id)
    return Item.objects.filter(
        ~Exists(mine), project=sitting.project_id, queue=sitting.queue, published=True
    ).select_related("prompt")


def _open(sitting: Sitting):
    return _unseen(sitting).filter(open_slots__gt=0).select_for_update(skip_locked=True, of=("self",))


def _taken(item: Item | None) -> bool:
    return bool(item) and bool(Item.objects.filter(pk=item.pk, open_slots__gt=0).update(open_slots=F("open_slots") - 1))


def _in_order(sitting: Sitting, task: Task) -> Draw | None:
    if task.ranked_at and task.ranked_at > sitting.cursor_at:
        sitting.cursor, sitting.cursor_rank, sitting.cursor_at = 0, LOWEST, timezone.now()
    unseen = _open(sitting).order_by("rank", "pk")
    at, rank = sitting.cursor, sitting.cursor_rank
    parts = [Q(rank__gt=rank)] if rank == LOWEST else [Q(rank=rank, pk__gt=at), Q(rank__gt=rank), Q(rank__lte=rank)]
    for part in parts:
        item = unseen.filter(part).first()
        if _taken(item):
            sitting.cursor, sitting.cursor_rank = item.pk, item.rank
            share = 1.0 - task.random_share if task.order in CHOSEN_ORDERS else None
            return Draw(item, probability=share)
    return None


def _at_random(sitting: Sitting, task: Task) -> Draw | None:
    """Any open item, found from a random place in their ids; its probability is the share over how many are open."""
    unseen = _open(sitting).order_by("pk")
    low, high, count = _bounds(sitting)
    if not count:
        return None
    place = chance.randint(low, high)
    for part in (Q(pk__gte=place), Q(pk__lt=place)):
        item = unseen.filter(part).first()
        if _taken(item):
            return Draw(item, "random", task.random_share / count)
    return None


def _bounds(sitting: Sitting) -> tuple[int, int, int]:
    """First and last id and number of open items of the queue, counted once a minute."""

    def counted() -> tuple[int, int, int]:
        rows = Item.objects.filter(project=sitting.project_id, queue=sitting.queue, published=True, open_slots__gt=0)
        found = rows.aggregate(low=Min("pk"), high=Max("pk"))
        return (found["low"] or 0, found["high"] or 0, rows.count())

    return cache.get_or_set(f"open:{sitting.project_id}:{sitting.queue}", counted, _COUNTED_SECONDS)


def _gold(sitting: Sitting) -> Draw | None:
    """A gold item that this person has not had. It takes no slot: everybody may have it."""
    candidates = list(
        _unseen(sitting).filter(gold__isnull=False, put_aside=False, kept_out=False).order_by("pk")[:_WOVEN_FROM]
    )
    return Draw(chance.choice(candidates), "gold") if candidates else None


def _repeat(sitting: Sitting) -> Draw | None:
    """A copy of an item that this person judged a while ago, its order turned round."""
    before = Judgment.objects.filter(
        item=OuterRef("repeat_of"),
        rater=sitting.rater_id,
        outcome=Judgment.Outcome.ANSWER,
        withdrawn=False,
        judged_at__lte=timezone.now() - REPEAT_AFTER,
    )
    candidates = (
        _unseen(sitting)
        .filter(repeat_of__isnull=False, put_aside=False, kept_out=False)
        .annotate(before=Subquery(before.values("shown_order")[:1]))
        .filter(Exists(before))
    )
    found = list(candidates.order_by("pk")[:_WOVEN_FROM])
    if not found:
        return None
    item = chance.choice(found)
    return Draw(item, "repeat", order=list(reversed(item.before or range(item.size))))
