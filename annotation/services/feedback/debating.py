"""Debates about pairs of which people said which is better; the judge never sees what they said."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction

from annotation.errors import Refused
from annotation.judging import debate
from annotation.judging.measures import majority
from annotation.models import FeedbackJob, FeedbackRow, Item, ItemCompletion, JudgeVersion, Judgment, Project, Source
from annotation.services.feedback.demonstrations import speaking
from annotation.services.feedback.jobs import start
from annotation.services.feedback.kinds import Bound
from annotation.shares import share

MOST_PAIRS = 1000
MODES = ("letters", "verdict")


@transaction.atomic
def request_debates(
    project: Project,
    *,
    by,
    writer: Source,
    judge: JudgeVersion,
    queue: str = "",
    most: int = 50,
    rounds: int = 2,
    turns: str = "sequential",
    temperature: float = 1.0,
    max_new_tokens: int = 250,
    seed: int = 0,
) -> FeedbackJob:
    """Two debates a pair on which people's majority takes a side, with sides swapped. Raises Refused."""
    speaking(project, writer)
    if judge.judge.project_id != project.pk or judge.mode not in MODES:
        raise Refused("Take a judge of this project that compares: letters, or a written verdict.", code="mode")
    if not 1 <= most <= MOST_PAIRS or not 1 <= rounds <= 5 or turns not in debate.KINDS:
        raise Refused(f"1 to {MOST_PAIRS:,} pairs, 1 to 5 rounds, {' or '.join(debate.KINDS)}.", code="options")
    truths = decided(project, queue=queue, most=most)
    if not truths:
        raise Refused("There is no pair here on which people took a side. Label some first.", code="nothing_to_debate")
    options = {
        "queue": queue,
        "rounds": rounds,
        "turns": turns,
        "temperature": temperature,
        "max_new_tokens": max_new_tokens,
        "seed": seed,
        "truths": {str(item): truth for item, truth in truths.items()},
    }
    job = FeedbackJob(project=project, kind=FeedbackJob.Kind.DEBATE, writer=writer, judge=judge, options=options)
    rows = (
        FeedbackRow(number=2 * at + place, item_id=item, place=place)
        for at, item in enumerate(truths)
        for place in (0, 1)
    )
    return start(job, rows, by=by)


def decided(project: Project, *, queue: str, most: int) -> dict[int, int]:
    """Pairs with what people's majority said, 1 for the first and 0 for the second: the newest ones."""
    said = Judgment.objects.filter(
        item__project=project,
        item__interface="pairwise",
        item__published=True,
        item__put_aside=False,
        withdrawn=False,
        surplus=False,
        strength__isnull=False,
    ).exclude(rater__kind="judge")
    if queue:
        said = said.filter(item__queue=queue)
    votes = defaultdict(list)
    for item, strength in said.order_by("-item_id").values_list("item_id", "strength")[: 20 * most]:
        votes[item].append((strength > 0) - (strength < 0))
    sides = {item: majority(own) for item, own in votes.items()}
    return dict([(item, int(side > 0)) for item, side in sides.items() if side][:most])


def bind(job: FeedbackJob, rows: Sequence[FeedbackRow]) -> dict[int, Bound]:
    script = debate.Debate(job.options["rounds"], job.options["turns"], job.judge.mode)
    items = Item.objects.filter(pk__in={row.item_id for row in rows}).select_related("prompt")
    messages = {item.pk: item.prompt.messages for item in items}
    texts = defaultdict(list)
    entries = ItemCompletion.objects.filter(item__in=messages).order_by("item_id", "index")
    for item, text in entries.values_list("item_id", "completion__text"):
        texts[item].append(text)
    bound = {}
    for row in rows:
        motion = debate.Motion(messages[row.item_id], tuple(texts[row.item_id][:2]), row.place)
        bound[row.pk] = Bound(
            lambda steps, motion=motion: script.next(motion, steps),
            lambda steps, reply: script.step(steps, reply),
        )
    return bound


def settle(job: FeedbackJob, rows: Sequence[FeedbackRow]) -> None:
    """A debate leaves its transcript and nothing else."""


def finish(job: FeedbackJob) -> bool:
    """How often the judge is right with the debate and without, and how often who speaks first is believed."""
    with_it, without, first = defaultdict(list), defaultdict(list), defaultdict(list)
    rows = job.rows.filter(state=FeedbackRow.State.DONE).values_list("item_id", "place", "value", "result")
    for item, place, value, result in rows.iterator():
        with_it[item].append(value)
        without[item].append(result["without"])
        shown = value if place == 0 else 1 - value
        first[item].append(debate.right(shown, 1))
    truths = {int(item): truth for item, truth in job.options["truths"].items()}

    def right(shares: dict) -> dict:
        return share((debate.right(debate.settled(own), truths[item]), 1) for item, own in shares.items()).as_dict()

    figures = {
        "pairs": len(with_it),
        "with": right(with_it),
        "without": right(without),
        "first_speaker": share((sum(own), len(own)) for own in first.values()).as_dict(),
    }
    FeedbackJob.objects.filter(pk=job.pk).update(figures=figures)
    return False
