"""The judgments that a snapshot takes in, batch by batch, with what they are about.

Batches follow item ids, so that all judgments of an item come together and memory stays flat; each costs three
queries over ranges, whatever its size. Texts are read only for freezing: a preview gets by with lengths and digests.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Length, Mod
from django.utils import timezone

from annotation.interfaces import interface
from annotation.models import Item, ItemCompletion, Judgment, Project, Prompt
from annotation.policy import Said
from annotation.snapshot_filters import Filters

BATCH = 2_000  # items


@dataclass(slots=True)
class Asked:
    """A prompt. Messages and reference only when texts were asked for."""

    id: int
    digest: str
    split_key: str
    category: str
    prompt_set: str
    messages: list[dict] = field(default_factory=list)
    reference: str = ""


@dataclass(slots=True)
class Answered:
    """A completion in an item, in true order."""

    id: int
    digest: str
    length: int
    source: int
    text: str = ""


@dataclass(slots=True)
class Told:
    """What a card wants to know of one judgment beyond what the policy needs."""

    rater: int
    rater_kind: str
    guide: int | None
    judged_at: datetime
    left: int | None  # the true index of the completion that stood left; None where nothing was shown


@dataclass(slots=True)
class Picked:
    """An item with the judgments that passed the filters."""

    id: int
    interface: str
    prompt: Asked
    answers: list[Answered] = field(default_factory=list)
    voices: list[Said] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)


def chosen_judgments(project: Project, filters: Filters) -> QuerySet[Judgment]:
    """What passes `filters`, but for hidden repeats: those measure a person and say nothing new."""
    return passed_judgments(project, filters).filter(item__repeat_of__isnull=True)


def passed_judgments(project: Project, filters: Filters) -> QuerySet[Judgment]:
    """Published, of ended sittings, not withdrawn, not put aside; and whatever `filters` say."""
    chosen = Judgment.objects.filter(
        Q(sitting__isnull=True) | Q(sitting__ended_at__isnull=False),
        item__project=project,
        item__published=True,
        item__put_aside=False,
        withdrawn=False,
        rater__kind__in=filters.rater_kinds,
        origin__in=filters.origins,
    )
    if not filters.open_votes:
        chosen = chosen.filter(blind=True)
    if not filters.gold:
        chosen = chosen.filter(item__gold__isnull=True)
    if not filters.surplus:
        chosen = chosen.filter(surplus=False)
    for lookup, wanted in (
        ("rater__in", filters.raters),
        ("instruction__number__in", filters.guides),
        ("item__prompt__prompt_set__in", filters.prompt_sets),
        ("item__prompt__category__in", filters.categories),
    ):
        if wanted:
            chosen = chosen.filter(**{lookup: wanted})
    if filters.since:
        chosen = chosen.filter(judged_at__gte=_midnight(filters.since))
    if filters.until:
        chosen = chosen.filter(judged_at__lt=_midnight(filters.until) + timedelta(days=1))
    return chosen.filter(pk__lte=filters.through) if filters.through else chosen


def _midnight(day: str) -> datetime:
    return timezone.make_aware(datetime.combine(date.fromisoformat(day), time.min))


def picked_items(
    project: Project, filters: Filters, *, texts: bool, batch: int = BATCH, every: int = 1
) -> Iterator[list[Picked]]:
    """Items with their chosen judgments, in id order; only every so manieth item where a sample will do.

    Of pairs the strength is that of the filters' criterion. A margin that came with the data is of the overall grade.
    """
    chosen = chosen_judgments(project, filters)
    if every > 1:
        chosen = chosen.annotate(rest=Mod("item_id", every)).filter(rest=0)
    chosen = chosen.order_by("item_id", "id").values_list(
        "item_id",
        "item__interface",
        "item__prompt_id",
        "id",
        "revision",
        "outcome",
        "scale",
        "strength",
        # As text and not as JSON: decoding a hundred thousand objects takes longer than reading them.
        KT("value__margin"),
        KT("value__label"),
        KT("value__soft"),
        "rater_id",
        "rater__kind",
        "instruction__number",
        "judged_at",
        KT("shown_order__0"),
        "origin",
    )
    for first, last in _ranges(project, batch * every):
        # A range and no LIMIT: with one, SQLite sorts everything that is left for every batch.
        if rows := list(chosen.filter(item_id__gte=first, item_id__lte=last)):
            values = _values(chosen.filter(item_id__gte=first, item_id__lte=last), rows, criterion=filters.criterion)
            if filters.criterion:
                rows = [_by_criterion(row, values[row[3]], filters.criterion) for row in rows]
            yield _assemble(project, rows, values, texts=texts)


def _by_criterion(row: tuple, value: dict, criterion: str) -> tuple:
    """The row with this criterion's strength in the place of the overall one, and no margin."""
    said = ((value or {}).get("criteria") or {}).get(criterion)
    return (*row[:7], said.get("strength") if isinstance(said, dict) else None, None, *row[9:])


def _ranges(project: Project, batch: int) -> Iterator[tuple[int, int]]:
    """First and last ids of `batch` items at a time."""
    items = Item.objects.filter(project=project).order_by("pk").values_list("pk", flat=True)
    last = 0
    while ids := list(items.filter(pk__gt=last)[:batch]):
        yield ids[0], (last := ids[-1])


def _values(chosen: QuerySet[Judgment], rows: list[tuple], *, criterion: str) -> dict[int, dict]:
    """Whole answers by judgment, of those that need more than a strength. No query where there are none."""
    if criterion:
        return dict(chosen.order_by().values_list("id", "value"))
    if all(row[1] == "pairwise" for row in rows):
        return {}
    others = chosen.order_by().exclude(item__interface="pairwise")
    return dict(others.values_list("id", "value"))


def _assemble(project: Project, rows: list[tuple], values: dict[int, dict], *, texts: bool) -> list[Picked]:
    first, last = rows[0][0], rows[-1][0]
    prompts = _prompts(project, first, last, texts=texts)
    items: dict[int, Picked] = {}
    for item, kind, prompt, judgment, revision, outcome, scale, strength, margin, label, soft, *rest in rows:
        rater, rater_kind, guide, judged_at, left, origin = rest
        picked = items.get(item)
        if picked is None:
            picked = items[item] = Picked(item, kind, prompts[prompt])
        margin, thumb = None if margin is None else float(margin), str(label).lower() in ("1", "true")
        decides, value = origin == "review", values.get(judgment)
        sure = None if soft is None else float(soft)
        said = Said(judgment, revision, outcome, scale, strength, margin, thumb, value, decides=decides, soft=sure)
        picked.voices.append(said)
        picked.told.append(Told(rater, rater_kind, guide, judged_at, None if left is None else int(left)))
    places = ItemCompletion.objects.filter(item__project=project, item_id__gte=first, item_id__lte=last)
    columns = ["completion__text"] if texts else []
    for item, completion, digest, length, source, *text in (
        places.order_by("item_id", "index")
        .annotate(length=Length("completion__text"))
        .values_list("item_id", "completion_id", "completion__digest", "length", "completion__source_id", *columns)
    ):
        if item in items:
            items[item].answers.append(Answered(completion, digest, length, source, *text))
    return list(items.values())


def _prompts(project: Project, first: int, last: int, *, texts: bool) -> dict[int, Asked]:
    columns = ["messages", "reference"] if texts else []
    rows = Prompt.objects.filter(project=project, items__gte=first, items__lte=last).distinct()
    if texts:  # JSON columns cannot be compared on every database
        rows = Prompt.objects.filter(pk__in=rows.values("pk"))
    facts = rows.values_list("id", "digest", "split_key", "category", "prompt_set", *columns)
    return {row[0]: Asked(*row) for row in facts}


def chosen_prompts(project: Project, filters: Filters) -> QuerySet[Prompt]:
    """The prompts of a snapshot of prompts: no judgments are asked."""
    prompts = Prompt.objects.filter(project=project, published=True)
    if filters.prompt_sets:
        prompts = prompts.filter(prompt_set__in=filters.prompt_sets)
    if filters.categories:
        prompts = prompts.filter(category__in=filters.categories)
    return prompts


def picked_prompts(project: Project, filters: Filters, *, texts: bool, batch: int = BATCH) -> Iterator[list[Asked]]:
    """The chosen prompts in id order."""
    columns = ["messages", "reference"] if texts else []
    chosen = chosen_prompts(project, filters).order_by("id")
    last = 0
    while rows := list(
        chosen.filter(pk__gt=last).values_list("id", "digest", "split_key", "category", "prompt_set", *columns)[:batch]
    ):
        yield [Asked(*row) for row in rows]
        last = rows[-1][0]


def criteria_of(project: Project) -> list[str]:
    """The criteria that pairs of this project are graded by: its tasks', and those that came with the newest data."""
    asked = [interface(task.interface).settings(task.settings) for task in project.tasks.all()]
    found = [name for settings in asked for name in getattr(settings, "criteria", ())]
    newest = Judgment.objects.filter(item__project=project).order_by("-pk").values_list("value", flat=True)[:200]
    for value in newest:
        found += (value or {}).get("criteria") or {}
    return list(dict.fromkeys(found))


def filter_choices(project: Project) -> dict:
    """What the filters can be set to, with how many judgments each takes in. Raters by pseudonym."""
    live = Judgment.objects.filter(item__project=project, item__published=True, withdrawn=False)

    def counted(field: str) -> dict:
        return dict(live.exclude(**{field: None}).values_list(field).annotate(n=Count("pk")).order_by(field))

    raters = live.values_list("rater", "rater__kind", "rater__name").annotate(n=Count("pk")).order_by("rater")[:300]
    return {
        "kinds": counted("rater__kind"),
        "origins": counted("origin"),
        "guides": counted("instruction__number"),
        "raters": [(pk, pseudonym(pk, kind, name), count) for pk, kind, name, count in raters],
    }


def pseudonym(pk: int, kind: str, name: str) -> str:
    """How researchers see a rater: people by number, everything that is no person of ours by name."""
    return f"annotator {pk:02d}" if kind == "person" else name
