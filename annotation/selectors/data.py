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


STATES = {
    "open": ("Waiting to be judged", Q(open_slots__gt=0)),
    "judged": ("Judged", Q(has_judgments=True)),
    "put_aside": ("Flagged", Q(put_aside=True)),
}


def items(
    project: Project, *, queue: str = "", state: str = "", category: str = "", search: str = ""
) -> QuerySet[Item]:
    """Published items, newest first, with what is said of them when a page is read."""
    found = Item.objects.filter(project=project, published=True)
    if queue:
        found = found.filter(queue=queue)
    if category:
        found = found.filter(prompt__category=category)
    if state == "judged":
        found = found.filter(pk__in=Judgment.objects.filter(item__project=project, withdrawn=False).values("item"))
    elif state in STATES:
        found = found.filter(STATES[state][1])
    if search:
        found = found.filter(prompt__in=Prompt.objects.filter(project=project, messages__icontains=search).values("pk"))
    return found.order_by("-pk")


def item_page(project: Project, *, before: int = 0, after: int = 0, **filters) -> tuple[list[Item], int, int]:
    """One page of items by position and not by number, so that the last page costs what the first does.

    Returns the items and where to go on: older than, newer than (0: nothing there).
    """
    found = items(project, **filters)
    if after:
        rows = list(_with_texts(found.filter(pk__gt=after).order_by("pk"))[: PAGE + 1])
        more_newer, rows = len(rows) > PAGE, rows[:PAGE][::-1]
        more_older = bool(rows)
    else:
        rows = list(_with_texts(found.filter(pk__lt=before) if before else found)[: PAGE + 1])
        more_older, rows = len(rows) > PAGE, rows[:PAGE]
        more_newer = bool(before and rows)
    return rows, rows[-1].pk if rows and more_older else 0, rows[0].pk if rows and more_newer else 0


def _with_texts(found: QuerySet[Item]) -> QuerySet[Item]:
    judgments = Judgment.objects.filter(withdrawn=False).select_related("rater").order_by("pk")
    entries = ItemCompletion.objects.select_related("completion__source").order_by("index")
    return found.select_related("prompt").prefetch_related(
        Prefetch("entries", entries), Prefetch("judgments", judgments)
    )


def item_of(project: Project, pk: int) -> Item:
    """One item with everything; Item.DoesNotExist where it is not the project's."""
    return _with_texts(Item.objects.filter(project=project, published=True)).get(pk=pk)


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
