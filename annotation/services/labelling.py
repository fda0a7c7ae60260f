"""Labelling on our page: being handed a pair, answering, undoing, changing.

Nothing that was said is lost or doubled. A submission carries an id of its own, so that sending it twice is harmless;
the lease's token is the fence: an answer that comes after its slot went to somebody else is kept as surplus.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from annotation.assignment import credited_ms
from annotation.errors import Refused
from annotation.interfaces import interface, rubric
from annotation.interfaces.answers import Facts, InvalidAnswer, read_answer
from annotation.models import (
    Assignment,
    Item,
    ItemCompletion,
    Judgment,
    JudgmentRevision,
    Project,
    Reveal,
    Sitting,
    Task,
)
from annotation.queues import kind_of
from annotation.selectors.chats import talk_of
from annotation.services.items import ANSWERS, settle_slots
from annotation.services.judgments import payload_of
from annotation.services.leases import claim, hold, seen, slot_is_free, take_again
from annotation.services.reserved import take_reserved
from annotation.services.review import weigh
from annotation.services.rubric_scores import keep_judgments
from annotation.services.sittings import lock_sitting, open_sitting

HELD_AT_MOST = 4
WOVEN = ("gold", "repeat")  # outside overlap
State, Kind, Outcome = Assignment.State, JudgmentRevision.Kind, Judgment.Outcome


@dataclass(frozen=True)
class HandOut:
    """The sitting, and the lease to show next; None when the queue has nothing for this person now."""

    sitting: Sitting
    lease: Assignment | None


@dataclass(frozen=True)
class Submitted:
    """What stands now. `repeated`: this submission had arrived before; nothing was written."""

    judgment: Judgment
    repeated: bool = False


@transaction.atomic
def hand_out(project: Project, *, by, queue: str = "label", known: tuple[UUID, ...] = ()) -> HandOut:
    """The next lease of the person's sitting that the page does not know yet: one it holds already, else a new one.

    Opens or resumes the sitting. A page that lost our reply gets the same lease again. At most HELD_AT_MOST are held
    at once: the one on the screen and those prefetched. Raises Refused (404) for a queue nobody knows.
    """
    if kind_of(queue) is None:
        raise Refused(f"There is no queue “{queue}”.", code="no_queue", status=404)
    sitting = open_sitting(project, user=by, queue=queue)
    held = list(sitting.assignments.filter(state=State.LEASED).select_related("item__prompt").order_by("pk"))
    lease = next((lease for lease in held if lease.token not in known), None)
    closed = (sitting.task is not None and sitting.task.closed) or getattr(project, "paused", False)
    if lease is None and len(held) < HELD_AT_MOST and not closed:
        lease = take_reserved(sitting, lease_seconds=project.lease_seconds)
        lease = lease or claim(sitting, lease_seconds=project.lease_seconds)
    else:
        hold(sitting, lease_seconds=project.lease_seconds)
    seen(sitting)
    return HandOut(sitting, lease)


@transaction.atomic
def submit(
    project: Project,
    *,
    by,
    token: UUID,
    submission: UUID,
    payload: dict,
    change: bool = False,
    active_ms=None,
) -> Submitted:
    """Write an answer: a judgment and its revision, or with `change` another revision of the one that stands.

    A skip gives the slot back; a flag puts the item aside until somebody has looked at it. Raises Refused: unknown
    lease (404), an answer that does not fit (422), answered already or sitting ended (409).
    """
    now = timezone.now()
    sitting = lock_sitting(project, by=by, token=token)
    lease = Assignment.objects.select_related("item__prompt").get(token=token)
    lease.sitting = sitting
    if earlier := _repeated(submission, lease):
        return Submitted(earlier, repeated=True)
    judgment = Judgment.objects.filter(assignment=lease).first()
    if judgment and not judgment.withdrawn:
        _may_revise(project, sitting, change=change)
    lease.active_ms = credited_ms(active_ms, before=lease.active_ms, handed_at=lease.handed_at, now=now)
    before = judgment.outcome if judgment and not judgment.withdrawn else None
    judgment = _written(lease, judgment, payload, by=by, now=now)
    _settle(lease, judgment, before=before)
    _revise(judgment, lease, submission, Kind.CHANGE if before else Kind.GIVE, payload_of(judgment), now=now)
    _keep_scores(lease, judgment)
    most = sitting.task.overlap_most if sitting.task else None
    if (most or lease.item.overlap > 1) and lease.why not in WOVEN and judgment.outcome in ANSWERS:
        weigh([lease.item_id], most=most)
    if not sitting.ended_at:
        seen(sitting)
    return Submitted(judgment)


@transaction.atomic
def withdraw(project: Project, *, by, token: UUID, submission: UUID) -> Submitted:
    """Undo: the answer no longer stands, and the pair is this person's again if its slot is still to be had.

    What was said stays in the revisions. Raises Refused (409) when there is nothing to undo or the sitting is over.
    """
    now = timezone.now()
    sitting = lock_sitting(project, by=by, token=token)
    lease = Assignment.objects.select_related("item").get(token=token)
    if earlier := _repeated(submission, lease):
        return Submitted(earlier, repeated=True)
    judgment = Judgment.objects.filter(assignment=lease, withdrawn=False).first()
    if judgment is None:
        raise Refused("This answer was undone already.", code="nothing_to_undo", status=409)
    _may_revise(project, sitting, change=True)
    judgment.withdrawn = True
    lease.draft = _draft_of(judgment, interface(lease.item.interface))
    if judgment.outcome == Outcome.BROKEN:
        _put_back(lease.item_id, judgment)
    _revise(judgment, lease, submission, Kind.WITHDRAW, {}, now=now)
    _keep_scores(lease, judgment)
    if lease.state == State.DONE:
        lease.state = State.LEASED
    lease.save(update_fields=["state", "draft"])
    take_again(lease, lease_seconds=project.lease_seconds)
    hold(sitting, lease_seconds=project.lease_seconds)
    seen(sitting)
    return Submitted(judgment)


def _draft_of(judgment: Judgment, way) -> dict:
    """What to go on from after an undo: the answer, where giving it again is more than a key, and the comment."""
    kept = {} if way.ONE_KEY else judgment.shown_value
    return {**kept, **({"comment": judgment.comment} if judgment.comment else {})}


def _repeated(submission: UUID, lease: Assignment) -> Judgment | None:
    earlier = JudgmentRevision.objects.select_related("judgment").filter(submission=submission).first()
    if earlier is None:
        return None
    if earlier.judgment.assignment_id != lease.pk:
        raise Refused("This submission belongs to another item.", code="submission_reused", status=409)
    return earlier.judgment


def _may_revise(project: Project, sitting: Sitting, *, change: bool) -> None:
    if not change:
        raise Refused("This was answered in another window; that answer stands.", code="already_answered", status=409)
    if sitting.ended_at:
        raise Refused(
            "The sitting has ended, so its answers are final. A lead can leave them out of a snapshot.",
            code="sitting_ended",
            status=409,
        )
    if project.reveal == Reveal.VOTE and kind_of(sitting.queue).reveals:
        raise Refused(
            "The names were revealed with this vote, so it can no longer be changed.", code="revealed", status=409
        )


def _written(lease: Assignment, judgment: Judgment | None, payload: dict, *, by, now) -> Judgment:
    """The judgment row with the new answer in it, not yet saved."""
    way, task = interface(lease.item.interface), lease.sitting.task or Task()
    try:
        answer = read_answer(way, payload, way.settings(task.settings), _facts(lease))
    except InvalidAnswer as error:
        raise Refused(str(error), code="invalid_answer", problems=error.problems) from None
    kind, queue = kind_of(lease.sitting.queue), lease.sitting.queue
    standing = judgment is not None and not judgment.withdrawn
    judgment = judgment or Judgment(
        item=lease.item,
        rater_id=lease.rater_id,
        assignment=lease,
        sitting=lease.sitting,
        origin=kind.origin,
        revision=0,
    )
    judgment.blind = judgment.blind and (kind.blind is None or kind.blind(queue, by))
    judgment.instruction_id = lease.instruction_id
    judgment.outcome, judgment.reason, judgment.comment = answer.outcome, answer.reason, answer.comment
    judgment.scale = answer.given.get("scale")
    judgment.value = way.true_value(answer.given, lease.shown_order) if answer.given else {}
    judgment.strength = judgment.value.get("strength")
    judgment.shown_value = answer.given
    judgment.shown_order = lease.shown_order
    judgment.withdrawn = False
    if not standing:
        judgment.judged_at = now  # a change keeps its place in the sitting; its revision knows when
    return judgment


def _facts(lease: Assignment) -> Facts:
    def load() -> list[str]:
        entries = ItemCompletion.objects.filter(item=lease.item_id)
        return list(entries.values_list("completion__text", flat=True))

    prompt = lease.item.prompt
    return Facts(lease.shown_order, load, prompt.messages, lambda: talk_of(lease), category=prompt.category)


def _settle(lease: Assignment, judgment: Judgment, *, before: str | None) -> None:
    """What the answer does to lease and slot.

    An answer keeps its slot, or takes it again where nobody else has; else it is surplus. A skip and a flag free it.
    """
    if before == Outcome.BROKEN and judgment.outcome != Outcome.BROKEN:
        _put_back(lease.item_id, judgment)
    held = lease.state in (State.LEASED, State.DONE)
    if judgment.outcome in ANSWERS:
        judgment.surplus = not held and not slot_is_free(lease.item_id)
        lease.state = State.EXPIRED if judgment.surplus else State.DONE
    else:
        judgment.surplus = False
        lease.state = State.RELEASED
    lease.draft = {}
    lease.save(update_fields=["state", "draft", "active_ms"])
    if judgment.outcome == Outcome.BROKEN:
        Item.objects.filter(pk=lease.item_id).update(put_aside=True)
    if held != (lease.state == State.DONE) or judgment.outcome == Outcome.BROKEN:
        settle_slots([lease.item_id])


def _put_back(item: int, judgment: Judgment) -> None:
    """A flag was taken back: the item returns to its queue unless somebody else flagged it too."""
    flags = Judgment.objects.filter(item=item, outcome=Outcome.BROKEN, withdrawn=False).exclude(pk=judgment.pk)
    if not flags.exists():
        Item.objects.filter(pk=item).update(put_aside=False)
        settle_slots([item])


def _keep_scores(lease: Assignment, judgment: Judgment) -> None:
    if lease.item.interface == rubric.NAME:
        keep_judgments([judgment])


def _revise(judgment: Judgment, lease: Assignment, submission: UUID, kind: str, payload: dict, *, now) -> None:
    judgment.revision += 1
    judgment.active_ms = lease.active_ms
    judgment.save()
    JudgmentRevision.objects.create(
        judgment=judgment, number=judgment.revision, kind=kind, submission=submission, payload=payload, at=now
    )
