"""Putting things to judge into a queue, and keeping their slots true."""

from collections.abc import Iterable, Sequence
from random import Random

from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from annotation.chunks import chunked
from annotation.errors import Refused
from annotation.interfaces import interface
from annotation.models import Assignment, Completion, ImportJob, Item, ItemCompletion, Judgment, Project, Prompt, Task
from annotation.services.audit import record
from annotation.services.table_statistics import MUCH, analyze

HOLDING_STATES = (Assignment.State.RESERVED, Assignment.State.LEASED, Assignment.State.DONE)
ANSWERS = (Judgment.Outcome.ANSWER, Judgment.Outcome.BOTH_BAD)
CHUNK = 1000


@transaction.atomic
def create_items(
    project: Project,
    *,
    rows: Iterable[tuple[Prompt, Sequence[Completion]]],
    queue: str = "label",
    overlap: int | None = None,
    kind: str | None = None,
    import_job: ImportJob | None = None,
    published: bool = True,
    by=None,
) -> list[Item]:
    """Put each (prompt, [first, second, …]) into `queue`, in true order; returns the items in the order given.

    Overlap and interface (`kind`) are those of the queue's task unless said. Unpublished items are handed to nobody
    (imports publish at the end). `by` is who asked for them, where that is a person.
    Raises Refused for a row the interface cannot show. Enqueues nothing.
    """
    task = Task.objects.filter(project=project, queue=queue).first() or Task()
    overlap = task.overlap if overlap is None else overlap
    kind = kind or task.interface
    least, most = interface(kind).COMPLETIONS
    items, rng = [], Random()
    for chunk in chunked(rows, CHUNK):
        for number, (_, completions) in enumerate(chunk):
            if not least <= len(completions) <= most:
                row = len(items) + number + 1
                raise Refused(
                    f"Row {row} has {len(completions)} completions; {kind} takes {least} to {most}.", code="completions"
                )
        made = Item.objects.bulk_create(
            Item(
                project=project,
                import_job=import_job,
                queue=queue,
                interface=kind,
                prompt=prompt,
                size=len(completions),
                rank=rng.random() if task.order == Task.Order.RANDOM else 0.0,
                overlap=overlap,
                open_slots=overlap,
                published=published,
            )
            for prompt, completions in chunk
        )
        ItemCompletion.objects.bulk_create(
            ItemCompletion(item=item, completion=completion, index=index)
            for item, (_, completions) in zip(made, chunk, strict=True)
            for index, completion in enumerate(completions)
        )
        items.extend(made)
    if by is not None:
        after = {"items": len(items), "queue": queue, "overlap": overlap}
        record(project, by=by, action="items.add", target=f"{len(items):,} items", after=after)
    if len(items) >= MUCH:
        analyze(Prompt, Completion, Item, ItemCompletion)
    return items


def _taken():
    """Slots taken, as one expression, so that a lease that turns into an answer meanwhile is never counted twice."""
    leases = (
        Assignment.objects.filter(item=OuterRef("pk"), state__in=HOLDING_STATES)
        .order_by()
        .values("item")
        .annotate(n=Count("pk"))
        .values("n")
    )
    # Only the item in WHERE: SQLite would rather walk every judgment without an assignment, of all items.
    counted = Q(assignment__isnull=True, withdrawn=False, surplus=False, outcome__in=ANSWERS) & ~Q(origin="judge")
    elsewhere = (
        Judgment.objects.filter(item=OuterRef("pk"))
        .order_by()
        .values("item")
        .annotate(n=Count("pk", filter=counted))
        .values("n")
    )
    return Coalesce(Subquery(leases), 0) + Coalesce(Subquery(elsewhere), 0)


def settle_slots(items: Iterable[int]) -> None:
    """Recount `open_slots` of these items: overlap minus leases held, answers given here and answers recorded.
    What a judge said takes nobody's place.

    Whatever changes a count does so in the same transaction; the rows are locked first, so that the recount sees
    every hand-out that came before it. Items put aside or kept out have none.
    """
    for chunk in chunked(sorted(set(items)), CHUNK):
        with transaction.atomic():
            list(Item.objects.select_for_update(of=("self",)).filter(pk__in=chunk).order_by("pk").values_list("pk"))
            chosen = Item.objects.filter(pk__in=chunk)
            chosen.filter(Q(put_aside=True) | Q(kept_out=True)).update(open_slots=0)
            chosen.filter(put_aside=False, kept_out=False).update(
                open_slots=Greatest(F("overlap") - _taken(), Value(0))
            )


@transaction.atomic
def set_overlap(task: Task, *, overlap: int) -> int:
    """Ask `overlap` people for each item of the task, those there already too. Returns how many items changed.

    Items nobody is asked about (overlap 0: recorded elsewhere, or kept out) stay so. Answers beyond a lowered overlap
    stay; nothing is taken back from anybody.
    """
    if not 1 <= overlap <= 50:
        raise Refused("Overlap must lie between 1 and 50; 1 to 3 is usual.", code="overlap")
    task.overlap = overlap
    task.save(update_fields=["overlap"])
    changing = Item.objects.filter(~Q(overlap=overlap), project=task.project_id, queue=task.queue, overlap__gt=0)
    ids = list(changing.values_list("pk", flat=True))
    for chunk in chunked(ids, CHUNK):
        Item.objects.filter(pk__in=chunk).update(overlap=overlap)
    settle_slots(ids)
    return len(ids)


@transaction.atomic
def look_at_flag(project: Project, *, by, item: int, keep_out: bool) -> None:
    """Somebody looked at a flagged item: put it back into its queue, or take it out for good.

    Put back, it is open to those who have not seen it. Kept out, its flags stay on record and nobody is asked again.
    Raises Refused if the item is not put aside.
    """
    touched = Item.objects.filter(project=project, pk=item, put_aside=True)
    if not touched.update(put_aside=False, kept_out=keep_out):
        raise Refused("Nobody flagged this item, or somebody has looked at it already.", code="not_flagged", status=409)
    settle_slots([item])
    action = "item.keep_out" if keep_out else "item.put_back"
    record(project, by=by, action=action, target=Item(pk=item), before={"flagged": True}, after={"flagged": False})
