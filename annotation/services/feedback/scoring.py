"""A judge scores the completions of a rubric trial, item by item; what it said is kept, and stands beside people."""

from collections.abc import Sequence

from django.db import transaction

from annotation.errors import Refused
from annotation.judging.rubric import Scoring
from annotation.models import Completion, FeedbackJob, FeedbackRow, JudgeVersion, RubricItem, RubricScore, RubricTrial
from annotation.rubric_document import category_for
from annotation.services.feedback.jobs import start
from annotation.services.feedback.kinds import Bound
from annotation.services.rubric_scores import Scored, record_scores

State = FeedbackRow.State


@transaction.atomic
def request_scoring(trial: RubricTrial, *, by, judge: JudgeVersion) -> FeedbackJob:
    """Have `judge` score what it has not scored of a trial. Raises Refused: a retired judge, nothing left."""
    project = trial.version.rubric.project
    if judge.judge.project_id != project.pk:
        raise Refused("The judge must be of this project.", code="other_project")
    if judge.judge.retired_at is not None:
        raise Refused("This judge is retired. Make another one.", code="retired", status=409)
    left = list(_to_score(trial, judge))
    if not left:
        raise Refused(f"{judge} has scored all of these answers.", code="nothing_to_judge")
    options = {"trial": trial.pk, "items": [item for item, _, _ in left], "completions": [pk for _, pk, _ in left]}
    job = FeedbackJob(project=project, kind=FeedbackJob.Kind.RUBRIC, judge=judge, options=options)
    return start(job, (FeedbackRow(number=at, prompt_id=prompt) for at, (*_, prompt) in enumerate(left)), by=by)


def _to_score(trial: RubricTrial, judge: JudgeVersion):
    """(item, completion, prompt) ids of every pair without a score of this judge."""
    version = trial.version
    categories = list(version.categories.prefetch_related("items"))
    done = set(
        RubricScore.objects.filter(rater=judge.rater_id, item__category__version=version)
        .exclude(score=None)
        .values_list("item", "completion")
    )
    for completion in trial.completions.select_related("prompt").order_by("prompt", "pk"):
        category = category_for(categories, completion.prompt.category)
        for item in category.items.all() if category else ():
            if not item.retired and (item.pk, completion.pk) not in done:
                yield item.pk, completion.pk, completion.prompt_id


def bind(job: FeedbackJob, rows: Sequence[FeedbackRow]) -> dict[int, Bound]:
    items = RubricItem.objects.in_bulk({job.options["items"][row.number] for row in rows})
    wanted = {job.options["completions"][row.number] for row in rows}
    completions = Completion.objects.select_related("prompt").in_bulk(wanted)
    bound = {}
    for row in rows:
        item, completion = items[job.options["items"][row.number]], completions[job.options["completions"][row.number]]
        one = Scoring(
            completion.prompt.messages, completion.text, item.text, item.critique_prompt, completion.prompt.reference
        )
        bound[row.pk] = Bound(one.next, one.step)
    return bound


def settle(job: FeedbackJob, rows: Sequence[FeedbackRow]) -> None:
    """Each row becomes a score of the judge; one that could not be had says why and is no zero."""
    record_scores([_scored(job, row) for row in rows], rater=job.judge.rater)


def _scored(job: FeedbackJob, row: FeedbackRow) -> Scored:
    told = row.result
    item, completion = job.options["items"][row.number], job.options["completions"][row.number]
    if row.state != State.DONE:
        return Scored(item, completion, None, error=told.get("why", ""))
    return Scored(item, completion, row.value, told["confidence"], told["reasoning"], told["critique"])


def finish(job: FeedbackJob) -> bool:
    """How many scores there are, and how many items had to be left out for an answer."""
    states = list(job.rows.values_list("state", flat=True))
    figures = {"scored": states.count(State.DONE), "unread": states.count(State.UNREAD),
               "refused": states.count(State.REFUSED)}  # fmt: skip
    FeedbackJob.objects.filter(pk=job.pk).update(figures=figures)
    return False
