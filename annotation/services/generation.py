"""Asking a source for completions, and what is true of every request whoever answers it.

Requests to endpoints are answered here (`annotation.answer`); those to models by training, by task name.
"""

import shutil
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from alignment_site.celery import enqueue
from annotation.errors import Refused
from annotation.models import Endpoint, GenerationRequest, GenerationRow, Project, Prompt, Source
from annotation.selectors.generations import stream_path

MOST_PROMPTS = 2000


@transaction.atomic
def request_generation(
    project: Project, *, source: Source, prompts: Sequence[Prompt], sampling: dict, by, stream: bool = False
) -> GenerationRequest:
    """Ask for one answer of `source` to each of `prompts` (each once). Wakes a worker on `sample`.

    With `stream` the answers can be read while they are written (`partial_answers`).

    Raises Refused without prompts, with too many, for a retired endpoint, or if source or prompts belong elsewhere.
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
    if Endpoint.objects.filter(source=source).exclude(retired_at=None).exists():
        raise Refused(f"{source.name} is retired: nobody asks it any more. Choose another.", code="retired")
    request = GenerationRequest.objects.create(
        project=project, source=source, sampling=sampling, total=len(prompts), created_by=by, stream=stream
    )
    GenerationRow.objects.bulk_create(
        [GenerationRow(request=request, prompt=prompt) for prompt in prompts], batch_size=500
    )
    wake(request)
    return request


@transaction.atomic
def retry_generation(request: GenerationRequest, *, by) -> None:
    """A failed or cancelled request is queued again; the answers that are there stay. Wakes a worker on `sample`.

    Raises Refused if it has not failed.
    """
    again = GenerationRequest.objects.filter(
        pk=request.pk, state__in=(GenerationRequest.State.FAILED, GenerationRequest.State.CANCELLED)
    ).update(
        state=GenerationRequest.State.QUEUED, error="", worker="", heartbeat_at=None, finished_at=None, created_by=by
    )
    if not again:
        raise Refused("Only a generation that failed or was cancelled can be tried again.", code="not_failed")
    wake(request)


def cancel_generation(request: GenerationRequest) -> bool:
    """No more answers are made. False if it had ended already; what was made stays."""
    return bool(
        GenerationRequest.objects.filter(pk=request.pk)
        .exclude(state__in=GenerationRequest.ENDED)
        .update(state=GenerationRequest.State.CANCELLED, finished_at=timezone.now())
    )


def wake(request: GenerationRequest) -> None:
    """Ring for it: at training's for a model, at our own for an endpoint."""
    mine = request.source.kind == Source.Kind.ENDPOINT
    name = "annotation.answer" if mine else "training.generate"
    enqueue(name, queue="sample", request_id=request.pk)


def forget_stream(request: GenerationRequest) -> None:
    """The answers are stored, so the file of what was on its way goes after the commit. For whoever answers."""
    if request.stream:
        transaction.on_commit(lambda: shutil.rmtree(stream_path(request).parent, ignore_errors=True))
