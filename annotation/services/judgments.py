"""Judgments that were not given on our page: imports, simulations, AI judges. In bulk."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from annotation.chunks import chunked
from annotation.interfaces import interface, rubric
from annotation.models import Instruction, Item, Judgment, JudgmentRevision, Project, Rater, Sitting
from annotation.services.items import CHUNK, settle_slots
from annotation.services.review import weigh
from annotation.services.rubric_scores import keep_judgments
from annotation.services.table_statistics import MUCH, analyze
from annotation.services.written import WRITERS, keep_written


@dataclass(frozen=True)
class Given:
    """One judgment to record: of a pair by `strength`, from the first completion's side (true order), and `scale`; of
    other ways by `value`, the whole answer in true order.

    `rater` is a key, unique among raters of its kind in the project; `shown_order` [1, 0] says that the second
    completion stood left, an empty one that neither did: it was judged in both orders.
    """

    item: Item | int
    rater: str
    outcome: str = Judgment.Outcome.ANSWER
    strength: int | None = None
    scale: int | None = None
    value: dict = field(default_factory=dict)
    shown_order: tuple[int, ...] = (0, 1)
    reason: str = ""
    comment: str = ""
    judged_at: datetime | None = None
    active_ms: int | None = None

    @property
    def item_id(self) -> int:
        return self.item.pk if isinstance(self.item, Item) else self.item


@dataclass
class Recorded:
    """What was written. Pass it as `after` to record more in the same sittings (imports come in chunks)."""

    count: int = 0
    raters: dict[str, Rater] = field(default_factory=dict)
    sittings: dict[str, Sitting] = field(default_factory=dict)


@transaction.atomic
def record_judgments(
    project: Project,
    *,
    judgments: Iterable[Given],
    origin: str,
    rater_kind: str,
    names: dict[str, str] | None = None,
    queue: str = "label",
    kind: str = "pairwise",
    blind: bool = True,
    instruction: Instruction | None = None,
    after: Recorded | None = None,
) -> Recorded:
    """Write judgments with their first revision, in one ended sitting per rater, so that snapshots take them.

    Makes raters of `rater_kind` that are not there yet, named by `names` or their key. Answers recorded here count
    towards their item's overlap. Ten thousand take seconds. Raises ValueError for a strength off its scale.
    """
    done = after or Recorded()
    now = timezone.now()
    way = interface(kind)
    for chunk in chunked(judgments, CHUNK):
        _raters(project, rater_kind, {given.rater for given in chunk} - done.raters.keys(), names or {}, done)
        _sittings(project, queue, {given.rater for given in chunk} - done.sittings.keys(), now, done)
        rows = Judgment.objects.bulk_create(
            [
                _judgment(given, way, done, origin=origin, blind=blind, instruction=instruction, now=now)
                for given in chunk
            ]
        )
        JudgmentRevision.objects.bulk_create(
            JudgmentRevision(
                judgment=row,
                number=1,
                kind=JudgmentRevision.Kind.GIVE,
                submission=uuid4(),
                payload=payload_of(row),
                at=row.judged_at,
            )
            for row in rows
        )
        if kind == rubric.NAME:
            keep_judgments(rows)
        settle_slots(given.item_id for given in chunk)
        weigh({given.item_id for given in chunk})
        done.count += len(rows)
    if kind in WRITERS:
        keep_written(project, sittings=done.sittings.values())
    if done.count >= MUCH:
        analyze(Judgment, JudgmentRevision)
    return done


def payload_of(judgment: Judgment) -> dict:
    """What a revision keeps of the judgment it made."""
    return {
        "outcome": judgment.outcome,
        "scale": judgment.scale,
        "strength": judgment.strength,
        "shown": judgment.shown_value,
        "shown_order": judgment.shown_order,
        "reason": judgment.reason,
        "comment": judgment.comment,
    }


def _raters(project: Project, kind: str, keys: set[str], names: dict[str, str], done: Recorded) -> None:
    if not keys:
        return
    Rater.objects.bulk_create(
        [Rater(project=project, kind=kind, key=key, name=names.get(key, key)[:200]) for key in sorted(keys)],
        ignore_conflicts=True,
    )
    done.raters.update((rater.key, rater) for rater in Rater.objects.filter(project=project, kind=kind, key__in=keys))


def _sittings(project: Project, queue: str, keys: set[str], now: datetime, done: Recorded) -> None:
    made = Sitting.objects.bulk_create(
        Sitting(project=project, rater=done.raters[key], queue=queue, started_at=now, last_seen_at=now, ended_at=now)
        for key in sorted(keys)
    )
    done.sittings.update((sitting.rater.key, sitting) for sitting in made)


def _judgment(given: Given, way, done: Recorded, *, origin, blind, instruction, now) -> Judgment:
    shown, true = {}, {}
    order = list(given.shown_order) or [0, 1]
    if given.outcome == Judgment.Outcome.ANSWER:
        said = (
            given.value if given.strength is None else {**given.value, "scale": given.scale, "strength": given.strength}
        )
        shown = way.shown_value(said, order)
        true = {**way.true_value(shown, order), **given.value}
    return Judgment(
        item_id=given.item_id,
        rater=done.raters[given.rater],
        sitting=done.sittings[given.rater],
        instruction=instruction,
        outcome=given.outcome,
        scale=given.scale or true.get("scale"),
        strength=true.get("strength"),
        value=true,
        shown_value=shown if given.shown_order else {},
        shown_order=list(given.shown_order),
        reason=given.reason,
        comment=given.comment,
        blind=blind,
        origin=origin,
        active_ms=given.active_ms,
        judged_at=given.judged_at or now,
    )
