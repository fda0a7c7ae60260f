"""The verdicts of a judge with what people said of the same items: what its figures are made of."""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import QuerySet
from django.db.models.functions import Length

from annotation.chunks import chunked
from annotation.judging.comparing import PAIRED, pair_value
from annotation.judging.measures import Judged
from annotation.judging.verdicts import combined
from annotation.models import FeedbackRow, ItemCompletion, JudgeVersion, Judgment

PEOPLE = ("person", "imported")  # whose answers a judge is compared with; simulated ones only where there are no others
CHUNK = 2_000


def rows_of(version: JudgeVersion) -> QuerySet[FeedbackRow]:
    return FeedbackRow.objects.filter(job__judge=version, job__kind="compare")


def people_kinds(version: JudgeVersion) -> tuple[str, ...]:
    """Whose answers stand for people's on the items that this version judged."""
    items = rows_of(version).values("item")
    said = Judgment.objects.filter(item__in=items, withdrawn=False, rater__kind__in=PEOPLE)
    return PEOPLE if said.exists() else ("simulated",)


def judged(version: JudgeVersion) -> Iterator[Judged]:
    """Items of which every part was read, with answers of people, lengths, and whose family wrote what."""
    kinds = people_kinds(version)
    for items in chunked(_by_item(version), CHUNK):
        ids = [item for item, _ in items]
        places = defaultdict(list)
        for item, length, source, prompt in (
            ItemCompletion.objects.filter(item__in=ids)
            .order_by("item_id", "index")
            .annotate(length=Length("completion__text"))
            .values_list("item_id", "length", "completion__source_id", "item__prompt_id")
        ):
            places[item].append((length, source, prompt))
        people = defaultdict(list)
        for item, strength in Judgment.objects.filter(
            item__in=ids,
            withdrawn=False,
            surplus=False,
            outcome="answer",
            strength__isnull=False,
            rater__kind__in=kinds,
        ).values_list("item_id", "strength"):
            people[item].append((strength > 0) - (strength < 0))
        for item, values in items:
            (first, own, prompt), (second, other, _) = places[item][:2]
            shares = pair_value(version.mode, values)
            yield Judged(
                prompt,
                combined(shares, version.combine),
                shares if version.mode in PAIRED else (),
                (first, second),
                (own == version.source_id, other == version.source_id),
                tuple(people.get(item, ())),
                item,
            )


def _by_item(version: JudgeVersion) -> Iterator[tuple[int, list[float]]]:
    """(item, values of place 0 and 1) where both are there."""
    values: dict[int, float] = {}
    last = None
    rows = rows_of(version).filter(state="done", value__isnull=False).order_by("item_id", "place", "-id")
    for item, place, value in rows.values_list("item_id", "place", "value").iterator():
        if item != last and last is not None:
            if len(values) == 2:
                yield last, [values[0], values[1]]
            values = {}
        last = item
        values.setdefault(place, value)
    if last is not None and len(values) == 2:
        yield last, [values[0], values[1]]
