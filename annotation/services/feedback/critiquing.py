"""Critique and revision: chains that are kept, whose revisions become completions, demonstrations and pairs."""

from collections.abc import Sequence

from django.db import transaction

from annotation.errors import Refused
from annotation.judging import critique
from annotation.models import ConstitutionVersion, FeedbackJob, FeedbackRow, Project, Prompt, Source
from annotation.services.feedback.demonstrations import keep_answers, prompts_of, speaking
from annotation.services.feedback.jobs import start
from annotation.services.feedback.kinds import Bound


@transaction.atomic
def request_chains(
    project: Project,
    *,
    by,
    writer: Source,
    constitution: ConstitutionVersion,
    prompt_set: str,
    most: int = 100,
    revisions: int = 2,
    kept: str = "last",
    temperature: float = 1.0,
    max_new_tokens: int = 400,
    seed: int = 0,
) -> FeedbackJob:
    """Have `writer` answer each prompt of a set, criticise and revise it. Raises Refused."""
    speaking(project, writer)
    if constitution.constitution.project_id != project.pk:
        raise Refused("The constitution must be of this project.", code="other_project")
    if not 1 <= revisions <= critique.MOST_REVISIONS:
        raise Refused(f"Between 1 and {critique.MOST_REVISIONS} revisions; the paper takes 4.", code="revisions")
    if kept not in critique.KEPT:
        raise Refused(f"kept must be one of {', '.join(critique.KEPT)}.", code="kept")
    prompts = prompts_of(project, prompt_set, most)
    options = {
        "prompt_set": prompt_set,
        "revisions": revisions,
        "kept": kept,
        "temperature": temperature,
        "max_new_tokens": max_new_tokens,
        "seed": seed,
    }
    job = FeedbackJob(
        project=project, kind=FeedbackJob.Kind.CRITIQUE, writer=writer, constitution=constitution, options=options
    )
    return start(job, (FeedbackRow(number=at, prompt_id=pk) for at, pk in enumerate(prompts)), by=by)


def bind(job: FeedbackJob, rows: Sequence[FeedbackRow]) -> dict[int, Bound]:
    chain = critique.Chain(job.constitution.read, job.options["revisions"], job.options["seed"])
    prompts = Prompt.objects.in_bulk([row.prompt_id for row in rows])
    bound = {}
    for row in rows:
        started = critique.Started(prompts[row.prompt_id].messages, row.number)
        bound[row.pk] = Bound(
            lambda steps, started=started: chain.next(started, steps),
            lambda steps, reply, started=started: chain.step(started, steps, reply),
        )
    return bound


def settle(job: FeedbackJob, rows: Sequence[FeedbackRow]) -> None:
    """Each revision becomes a completion that improves the one before; those kept become demonstrations."""
    chains = {}
    for row in rows:
        if row.state == FeedbackRow.State.DONE:
            answers = [step["text"] for step in row.steps if step["kind"] != "critique"]
            chains[row] = (answers, critique.demonstrations(row.steps, job.options["kept"]))
    keep_answers(job, chains)


def finish(job: FeedbackJob) -> bool:
    """How long answers are after each revision, and how many did not change at all."""
    rows = job.rows.filter(state=FeedbackRow.State.DONE).values_list("steps", flat=True)
    lengths: list[list[int]] = []
    same = count = 0
    for steps in rows.iterator():
        answers = [step["text"] for step in steps if step["kind"] != "critique"]
        lengths.append([len(text) for text in answers])
        same += answers[0].strip() == answers[-1].strip()
        count += 1
    means = [round(sum(column) / count) for column in zip(*lengths, strict=True)]
    FeedbackJob.objects.filter(pk=job.pk).update(figures={"lengths": means, "unchanged": same, "chains": count})
    return False
