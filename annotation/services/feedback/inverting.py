"""Inverse constitution: principles found in people's choices, in two parts: proposing, and voting on the proposals."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction

from annotation.errors import Refused
from annotation.judging import inverse
from annotation.judging.comparing import step
from annotation.models import Constitution, FeedbackJob, FeedbackRow, Item, ItemCompletion, Project, Source
from annotation.services.constitutions import create_constitution
from annotation.services.feedback.debating import decided
from annotation.services.feedback.demonstrations import speaking
from annotation.services.feedback.jobs import add_rows, start
from annotation.services.feedback.kinds import Bound
from annotation.shares import share

MOST_PAIRS = 1000
PROPOSE, VOTE = "propose", "vote"
HELD_OUT = 0.25


@transaction.atomic
def request_inverse(
    project: Project,
    *,
    by,
    writer: Source | None = None,
    queue: str = "",
    most: int = 100,
    clusters: int = 12,
    kept: int = 5,
    temperature: float = 0.0,
    max_new_tokens: int = 300,
    seed: int = 0,
) -> FeedbackJob:
    """Find the principles that explain what people chose. Without a writer: among what can be counted.

    Raises Refused.
    """
    if writer is not None:
        speaking(project, writer)
    if not 8 <= most <= MOST_PAIRS or not 2 <= clusters <= 50 or not 1 <= kept <= 20:
        raise Refused(f"8 to {MOST_PAIRS:,} pairs, 2 to 50 clusters, 1 to 20 principles kept.", code="options")
    truths = decided(project, queue=queue, most=most)
    if len(truths) < 8:
        raise Refused("People took a side on fewer than 8 pairs here; that explains nothing yet.", code="too_few")
    options = {
        "queue": queue,
        "clusters": clusters,
        "kept": kept,
        "temperature": temperature,
        "max_new_tokens": max_new_tokens,
        "seed": seed,
        "truths": {str(item): truth for item, truth in truths.items()},
    }
    job = FeedbackJob(project=project, kind=FeedbackJob.Kind.INVERSE, writer=writer, options=options)
    return start(job, _rows(list(truths)[: _training(len(truths))], PROPOSE, 0), by=by)


def _training(count: int) -> int:
    """How many pairs principles are looked for in; the rest says what they are worth."""
    return count - max(2, round(HELD_OUT * count))


def _rows(items: Sequence[int], part: str, first: int):
    """Every other pair is shown with the second answer first, so that no order explains anything."""
    for at, item in enumerate(items):
        yield FeedbackRow(number=first + at, item_id=item, part=part, place=at % 2)


def bind(job: FeedbackJob, rows: Sequence[FeedbackRow]) -> dict[int, Bound]:
    proposing, voting = inverse.Proposing(), inverse.Voting(job.options.get("candidates", ()))
    items = {row.item_id for row in rows}
    messages = {item.pk: item.prompt.messages for item in Item.objects.filter(pk__in=items).select_related("prompt")}
    texts = defaultdict(list)
    entries = ItemCompletion.objects.filter(item__in=items).order_by("item_id", "index")
    for item, text in entries.values_list("item_id", "completion__text"):
        texts[item].append(text)
    bound = {}
    for row in rows:
        chosen = 1 - job.options["truths"][str(row.item_id)]  # the place of the one that was preferred
        choice = inverse.Choice(messages[row.item_id], tuple(texts[row.item_id][:2]), chosen, row.place)
        script = proposing if row.part == PROPOSE else voting
        bound[row.pk] = Bound(
            lambda steps, script=script, choice=choice: script.next(choice, steps), lambda _steps, reply: step(reply)
        )
    return bound


def settle(job: FeedbackJob, rows: Sequence[FeedbackRow]) -> None:
    """Nothing stays but the votes; a constitution is made of them when somebody says so."""


def finish(job: FeedbackJob) -> bool:
    """After proposing: cluster, and vote on one principle a cluster. After voting: what each is worth."""
    if not job.options.get("candidates"):
        return _to_the_vote(job)
    _count(job)
    return False


@transaction.atomic
def _to_the_vote(job: FeedbackJob) -> bool:
    said = job.rows.filter(part=PROPOSE, state=FeedbackRow.State.DONE).order_by("number")
    proposed = [text for result in said.values_list("result", flat=True) for text in result["principles"]]
    if not proposed:
        FeedbackJob.objects.filter(pk=job.pk).update(figures={"proposed": 0, "principles": []})
        return False
    clusters = inverse.clustered(proposed, job.options["clusters"], seed=job.options["seed"])
    job.options |= {"candidates": [group[0] for group in clusters], "proposed": len(proposed)}
    FeedbackJob.objects.filter(pk=job.pk).update(options=job.options)
    items = [int(item) for item in job.options["truths"]]
    first = job.rows.count()
    made = add_rows(job, _rows(items, VOTE, first))
    FeedbackJob.objects.filter(pk=job.pk).update(total=first + made)
    return True


def _count(job: FeedbackJob) -> None:
    candidates = job.options["candidates"]
    items = list(job.options["truths"])
    training = set(items[: _training(len(items))])
    votes, chosen = {True: [], False: []}, {True: [], False: []}
    rows = job.rows.filter(part=VOTE, state=FeedbackRow.State.DONE).order_by("number").values_list("item_id", "result")
    for item, result in rows:
        learnt = str(item) in training
        votes[learnt].append(result["votes"])
        chosen[learnt].append(1 - job.options["truths"][str(item)])
    found = inverse.tested(candidates, votes[True], chosen[True])
    kept = inverse.kept(found, most=job.options["kept"])
    held = [dict(zip(candidates, row, strict=True)) for row in votes[False]]
    figures = {
        "proposed": job.options["proposed"],
        "pairs": len(votes[True]),
        "held_out": len(held),
        "reconstruction": share(
            (inverse.reconstructed(kept, row, truth), 1) for row, truth in zip(held, chosen[False], strict=True)
        ).as_dict(),
        "principles": [
            {
                "text": one.text,
                "relevance": one.relevance,
                "accuracy": one.accuracy,
                "interval": one.interval,
                "votes": one.votes,
                "kept": one in kept,
            }
            for one in found
        ],
    }
    FeedbackJob.objects.filter(pk=job.pk).update(figures=figures)


def make_constitution(job: FeedbackJob, *, by, name: str) -> Constitution:
    """What was kept, as the first version of a constitution, weighted by accuracy times relevance. Raises Refused."""
    kept = [one for one in job.figures.get("principles", ()) if one["kept"]]
    if not kept:
        raise Refused("No principle was kept, so there is nothing to make a constitution of.", code="nothing_kept")
    rows = [
        {"text": one["text"], "weight": max(0.01, round(one["accuracy"] * one["relevance"], 2)), "tags": ["found"]}
        for one in kept
    ]
    note = f"Found in people's choices on {job.figures['pairs']} pairs"
    return create_constitution(job.project, by=by, name=name, rows=rows, change_note=note)
