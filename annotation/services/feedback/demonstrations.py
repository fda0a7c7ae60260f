"""What a model's answers leave behind: completions, each improving the one before, and demonstrations to train on."""

from collections.abc import Mapping, Sequence

from django.utils import timezone

from annotation.errors import Refused
from annotation.models import (
    Completion,
    FeedbackJob,
    FeedbackRow,
    Item,
    ItemCompletion,
    Judgment,
    JudgmentRevision,
    Project,
    Prompt,
    Rater,
    Sitting,
    Source,
)
from annotation.services.content import CompletionRow, get_or_create_completions
from annotation.services.judgments import payload_of

MOST_PROMPTS = 2000
SPEAKING = (Source.Kind.MODEL, Source.Kind.ENDPOINT)
ORIGIN = "judge"


def speaking(project: Project, writer: Source) -> None:
    """Raises Refused unless `writer` is a model of this project."""
    if writer.project_id != project.pk or writer.kind not in SPEAKING:
        raise Refused("The writer must be a checkpoint or an endpoint of this project.", code="writer")


def prompts_of(project: Project, prompt_set: str, most: int) -> list[int]:
    """Ids of a set's first prompts. Raises Refused if there is none, or too many are asked for."""
    if not 1 <= most <= MOST_PROMPTS:
        raise Refused(f"Between 1 and {MOST_PROMPTS:,} prompts; 100 is a good start.", code="most")
    chosen = Prompt.objects.filter(project=project, prompt_set=prompt_set, published=True).order_by("pk")
    found = list(chosen.values_list("pk", flat=True)[:most])
    if not found:
        raise Refused("This prompt set is empty. Import prompts into one first.", code="no_prompts")
    return found


def queue_of(job: FeedbackJob) -> str:
    return f"feedback:{job.pk}"


def keep_answers(job: FeedbackJob, chains: Mapping[FeedbackRow, tuple[Sequence[str], Sequence[str]]]) -> None:
    """For each row its answers in order become completions, and the texts to train on demonstrations."""
    if not chains:
        return
    prompts = Prompt.objects.in_bulk([row.prompt_id for row in chains])
    demonstrated = []
    for row, (answers, kept) in chains.items():
        prompt = prompts[row.prompt_id]
        before, made = None, {}
        for text in answers:
            [completion] = get_or_create_completions(
                [CompletionRow(prompt, job.writer, text, {"feedback_job": job.pk})]
            )
            if before is not None and completion.improves_id is None and completion.pk != before.pk:
                Completion.objects.filter(pk=completion.pk, improves=None).update(improves=before)
            before = made[text] = completion
        demonstrated += [(prompt, made[text]) for text in dict.fromkeys(kept)]
    _demonstrate(job, demonstrated)


def _demonstrate(job: FeedbackJob, rows: Sequence[tuple[Prompt, Completion]]) -> None:
    """Items of one completion with their judgment, as an import of demonstrations makes them."""
    rater = rater_of(job)
    sitting = sitting_of(rater, queue_of(job))
    items = Item.objects.bulk_create(
        Item(
            project=job.project,
            queue=queue_of(job),
            interface="demonstration",
            prompt=prompt,
            size=1,
            overlap=0,
            open_slots=0,
        )
        for prompt, _ in rows
    )
    ItemCompletion.objects.bulk_create(
        ItemCompletion(item=item, completion=completion, index=0)
        for item, (_, completion) in zip(items, rows, strict=True)
    )
    judgments = Judgment.objects.bulk_create(
        Judgment(
            item=item,
            rater=rater,
            sitting=sitting,
            outcome=Judgment.Outcome.ANSWER,
            value={"demonstration": True},
            origin=ORIGIN,
        )
        for item in items
    )
    JudgmentRevision.objects.bulk_create(
        JudgmentRevision(
            judgment=row,
            number=1,
            kind=JudgmentRevision.Kind.GIVE,
            payload={**payload_of(row), "value": row.value},
            at=row.judged_at,
        )
        for row in judgments
    )


def rater_of(job: FeedbackJob) -> Rater:
    """Who signs what a job leaves behind."""
    name = f"{job.get_kind_display()} {job.pk}"
    return Rater.objects.get_or_create(
        project=job.project, kind=Rater.Kind.JUDGE, key=f"feedback:{job.pk}", defaults={"name": name}
    )[0]


def sitting_of(rater: Rater, queue: str) -> Sitting:
    """One ended sitting for everything a rater leaves in a queue, however many batches it takes."""
    found = Sitting.objects.filter(rater=rater, queue=queue).order_by("pk").first()
    now = timezone.now()
    return found or Sitting.objects.create(project=rater.project, rater=rater, queue=queue, ended_at=now)
