"""Keeps the full-text index of items up to date: new items, and comments that came, changed or went.

Items, prompts and completions never change their texts, and every change of a judgment writes a revision; so it is
enough to follow two tables that only grow. Nobody who labels waits for it: a worker does it every few seconds, and
a search that finds little to do does it first.
"""

from collections import defaultdict
from time import monotonic

from django.db import connection, transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from annotation import search_tables
from annotation.models import Item, ItemCompletion, ItemText, Judgment, JudgmentRevision, SearchMark
from annotation.search_words import mark, words_of

BATCH = 500
SETTLED_SECONDS = 120  # longer than any transaction that writes items or judgments
ITEMS, REVISIONS = "items", "revisions"


def freshen(*, seconds: float = 60.0) -> int:
    """Bring the index up to date, for at most about `seconds`; how many items were written. Safe twice at once."""
    until, written = monotonic() + seconds, 0
    newest = JudgmentRevision.objects.aggregate(newest=Max("pk"))["newest"] or 0
    for name, waiting in ((ITEMS, _new_items), (REVISIONS, _said_since)):
        row = SearchMark.objects.get_or_create(name=name)[0]
        after, complete = row.through, False
        while monotonic() < until:
            ids, last, complete = waiting(after)
            if ids:
                index(ids, revision=newest)
                written += len(ids)
            after = max(after, last)
            if complete:
                break
        if complete:
            _move(row, after)
        elif after > row.through and row.seen >= after:
            SearchMark.objects.filter(pk=row.pk, through__lt=after).update(through=after)
    return written


def _new_items(after: int) -> tuple[list[int], int, bool]:
    """Items that are not in the index: their ids, how far that goes, whether that is all."""
    ids = list(Item.objects.filter(pk__gt=after, text=None).order_by("pk").values_list("pk", flat=True)[:BATCH])
    if len(ids) == BATCH:
        return ids, ids[-1], False
    return ids, max([after, *ids, Item.objects.aggregate(newest=Max("pk"))["newest"] or 0]), True


def _said_since(after: int) -> tuple[list[int], int, bool]:
    """Items about which something was said that the index does not know."""
    told = JudgmentRevision.objects.filter(
        ~Q(judgment__comment="") | ~Q(kind=JudgmentRevision.Kind.GIVE),
        pk__gt=after,
        judgment__item__text__revision__lt=F("pk"),
    )
    rows = list(told.order_by("pk").values_list("pk", "judgment__item")[:BATCH])
    if len(rows) == BATCH:
        return sorted({item for _, item in rows}), rows[-1][0], False
    newest = JudgmentRevision.objects.aggregate(newest=Max("pk"))["newest"] or 0
    return sorted({item for _, item in rows}), max([after, newest, *(pk for pk, _ in rows)]), True


def _move(row: SearchMark, newest: int) -> None:
    """What was the newest long enough ago is settled: nothing with a smaller number can come any more."""
    now = timezone.now()
    if (now - row.seen_at).total_seconds() >= SETTLED_SECONDS or not row.seen:
        through = max(row.through, row.seen)
        SearchMark.objects.filter(pk=row.pk).update(through=through, seen=newest, seen_at=now)


@transaction.atomic
def index(items: list[int], *, revision: int) -> None:
    """Write the words of these items anew."""
    ItemText.objects.bulk_create(
        [ItemText(item_id=item, revision=revision) for item in items],
        update_conflicts=True,
        unique_fields=["item"],
        update_fields=["revision"],
    )
    search_tables.store(connection, _documents(items))


def _documents(items: list[int]):
    """(item, words of each column)."""
    texts, comments = defaultdict(list), defaultdict(list)
    for item, text in (
        ItemCompletion.objects.filter(item__in=items).order_by("index").values_list("item", "completion__text")
    ):
        texts[item].append(text)
    said = Judgment.objects.filter(item__in=items, withdrawn=False).exclude(comment="").order_by("pk")
    for item, comment in said.values_list("item", "comment"):
        comments[item].append(comment)
    for item, messages, tags in Item.objects.filter(pk__in=items).values_list("pk", "prompt__messages", "prompt__tags"):
        asked = "\n".join(str(turn.get("content", "")) for turn in messages if isinstance(turn, dict))
        columns = asked, "\n".join(texts[item]), "\n".join(comments[item])
        yield item, [*map(words_of, columns), " ".join(mark(str(tag)) for tag in tags or [])]


def rebuild() -> int:
    """Make the whole index anew; how many items are in it."""
    with transaction.atomic():
        search_tables.forget(connection)
        ItemText.objects.all().delete()
        SearchMark.objects.all().delete()
    return freshen(seconds=86_400)
