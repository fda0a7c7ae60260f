"""Prompts and items as the data pages show them: counted, filtered, page by page."""

from collections import Counter

from django.core.cache import cache
from django.db.models import Count, Prefetch, Q, QuerySet

from annotation.interfaces import INTERFACES
from annotation.interfaces.writing import clean_reply
from annotation.models import ImportJob, Item, ItemCompletion, Judgment, Project, Prompt, Snapshot
from annotation.wordmarks import Change, changes

PAGE = 25
_KEPT_SECONDS = 20
_MUCH = 20_000


def counts(project: Project) -> dict:
    """What there is, in figures. Counting walks the tables: of much data the figures may be twenty seconds old."""
    key = f"data-counts:{project.split_salt}"
    found = cache.get(key)
    if found is None:
        found = _count(project)
        if found["items"]["all"] + found["judgments"] >= _MUCH:  # a first import must never meet "no data yet"
            cache.set(key, found, _KEPT_SECONDS)
    return found


def _count(project: Project) -> dict:
    live = Judgment.objects.filter(item__project=project, item__published=True, withdrawn=False)
    kinds = dict(live.values_list("rater__kind").annotate(n=Count("pk")).order_by())
    items = Item.objects.filter(project=project, published=True).aggregate(
        all=Count("pk"), open=Count("pk", filter=Q(open_slots__gt=0)), flagged=Count("pk", filter=Q(put_aside=True))
    )
    return {
        "prompts": Prompt.objects.filter(project=project, published=True).count(),
        "items": items,
        "judgments": sum(kinds.values()),
        "kinds": kinds,
    }


def prompt_sets(project: Project) -> dict[str, int]:
    """Named prompt sets with how many prompts each has."""
    return _groups(project, "prompt_set")


def categories(project: Project) -> dict[str, int]:
    return _groups(project, "category")


def _groups(project: Project, field: str) -> dict[str, int]:
    prompts = Prompt.objects.filter(project=project, published=True).exclude(**{field: ""})
    return dict(prompts.values_list(field).annotate(n=Count("pk")).order_by(field)[:200])


def queues(project: Project) -> Counter:
    """The queues that items are in, with how many."""
    items = Item.objects.filter(project=project, published=True)
    return Counter(dict(items.values_list("queue").annotate(n=Count("pk")).order_by()))


def imports(project: Project) -> QuerySet[ImportJob]:
    return ImportJob.objects.filter(project=project).order_by("-pk")


def snapshots(project: Project) -> QuerySet[Snapshot]:
    return Snapshot.objects.filter(project=project).order_by("-pk").defer("card")


def with_texts(found: QuerySet[Item]) -> QuerySet[Item]:
    judgments = Judgment.objects.filter(withdrawn=False).select_related("rater").order_by("pk")
    entries = ItemCompletion.objects.select_related("completion__source").order_by("index")
    return found.select_related("prompt").prefetch_related(
        Prefetch("entries", entries), Prefetch("judgments", judgments)
    )


def item_of(project: Project, pk: int) -> Item:
    """One item with everything; Item.DoesNotExist where it is not the project's."""
    return with_texts(Item.objects.filter(project=project, published=True)).get(pk=pk)


def words_of(item: Item, judgment: Judgment) -> str:
    """What was said, as its way to label puts it; pairs read by strength."""
    way = INTERFACES.get(item.interface)
    if way is None or judgment.outcome != Judgment.Outcome.ANSWER or judgment.strength is not None:
        return ""
    order = list(range(item.size)) or judgment.shown_order  # the page has the answers in true order
    return way.sentence(judgment.outcome, way.shown_value(judgment.value, order))


def changes_of(item: Item, judgment: Judgment) -> list[Change]:
    """What an edit changed; nothing for other ways."""
    before = next((entry.completion.text for entry in item.entries.all()), "")
    after = judgment.value.get("text") if item.interface == "edit" else None
    return changes(clean_reply(before), after) if isinstance(after, str) else []
