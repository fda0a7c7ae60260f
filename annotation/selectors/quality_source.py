"""The judgments that a quality report is over, batch by batch, as its pure part reads them.

Batches follow item ids, as for snapshots: all judgments of an item come together and memory stays flat. Texts are read
to count their formatting and dropped.
"""

import json
from collections.abc import Iterator
from itertools import groupby

from django.db.models import QuerySet
from django.db.models.fields.json import KT

from annotation.models import Item, ItemCompletion, Judgment, Project, Prompt
from annotation.quality.formatting import marks
from annotation.quality.gathering import Heard, Subject
from annotation.selectors.snapshot_source import passed_judgments
from annotation.snapshot_filters import Filters

BATCH = 1_000  # items
KINDS = ("person", "imported", "simulated")
_EVERYTHING = {"rater_kinds": KINDS, "origins": ("label", "import", "simulated"), "gold": True}


def weighed_judgments(project: Project, *, queue: str = "", since: str = "", until: str = "") -> QuerySet[Judgment]:
    """What people said here and elsewhere, blind and in ended sittings, known answers and hidden repeats with it.

    No judges, no votes of comparisons.
    """
    chosen = passed_judgments(project, Filters(since=since, until=until, **_EVERYTHING))
    return chosen.filter(item__queue=queue) if queue else chosen


def originals(project: Project) -> set[int]:
    """The items that hidden repeats repeat."""
    return set(Item.objects.filter(project=project, repeat_of__isnull=False).values_list("repeat_of", flat=True))


def weighed_items(
    project: Project, *, queue: str = "", since: str = "", until: str = "", through: int = 0, batch: int = BATCH
) -> Iterator[list[tuple[Subject, list[Heard]]]]:
    """Items with what was said of them, in id order; a few queries a batch."""
    chosen = weighed_judgments(project, queue=queue, since=since, until=until)
    if through:
        chosen = chosen.filter(pk__lte=through)
    items = Item.objects.filter(project=project, published=True)
    if queue:
        items = items.filter(queue=queue)
    last = 0
    while ids := list(items.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:batch]):
        last = ids[-1]
        if found := _assemble(project, chosen.filter(item_id__gte=ids[0], item_id__lte=last), ids[0], last):
            yield found


def _assemble(project: Project, chosen: QuerySet[Judgment], first: int, last: int) -> list[tuple[Subject, list[Heard]]]:
    rows = list(
        chosen.order_by("item_id", "id").values_list(
            "item_id",
            "id",
            "rater_id",
            "rater__kind",
            "outcome",
            "scale",
            "strength",
            KT("value__criteria"),  # as text: decoding a hundred thousand objects takes longer than reading them
            KT("shown_order__0"),
            "judged_at",
            "active_ms",
        )
    )
    if not rows:
        return []
    values = dict(chosen.exclude(item__interface="pairwise").order_by().values_list("id", "value"))
    subjects = _subjects(project, first, last, {row[0] for row in rows})
    return [
        (subjects[item], [_heard(row, values) for row in said]) for item, said in groupby(rows, key=lambda row: row[0])
    ]


def _heard(row: tuple, values: dict[int, dict]) -> Heard:
    _, pk, rater, kind, outcome, scale, strength, criteria, left, judged_at, active_ms = row
    value = values.get(pk) or ({"criteria": json.loads(criteria)} if criteria else {})
    return Heard(
        rater, kind, outcome, scale, strength, value, None if left is None else int(left), judged_at, active_ms
    )


def _subjects(project: Project, first: int, last: int, wanted: set[int]) -> dict[int, Subject]:
    within = {"item__project": project, "item_id__gte": first, "item_id__lte": last}
    answers: dict[int, list[tuple]] = {}
    texts = ItemCompletion.objects.filter(**within).order_by("item_id", "index")
    for item, digest, text in texts.values_list("item_id", "completion__digest", "completion__text").iterator():
        if item in wanted:
            answers.setdefault(item, []).append((_key(digest), len(text), marks(text)))
    prompts = dict(
        Prompt.objects.filter(project=project, items__gte=first, items__lte=last).values_list("pk", "digest")
    )
    rows = Item.objects.filter(project=project, pk__gte=first, pk__lte=last)
    return {
        pk: Subject(pk, way, _key(prompts[prompt]), *_columns(answers.get(pk, [])), gold, original)
        for pk, way, prompt, gold, original in rows.values_list("pk", "interface", "prompt_id", "gold", "repeat_of_id")
        if pk in wanted
    }


def _columns(answers: list[tuple]) -> tuple:
    return tuple(zip(*answers, strict=True)) if answers else ((), (), ())


def _key(digest: str) -> int:
    """A number that fits a column; equal texts have equal ones."""
    return int(digest[:15], 16)
