"""Items that pass a filter, page by page, counted, with what the page of each offers."""

from datetime import datetime, time, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from annotation import search_tables
from annotation.item_filters import ItemFilter
from annotation.models import Assignment, BatchItem, Completion, Item, ItemCompletion, Judgment, Project, Prompt
from annotation.search_words import ANYWHERE, Query, mark, parse
from annotation.selectors.data import PAGE, with_texts
from annotation.selectors.snapshot_source import pseudonym

COUNTED_UP_TO = 10_000
_RARE = 3_000  # so many rows are faster gathered first; of more, the newest items are looked at one by one


def matching(project: Project, wanted: ItemFilter) -> QuerySet[Item]:
    """Published items of the project that pass the filter, in no order."""
    found = Item.objects.filter(project=project, published=True)
    for part in (_plain, _of_prompt, _of_words, _of_sets, _of_judgments):
        found = part(project, found, wanted)
    return found


def _plain(_project: Project, found: QuerySet, wanted: ItemFilter) -> QuerySet:
    if wanted.queue:
        found = found.filter(queue=wanted.queue)
    if wanted.since:
        found = found.filter(created_at__gte=_start(wanted.day("since")))
    if wanted.until:
        found = found.filter(created_at__lt=_start(wanted.day("until") + timedelta(days=1)))
    leased = Assignment.objects.filter(state=Assignment.State.LEASED).values("item")
    if wanted.state == "open":
        found = found.filter(open_slots__gt=0)
    elif wanted.state == "leased":
        found = found.filter(pk__in=leased)
    elif wanted.state == "flagged":
        found = found.filter(put_aside=True)
    elif wanted.state == "kept_out":
        found = found.filter(kept_out=True)
    elif wanted.state == "done":
        said = Judgment.objects.filter(item=OuterRef("pk"), withdrawn=False)
        found = found.filter(Exists(said), open_slots=0, put_aside=False, kept_out=False).exclude(pk__in=leased)
    return found


def _of_prompt(project: Project, found: QuerySet, wanted: ItemFilter) -> QuerySet:
    for field in ("category", "prompt_set"):
        if value := getattr(wanted, field):
            prompts = Prompt.objects.filter(project=project, **{field: value})
            found = _among(found, prompts.values("pk"), "prompt_id", Prompt.objects.filter(
                pk=OuterRef("prompt_id"), **{field: value}))  # fmt: skip
    return found


def _of_words(_project: Project, found: QuerySet, wanted: ItemFilter) -> QuerySet:
    if query := parse(wanted.search):
        found = found.filter(pk__in=_search(query, (wanted.scope,) if wanted.scope else ANYWHERE))
    if wanted.tag:
        found = found.filter(pk__in=_search(Query(((mark(wanted.tag),),)), ("marks",)))
    return found


def _search(query: Query, columns) -> RawSQL:
    return RawSQL(*search_tables.found(connection.vendor, query, columns))  # noqa: S611 (made by search_tables)


def _of_sets(project: Project, found: QuerySet, wanted: ItemFilter) -> QuerySet:
    if wanted.batch:
        found = found.filter(pk__in=BatchItem.objects.filter(batch=wanted.batch, batch__project=project).values("item"))
    if wanted.block:
        reserved = Assignment.objects.filter(block=wanted.block, block__project=project)
        found = found.filter(pk__in=reserved.values("item"))
    if wanted.source:
        own = Completion.objects.filter(source=wanted.source, source__project=project)
        here = ItemCompletion.objects.filter(item=OuterRef("pk"), completion__source=wanted.source)
        found = _among(found, own.values("entries__item"), "pk", here, counted=own)
    return found


def _of_judgments(project: Project, found: QuerySet, wanted: ItemFilter) -> QuerySet:
    standing = Judgment.objects.filter(withdrawn=False)
    here = standing.filter(item=OuterRef("pk"))
    if wanted.rater:
        own = standing.filter(rater=wanted.rater, rater__project=project)
        found = _among(found, own.values("item"), "pk", here.filter(rater=wanted.rater))
    if wanted.comment:
        found = found.filter(pk__in=standing.exclude(comment="").values("item"))
    if wanted.disagreement:
        found = found.filter(Exists(here.filter(strength__gt=0)), Exists(here.filter(strength__lt=0)))
    days = {}
    if wanted.judged_since:
        days["judged_at__gte"] = _start(wanted.day("judged_since"))
    if wanted.judged_until:
        days["judged_at__lt"] = _start(wanted.day("judged_until") + timedelta(days=1))
    if days:
        found = _among(found, standing.filter(**days).values("item"), "pk", here.filter(**days))
    return found


def _among(found: QuerySet, gathered: QuerySet, field: str, here: QuerySet, counted: QuerySet | None = None):
    """Narrow to items that a related row says: gathered first where there are few, else looked up one by one.

    Of few, walking the items would pass all of them; of many, gathering would read them all for one page.
    """
    few = (gathered if counted is None else counted)[: _RARE + 1].count() <= _RARE
    return found.filter(**{f"{field}__in": gathered}) if few else found.filter(Exists(here))


def _start(day) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def page_of(project: Project, wanted: ItemFilter, *, before: int = 0, after: int = 0) -> tuple[list[Item], int, int]:
    """One page, newest first, by position and not by number: the last costs what the first does.

    Returns the items and where to go on: older than, newer than (0: nothing there).
    """
    found = matching(project, wanted)
    if after:
        ids = list(found.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[: PAGE + 1])
        more_newer, ids = len(ids) > PAGE, ids[:PAGE][::-1]
        more_older = bool(ids)
    else:
        older = found.filter(pk__lt=before) if before else found
        ids = list(older.order_by("-pk").values_list("pk", flat=True)[: PAGE + 1])
        more_older, ids = len(ids) > PAGE, ids[:PAGE]
        more_newer = bool(before and ids)
    rows = {item.pk: item for item in with_texts(Item.objects.filter(pk__in=ids))}
    return [rows[pk] for pk in ids], ids[-1] if ids and more_older else 0, ids[0] if ids and more_newer else 0


def count_of(project: Project, wanted: ItemFilter, *, most: int = COUNTED_UP_TO) -> tuple[int, bool]:
    """How many pass, counted up to `most`; whether there are more."""
    count = matching(project, wanted).order_by()[: most + 1].count()
    return min(count, most), count > most


def choices(project: Project, *, names: bool) -> dict[str, list]:
    """What the filters offer: sources, raters (by number where the reader may not see names), batches, blocks."""
    raters = project.raters.order_by("kind", "pk").values_list("pk", "kind", "name")[:300]
    return {
        "sources": list(project.sources.order_by("name").values_list("pk", "name")[:300]),
        "raters": [(pk, name if names else pseudonym(pk, kind, name)) for pk, kind, name in raters],
        "batches": list(project.batches.order_by("-pk").values_list("pk", "title")[:100]),
        "blocks": list(project.blocks.order_by("-pk").values_list("pk", "title")[:100]),
    }
