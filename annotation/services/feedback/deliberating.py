"""Deliberative alignment's data: reasoned answers under a specification, rated, kept without it."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Avg, Count, Q

from annotation.errors import Refused
from annotation.judging import deliberation
from annotation.judging.principles import Principle
from annotation.models import ConstitutionVersion, FeedbackJob, FeedbackRow, JudgeVersion, Project, Prompt, Source
from annotation.services.feedback.demonstrations import keep_answers, prompts_of, speaking
from annotation.services.feedback.jobs import start
from annotation.services.feedback.kinds import Bound
from annotation.shares import share

MODES = ("score", "rating")


@transaction.atomic
def request_deliberation(
    project: Project,
    *,
    by,
    writer: Source,
    judge: JudgeVersion,
    constitution: ConstitutionVersion,
    prompt_set: str,
    most: int = 100,
    runs: int = 2,
    threshold: float = 7.0,
    temperature: float = 1.0,
    max_new_tokens: int = 800,
    seed: int = 0,
) -> FeedbackJob:
    """Have `writer` answer each prompt with the principles of its category in view, and `judge` rate it.

    Raises Refused. The judge is asked in its own way of rating (score or rating); its prompt is the deliberation's.
    """
    speaking(project, writer)
    if constitution.constitution.project_id != project.pk or judge.judge.project_id != project.pk:
        raise Refused("Constitution and judge must be of this project.", code="other_project")
    if judge.mode not in MODES:
        raise Refused(
            "This judge compares two answers. Take one that rates single answers: expected score, or written rating.",
            code="mode",
        )
    if not 1 <= runs <= 8 or not 1 <= threshold <= 10:
        raise Refused("1 to 8 ratings, and a threshold from 1 to 10.", code="runs")
    options = {
        "prompt_set": prompt_set,
        "runs": runs,
        "threshold": threshold,
        "temperature": temperature,
        "max_new_tokens": max_new_tokens,
        "seed": seed,
    }
    job = FeedbackJob(
        project=project,
        kind=FeedbackJob.Kind.DELIBERATION,
        writer=writer,
        judge=judge,
        constitution=constitution,
        options=options,
    )
    rows = prompts_of(project, prompt_set, most)
    return start(job, (FeedbackRow(number=at, prompt_id=pk) for at, pk in enumerate(rows)), by=by)


def specification(principles: Sequence[Principle], category: str) -> str:
    """The principles tagged with the category, and those without a tag; all where none is tagged so."""
    bearing = [one for one in principles if not one.tags or category in one.tags]
    return "\n".join(f"{number}. {one.text}" for number, one in enumerate(bearing or principles, 1))


def script_of(job: FeedbackJob, category: str) -> deliberation.Deliberation:
    return deliberation.Deliberation(
        specification(job.constitution.read, category), job.options["runs"], job.options["threshold"], job.judge.mode
    )


def bind(job: FeedbackJob, rows: Sequence[FeedbackRow]) -> dict[int, Bound]:
    prompts = Prompt.objects.in_bulk([row.prompt_id for row in rows])
    bound = {}
    for row in rows:
        prompt = prompts[row.prompt_id]
        script = script_of(job, prompt.category)
        bound[row.pk] = Bound(
            lambda steps, script=script, prompt=prompt: script.next(prompt.messages, steps),
            lambda steps, reply, script=script: script.step(steps, reply),
        )
    return bound


def settle(job: FeedbackJob, rows: Sequence[FeedbackRow]) -> None:
    """What was rated well enough becomes a demonstration, reasoning and answer, of the bare prompt."""
    kept = {}
    for row in rows:
        if row.state == FeedbackRow.State.DONE and row.result["kept"]:
            whole = deliberation.taken_apart(row.steps[0]["text"]).whole
            kept[row] = ([whole], [whole])
    keep_answers(job, kept)


def finish(job: FeedbackJob) -> bool:
    rows = job.rows.filter(state=FeedbackRow.State.DONE)
    figures = rows.aggregate(rated=Count("pk"), mean=Avg("value"), kept=Count("pk", filter=Q(result__kept=True)))
    cited = []
    for steps, category in rows.values_list("steps", "prompt__category").iterator():
        thought = deliberation.taken_apart(steps[0]["text"])
        spec = specification(job.constitution.read, category)
        cited.append(deliberation.citation_share(spec, [thought]))
    figures["citing"] = share((one, 1) for one in cited).as_dict()
    FeedbackJob.objects.filter(pk=job.pk).update(figures=figures)
    return False
