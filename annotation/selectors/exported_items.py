"""Items with their completions and everything that was said of them, batch by batch, for other tools' formats."""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Q

from annotation.exporters.items import Exported, Voice
from annotation.models import Item, ItemCompletion, Judgment, Project
from annotation.selectors.snapshot_source import pseudonym

_BATCH = 500


def exported_items(project: Project, *, people: bool, batch: int = _BATCH) -> Iterator[Exported]:
    """Published items in id order. Withdrawn answers and those of sittings that still run stay out.

    Without `people` persons stand there by number. Three queries a batch, whatever its size.
    """
    last = 0
    items = Item.objects.filter(project=project, published=True).select_related("prompt").order_by("pk")
    while found := list(items.filter(pk__gt=last)[:batch]):
        last = found[-1].pk
        numbers = [item.pk for item in found]
        answers, voices = _answers(numbers), _voices(numbers, people)
        for item in found:
            shown = answers[item.pk]
            yield Exported(
                id=item.pk,
                interface=item.interface,
                messages=item.prompt.messages,
                texts=[text for text, _ in shown],
                sources=[source for _, source in shown],
                category=item.prompt.category,
                tags=tuple(item.prompt.tags),
                reference=item.prompt.reference,
                voices=tuple(voices[item.pk]),
            )


def item_count(project: Project) -> int:
    return Item.objects.filter(project=project, published=True).count()


def _answers(items: list[int]) -> dict[int, list[tuple[str, str]]]:
    found = defaultdict(list)
    places = ItemCompletion.objects.filter(item__in=items).order_by("item_id", "index")
    for item, text, source in places.values_list("item_id", "completion__text", "completion__source__name"):
        found[item].append((text, source))
    return found


def _voices(items: list[int], people: bool) -> dict[int, list[Voice]]:
    found = defaultdict(list)
    said = Judgment.objects.filter(
        Q(sitting__isnull=True) | Q(sitting__ended_at__isnull=False), item__in=items, withdrawn=False
    )
    for judgment in said.select_related("rater").order_by("item_id", "pk"):
        rater = judgment.rater
        found[judgment.item_id].append(
            Voice(
                id=judgment.pk,
                rater=rater.name if people else pseudonym(rater.pk, rater.kind, rater.name),
                kind=rater.kind,
                outcome=judgment.outcome,
                scale=judgment.scale,
                strength=judgment.strength,
                value=judgment.value,
                shown=tuple(judgment.shown_order),
                reason=judgment.reason,
                comment=judgment.comment,
                active_ms=judgment.active_ms,
                at=judgment.judged_at.isoformat(),
            )
        )
    return found
