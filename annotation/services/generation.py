"""Asking a source for completions. Training fulfils the requests by task name; annotation never hears of it."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from alignment_site.celery import enqueue
from annotation.errors import Refused
from annotation.models import GenerationRequest, GenerationRow, Project, Prompt, Source

MOST_PROMPTS = 2000
ENDED = (GenerationRequest.State.DONE, GenerationRequest.State.FAILED, GenerationRequest.State.CANCELLED)


@transaction.atomic
def request_generation(
    project: Project, *, source: Source, prompts: Sequence[Prompt], sampling: dict, by
) -> GenerationRequest:
    """Ask for one answer of `source` to each of `prompts` (each once). Enqueues `training.generate`.

    Raises Refused without prompts, with too many, or if source or prompts belong to another project.
    """
    prompts = list({prompt.pk: prompt for prompt in prompts}.values())
    if not prompts:
        raise Refused("There are no prompts to answer. Choose a prompt set, or type some.", code="no_prompts")
    if len(prompts) > MOST_PROMPTS:
        raise Refused(
            f"{len(prompts):,} prompts are more than one request takes; choose at most {MOST_PROMPTS:,}.",
            code="too_many_prompts",
        )
    if source.project_id != project.pk or any(prompt.project_id != project.pk for prompt in prompts):
        raise Refused("Source and prompts must belong to this project.", code="other_project")
    request = GenerationRequest.objects.create(
        project=project, source=source, sampling=sampling, total=len(prompts), created_by=by
    )
    GenerationRow.objects.bulk_create(
        [GenerationRow(request=request, prompt=prompt) for prompt in prompts], batch_size=500
    )
    _wake(request)
    return request


@transaction.atomic
def retry_generation(request: GenerationRequest, *, by) -> None:
    """A failed or cancelled request is queued again; the answers that are there stay. Enqueues `training.generate`.

    Raises Refused if it has not failed.
    """
    again = GenerationRequest.objects.filter(
        pk=request.pk, state__in=(GenerationRequest.State.FAILED, GenerationRequest.State.CANCELLED)
    ).update(
        state=GenerationRequest.State.QUEUED, error="", worker="", heartbeat_at=None, finished_at=None, created_by=by
    )
    if not again:
        raise Refused("Only a generation that failed or was cancelled can be tried again.", code="not_failed")
    _wake(request)


def cancel_generation(request: GenerationRequest) -> bool:
    """No more answers are made. False if it had ended already; what was made stays."""
    return bool(
        GenerationRequest.objects.filter(pk=request.pk)
        .exclude(state__in=ENDED)
        .update(state=GenerationRequest.State.CANCELLED, finished_at=timezone.now())
    )


def _wake(request: GenerationRequest) -> None:
    enqueue("training.generate", queue="sample", request_id=request.pk)
