"""Judging pairs: each asked in both orders (or each answer rated alone), the two made into one judgment of a rater."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.utils import timezone

from annotation.judging import comparing, verdicts
from annotation.judging.principles import drawn
from annotation.models import FeedbackJob, FeedbackRow, Item, ItemCompletion, JudgeVersion, Judgment, Rater
from annotation.services.feedback.demonstrations import ORIGIN, sitting_of
from annotation.services.feedback.kinds import Bound
from annotation.services.judge_figures import measure
from annotation.services.judgments import Given, Recorded, record_judgments

SCALE = 3  # a verdict takes a side or none; how sure it is stands in the soft label
PLACES = (0, 1)


def rows_for(items: Iterable[int]) -> Iterable[FeedbackRow]:
    """Two rows an item: the orders, or the two answers."""
    for number, item in enumerate(items):
        for place in PLACES:
            yield FeedbackRow(number=2 * number + place, item_id=item, place=place)


def bind(job: FeedbackJob, rows: Sequence[FeedbackRow]) -> dict[int, Bound]:
    version = job.judge
    script = comparing.Comparison(version.mode, version.system, version.template)
    principles = version.constitution.read if version.constitution else []
    items = {row.item_id for row in rows}
    texts = defaultdict(list)
    for item, text in (
        ItemCompletion.objects.filter(item__in=items)
        .order_by("item_id", "index")
        .values_list("item_id", "completion__text")
    ):
        texts[item].append(text)
    prompts = {item.pk: item.prompt for item in Item.objects.filter(pk__in=items).select_related("prompt")}
    bound = {}
    for row in rows:
        prompt = prompts[row.item_id]
        # Both orders of a pair are asked with the same principles.
        chosen = drawn(principles, version.principles_drawn, job.options.get("seed", 0), row.item_id)
        pair = comparing.Pair(
            prompt.messages, texts[row.item_id][:2], row.place, prompt.reference, [one.text for one in chosen]
        )
        bound[row.pk] = Bound(
            lambda steps, pair=pair: script.next(pair, steps), lambda _steps, reply: comparing.step(reply)
        )
    return bound


def settle(job: FeedbackJob, rows: Sequence[FeedbackRow]) -> None:
    """Items whose both rows were read become judgments, once each."""
    version = job.judge
    items = {row.item_id for row in rows if row.state == FeedbackRow.State.DONE}
    values = defaultdict(dict)
    for item, place, value in job.rows.filter(item__in=items, state=FeedbackRow.State.DONE).values_list(
        "item_id", "place", "value"
    ):
        values[item][place] = value
    whole = {item: [own[place] for place in PLACES] for item, own in values.items() if len(own) == len(PLACES)}
    there = Judgment.objects.filter(item__in=whole, rater=version.rater, withdrawn=False)
    for item in there.values_list("item_id", flat=True):
        whole.pop(item, None)
    if whole:
        record_judgments(
            job.project,
            judgments=[_given(version, item, own) for item, own in sorted(whole.items())],
            origin=ORIGIN,
            rater_kind=Rater.Kind.JUDGE,
            after=Recorded(
                raters={version.rater.key: version.rater},
                sittings={version.rater.key: sitting_of(version.rater, ORIGIN)},
            ),
        )


def _given(version: JudgeVersion, item: int, values: list[float]) -> Given:
    shares = comparing.pair_value(version.mode, values)
    value = {"soft": round(verdicts.soft_label(shares), 6), "mode": version.mode}
    value |= {"orders": values} if version.mode in comparing.PAIRED else {"scores": values}
    return Given(
        item=item,
        rater=version.rater.key,
        strength=verdicts.combined(shares, version.combine),
        scale=SCALE,
        value=value,
        shown_order=(),
        judged_at=timezone.now(),
    )


def finish(job: FeedbackJob) -> bool:
    measure(job.judge)
    return False


def open_items(version: JudgeVersion, *, queue: str = "", prompt_set: str = "", with_people: bool = False):
    """Ids of pairs that this version has not judged, of a queue or of all, in id order."""
    items = Item.objects.filter(project=version.judge.project_id, interface="pairwise", published=True)
    if queue:
        items = items.filter(queue=queue)
    if prompt_set:
        items = items.filter(prompt__prompt_set=prompt_set)
    if with_people:
        said = Judgment.objects.filter(withdrawn=False, outcome=Judgment.Outcome.ANSWER)
        items = items.filter(pk__in=said.exclude(rater__kind=Rater.Kind.JUDGE).values("item"))
    judged = Judgment.objects.filter(rater=version.rater_id, withdrawn=False)
    return items.exclude(pk__in=judged.values("item")).order_by("pk").values_list("pk", flat=True)
