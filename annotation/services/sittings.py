"""Sittings: opening, resuming, ending; and giving back what nobody holds any more.

Order of locks, everywhere: the sitting's row, then its leases, then items by their number. Whoever touches a lease
holds its sitting first, so that two tabs of one person queue up and nobody waits in a circle.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.utils import timezone

from annotation.assignment import IDLE_SITTING, is_idle
from annotation.errors import Refused
from annotation.models import Assignment, Block, Instruction, Project, Rater, Sitting, Task
from annotation.selectors.tasks import task_of
from annotation.services.items import settle_slots
from annotation.services.written import WRITERS, keep_written

BATCH = 200


def rater_of(project: Project, user) -> Rater:
    """The person's rater in this project, made on first need."""
    return Rater.objects.get_or_create(
        project=project,
        kind=Rater.Kind.PERSON,
        key=str(user.pk),
        defaults={"name": user.get_full_name() or user.get_username(), "user": user},
    )[0]


def open_sitting(project: Project, *, user, queue: str) -> Sitting:
    """The person's open sitting in this queue, locked; a new one where there is none or the last was left alone.

    Carries `guide_id`, the newest instruction. Call inside a transaction.
    """
    now = timezone.now()
    sitting = _locked(project, user, queue)
    if sitting and is_idle(sitting.last_seen_at, now):
        close(sitting, now=now)
        sitting = None
    if sitting is None:
        _begin(project, user, queue)
        sitting = _locked(project, user, queue)
    return sitting


def _locked(project: Project, user, queue: str) -> Sitting | None:
    guide = Instruction.objects.filter(project=OuterRef("project")).order_by("-number").values("pk")[:1]
    kept = Assignment.objects.filter(rater=OuterRef("rater"), state=Assignment.State.RESERVED)
    return (
        Sitting.objects.select_for_update(of=("self",))
        .select_related("rater", "task")
        .annotate(guide_id=Subquery(guide), reserved=Exists(kept))
        .filter(project=project, queue=queue, ended_at=None, rater__user=user, rater__kind=Rater.Kind.PERSON)
        .first()
    )


def _begin(project: Project, user, queue: str) -> None:
    """The next sitting goes on where the last one stopped in the queue."""
    rater = rater_of(project, user)
    last = Sitting.objects.filter(rater=rater, queue=queue).order_by("-id").first()
    at = {name: getattr(last, name) for name in ("cursor", "cursor_rank", "cursor_at")} if last else {}
    try:
        with transaction.atomic():
            Sitting.objects.create(project=project, rater=rater, queue=queue, task=_task_of(project, queue), **at)
    except IntegrityError:
        pass  # another tab opened it a moment ago


def _task_of(project: Project, queue: str) -> Task | None:
    task = task_of(project, queue)
    return task if task.pk else None


def lock_sitting(project: Project, *, by, token) -> Sitting:
    """The sitting of the lease `token`, locked. Raises Refused (404) unless the lease is this person's."""
    sitting = (
        Sitting.objects.select_for_update(of=("self",))
        .select_related("task")
        .filter(project=project, rater__user=by, assignments__token=token)
        .first()
    )
    if sitting is None:
        raise Refused("This was never handed to you here.", code="unknown_lease", status=404)
    return sitting


@transaction.atomic
def end_sitting(project: Project, *, by, queue: str = "label") -> Sitting | None:
    """End the person's open sitting: its answers are final, its leases go back. None if none is open.

    Drafts stay with their leases.
    """
    sitting = _locked(project, by, queue)
    if sitting:
        close(sitting, now=timezone.now())
    return sitting


def close(sitting: Sitting, *, now: datetime) -> None:
    """End a locked sitting. What was written in it becomes completions."""
    held = sitting.assignments.filter(state=Assignment.State.LEASED)
    items = list(held.values_list("item_id", flat=True))
    held.update(state=_back_to(Assignment.State.RELEASED))
    settle_slots(items)
    sitting.ended_at = now
    sitting.save(update_fields=["ended_at"])
    if sitting.task is not None and sitting.task.interface in WRITERS:
        keep_written(sitting.project, sittings=[sitting])


def _back_to(state: str) -> Case:
    """What becomes of a lease that nobody holds any more: of a block that still runs it is kept for its person."""
    running = When(block__in=Block.objects.filter(released_at=None), then=Value(Assignment.State.RESERVED))
    return Case(running, default=Value(state))


def close_idle() -> tuple[int, int]:
    """End sittings left alone for thirty minutes and return expired leases; how many of each.

    One small transaction each; what somebody is using this moment is left for the next round.
    """
    now = timezone.now()
    idle = Sitting.objects.filter(ended_at=None, last_seen_at__lte=now - IDLE_SITTING)
    ended = 0
    for pk in list(idle.order_by("last_seen_at").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            free = idle.select_for_update(skip_locked=True, of=("self",)).select_related("task")
            sitting = free.filter(pk=pk).first()
            if sitting:
                close(sitting, now=now)
                ended += 1
    return ended, return_expired()


def return_expired(among: Q | None = None) -> int:
    """Give the slots of leases that ran out back to others; the leases keep their drafts. How many."""
    now = timezone.now()
    expired = Assignment.objects.filter(among or Q(), state=Assignment.State.LEASED, expires_at__lt=now)
    returned = 0
    for pk, sitting, item in list(expired.order_by("expires_at").values_list("pk", "sitting", "item")[:BATCH]):
        with transaction.atomic():
            free = Sitting.objects.select_for_update(skip_locked=True).filter(pk=sitting)
            if (sitting is None or free.first()) and expired.filter(pk=pk).update(
                state=_back_to(Assignment.State.EXPIRED)
            ):
                settle_slots([item])
                returned += 1
    return returned
