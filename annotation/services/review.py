"""Where people contradict each other: others are asked, then somebody decides. And items whose answer is known."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from annotation.errors import Refused
from annotation.models import Item, Judgment, JudgmentRevision, Project
from annotation.quality.odds import at_odds
from annotation.services.audit import record
from annotation.services.items import ANSWERS, settle_slots
from annotation.services.sittings import rater_of

REVIEW = "review"


def weigh(items: Iterable[int], *, most: int | None = None) -> None:
    """Note on which of these items the answers that stand contradict each other; what is decided stays decided.

    Where they do and everybody who was to be asked has answered, one more is asked, up to `most`.
    """
    said: dict[int, list] = defaultdict(list)
    decided = set()
    rows = Judgment.objects.filter(
        item__in=list(items), item__repeat_of=None, item__gold__isnull=True, withdrawn=False, surplus=False
    ).filter(outcome__in=ANSWERS)
    for item, origin, strength, value in rows.values_list("item", "origin", "strength", "value"):
        said[item].append((strength, value))
        if origin == REVIEW:
            decided.add(item)
    more = []
    for item in Item.objects.filter(pk__in=[item for item, answers in said.items() if len(answers) > 1]):
        odds = item.pk not in decided and at_odds(item.interface, said[item.pk])
        if odds != item.at_odds:
            Item.objects.filter(pk=item.pk).update(at_odds=odds)
        if odds and most and item.overlap <= len(said[item.pk]) < most:
            Item.objects.filter(pk=item.pk).update(overlap=item.overlap + 1)
            more.append(item.pk)
    settle_slots(more)


@transaction.atomic
def decide(project: Project, *, by, item: int, judgment: int) -> Judgment:
    """Let one of an item's answers stand for all: a judgment of its own, by whoever decides, with origin `review`.

    An earlier decision is withdrawn; nothing else changes. Raises Refused for an answer that is not there any more.
    """
    adopted = _answer(project, item, judgment)
    earlier = Judgment.objects.filter(item=item, origin=REVIEW, withdrawn=False).select_for_update()
    for old in earlier:
        if old.pk == adopted.pk:
            raise Refused("This answer has decided already.", code="decided", status=409)
        old.withdrawn, old.revision = True, old.revision + 1
        old.save(update_fields=["withdrawn", "revision"])
        _revision(old, JudgmentRevision.Kind.WITHDRAW, {"by": by.pk})
    made = Judgment.objects.create(
        item_id=item,
        rater=rater_of(project, by),
        instruction=adopted.instruction,
        outcome=adopted.outcome,
        scale=adopted.scale,
        strength=adopted.strength,
        value=adopted.value,
        shown_value=adopted.shown_value,
        shown_order=adopted.shown_order,
        origin=REVIEW,
    )
    _revision(made, JudgmentRevision.Kind.GIVE, {"adopted": adopted.pk, "value": made.value})
    Item.objects.filter(pk=item).update(at_odds=False)
    settle_slots([item])
    record(project, by=by, action="item.decide", target=f"item {item}", after={"judgment": adopted.pk})
    return made


@transaction.atomic
def set_gold(project: Project, *, by, item: int, judgment: int | None) -> None:
    """Make an answer of the item the known one, so that it is woven in and takes no slots; None takes that back.

    Raises Refused for an answer that is not there any more, or an item that is a hidden repeat.
    """
    found = Item.objects.filter(project=project, pk=item, published=True, repeat_of=None).first()
    if found is None:
        raise Refused("There is no such item here.", code="no_item", status=404)
    if judgment is None:
        task = project.tasks.filter(queue=found.queue).first()
        found.gold, found.overlap = None, task.overlap if task else 1
    else:
        found.gold, found.overlap, found.at_odds = _answer(project, item, judgment).value, 0, False
    found.save(update_fields=["gold", "overlap", "at_odds"])
    settle_slots([item])
    record(project, by=by, action="item.gold", target=f"item {item}", after={"gold": found.gold})


def _answer(project: Project, item: int, judgment: int | None) -> Judgment:
    if not Item.objects.filter(project=project, pk=item, published=True).exists():
        raise Refused("There is no such item here.", code="no_item", status=404)
    found = Judgment.objects.filter(
        item__project=project, item=item, pk=judgment, withdrawn=False, outcome=Judgment.Outcome.ANSWER
    ).first()
    if found is None:
        raise Refused("This answer is not there any more. Load the page again.", code="gone", status=404)
    return found


def _revision(judgment: Judgment, kind: str, payload: dict) -> None:
    JudgmentRevision.objects.create(
        judgment=judgment, number=judgment.revision, kind=kind, submission=uuid4(), payload=payload, at=timezone.now()
    )
