"""Blocks of work: items reserved for chosen people until a deadline, then everybody's again.

A reservation is an assignment that nobody was handed yet. It holds its slot as a lease does, so that hand-out never
has to ask whose an item is: what is reserved is not open, and the person it is for is given it first.
"""

from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from annotation.access import GRANTS, Permission
from annotation.chunks import chunked
from annotation.errors import Refused
from annotation.models import Assignment, Block, Item, Membership, Project
from annotation.services.audit import record
from annotation.services.items import settle_slots
from annotation.services.sittings import rater_of

CHUNK = 500
State = Assignment.State


@transaction.atomic
def create_block(
    project: Project, *, by, items: int, people: Sequence[int], title: str = "", share: str = "split", deadline=None
) -> Block:
    """A block for `people` (user ids), still without items: `reserve` puts them in.

    Raises Refused without people, for somebody who does not label here, or a deadline that has passed.
    """
    if share not in Block.Share.values:
        raise Refused(f"Share is one of {', '.join(Block.Share.values)}.", code="share")
    if deadline is not None and deadline <= timezone.now():
        raise Refused("The deadline has passed already. Choose a later one.", code="deadline")
    users = _labellers(project, people)
    title = (title or "").strip() or f"Block of {timezone.localdate():%-d %B}"
    block = Block.objects.create(
        project=project, title=title[:120], share=share, deadline=deadline, item_count=items, created_by=by
    )
    block.raters.set([rater_of(project, user) for user in users])
    names = [user.get_username() for user in users]
    after = {"people": names, "items": items, "share": share, "deadline": deadline}
    record(project, by=by, action="block.create", target=block, after=after)
    return block


def _labellers(project: Project, people: Sequence[int]) -> list:
    if not people:
        raise Refused("Choose at least one person.", code="people")
    members = Membership.objects.filter(project=project, user__in=people)
    able = {row.user_id for row in members if Permission.LABEL in GRANTS[row.role]}
    if missing := set(people) - able:
        raise Refused(f"{len(missing)} of those chosen cannot label in this project.", code="people")
    return list(get_user_model().objects.filter(pk__in=able).order_by("username"))


@transaction.atomic
def reserve(block_id: int, items: Sequence[int], *, first: int = 0) -> set[int]:
    """Reserve `items` for the block's people; those of them that were reserved.

    With `split`, the n-th item of the block goes to the n-th person in turn, `first` counting on from piece to piece.
    Left out: who had an item already, and items that are put aside, kept out or have no open slot.
    """
    block = Block.objects.get(pk=block_id)
    raters = list(block.raters.order_by("pk").values_list("pk", flat=True))
    until = block.deadline or timezone.now()
    open_slots = dict(
        Item.objects.select_for_update(of=("self",))
        .filter(pk__in=items, open_slots__gt=0)
        .order_by("pk")
        .values_list("pk", "open_slots")
    )
    had = set(Assignment.objects.filter(item__in=items, rater__in=raters).values_list("item", "rater"))
    new = []
    for place, item in enumerate(items, start=first):
        turn = raters[place % len(raters) :] + raters[: place % len(raters)]
        able = [rater for rater in turn if (item, rater) not in had]
        most = min(open_slots.get(item, 0), 1 if block.share == Block.Share.SPLIT else len(raters))
        new += [
            Assignment(
                item_id=item, rater_id=rater, block=block, state=State.RESERVED, shown_order=[], expires_at=until
            )
            for rater in able[:most]
        ]
    Assignment.objects.bulk_create(new)
    reserved = {row.item_id for row in new}
    settle_slots(reserved)
    return reserved


def release_block(*, project: Project, block: int, by=None) -> int:
    """Give back to everybody what nobody was handed of it; how many. `by` None: its deadline passed."""
    with transaction.atomic():
        row = Block.objects.filter(project=project, pk=block, released_at=None).first()
        if row is None or not Block.objects.filter(pk=block, released_at=None).update(released_at=timezone.now()):
            raise Refused("This block went back to everybody already.", code="released", status=409)
        record(project, by=by, action="block.release", target=row)
    return _give_back(Q(block=block))


def take_back(membership: Membership, *, by) -> int:
    """What is reserved for a person goes back to everybody; how many. What they are reading now stays theirs."""
    given = _give_back(Q(rater__user=membership.user_id, item__project=membership.project_id))
    name = membership.user.get_username()
    record(membership.project_id, by=by, action="people.take_back", target=name, after={"items": given})
    return given


def _give_back(which: Q) -> int:
    given = 0
    waiting = Assignment.objects.filter(which, state=State.RESERVED)
    while rows := list(waiting.order_by("pk").values_list("pk", "item")[:CHUNK]):
        with transaction.atomic():
            waiting.filter(pk__in=[pk for pk, _ in rows]).delete()
            settle_slots(item for _, item in rows)
        given += len(rows)
    return given


@transaction.atomic
def reassign(membership: Membership, *, to: Membership, by) -> int:
    """What is reserved for one person is reserved for another from now on; how many items moved.

    Items that the other has had already go back to everybody.
    """
    if to.pk == membership.pk or Permission.LABEL not in GRANTS[to.role]:
        raise Refused("Choose somebody else who labels in this project.", code="people")
    project = membership.project
    other = rater_of(project, to.user)
    mine = Assignment.objects.filter(rater__user=membership.user_id, item__project=project, state=State.RESERVED)
    had = Assignment.objects.filter(rater=other).values("item")
    moved = 0
    for part in chunked(mine.exclude(item__in=had).order_by("pk").values_list("pk", flat=True), CHUNK):
        moved += Assignment.objects.filter(pk__in=part, state=State.RESERVED).update(rater=other)
    _give_back(Q(rater__user=membership.user_id, item__project=project))
    for block in Block.objects.filter(project=project, assignments__rater=other).distinct():
        block.raters.add(other)
    after = {"to": to.user.get_username(), "items": moved}
    name = membership.user.get_username()
    record(project, by=by, action="people.take_back", target=name, after=after)
    return moved


def release_due() -> int:
    """Beat: blocks whose deadline passed go back to everybody; how many."""
    due = Block.objects.filter(released_at=None, deadline__lt=timezone.now()).select_related("project")
    count = 0
    for block in list(due[:50]):
        try:
            release_block(project=block.project, block=block.pk)
            count += 1
        except Refused:  # another worker was faster
            continue
    return count
