"""Answers a GenerationRequest with the checkpoint behind its source: once a row, resumable, failures said plainly."""

import logging
import uuid
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotation.models import GenerationRequest, GenerationRow
from annotation.selectors.generations import stream_path
from annotation.services.content import CompletionRow, get_or_create_completions
from annotation.services.gatherings import settle_with
from annotation.services.generation import forget_stream
from training.models import Checkpoint
from training.services import collections, workers
from training.services.resident import EngineFailed, of_this_worker

logger = logging.getLogger(__name__)

State = GenerationRequest.State
EVERY_SECONDS = 0.5
LIVE_SECONDS = 0.1  # somebody is reading
MEASURED = ("length_tokens", "terminated")


class Gone(Exception):
    """The request was cancelled, or another worker has it."""


def fulfil(request_id: int) -> None:
    """Claim the request and answer every row that has no answer yet. Does nothing if it is not waiting."""
    name = workers.own_name()
    claimed = GenerationRequest.objects.filter(pk=request_id, state=State.QUEUED).update(
        state=State.RUNNING, worker=name, heartbeat_at=timezone.now(), error=""
    )
    if not claimed:
        return
    request = GenerationRequest.objects.select_related("source", "project").get(pk=request_id)
    with workers.busy(f"answers of {request.source.name}"):
        try:
            _answer(request)
        except Gone:
            logger.info("generation %s is not ours any more", request.pk)
        except EngineFailed as error:
            _end(request, State.FAILED, error=str(error))
        except OSError as error:
            _end(request, State.FAILED, error=f"The answers could not be written: {error.strerror or error}.")
        else:
            _end(request, State.DONE)


def _answer(request: GenerationRequest) -> None:
    checkpoint = Checkpoint.objects.filter(source=request.source).first()
    if checkpoint is None:
        raise EngineFailed(f"{request.source.name} is not a model that runs here: it has no checkpoint.")
    rows = {row.pk: row for row in request.rows.filter(completion=None).select_related("prompt").order_by("pk")}
    if not rows:
        return
    folder = Path(settings.GENERATION_DIR) / request.uid.hex / uuid.uuid4().hex[:8]
    document = {
        "model": checkpoint.path,
        "rows": [{"id": row.pk, "messages": row.prompt.messages} for row in rows.values()],
        "sampling": request.sampling,
    }
    if request.stream:
        document["stream"] = str(stream_path(request))
    every = LIVE_SECONDS if request.stream else EVERY_SECONDS
    try:
        for answers in of_this_worker.ask("generate", folder, document, every_seconds=every, live=request.stream):
            _store(request, rows, answers)
    except Gone:
        (folder / "cancel").touch()
        raise


@transaction.atomic
def _store(request: GenerationRequest, rows: dict[int, GenerationRow], answers: list[dict]) -> None:
    """Answers into rows that have none; beats, and raises Gone if the request was taken away meanwhile."""
    held = GenerationRequest.objects.select_for_update().filter(
        pk=request.pk, state=State.RUNNING, worker=request.worker
    )
    if not held.exists():
        raise Gone
    fresh = [answer for answer in answers if answer["id"] in rows]
    completions = get_or_create_completions([_row(request, rows[answer["id"]], answer) for answer in fresh])
    for answer, completion in zip(fresh, completions, strict=True):
        GenerationRow.objects.filter(pk=answer["id"], completion=None).update(completion=completion)
    done = request.rows.exclude(completion=None).count() if fresh else request.done
    request.done = done
    held.update(heartbeat_at=timezone.now(), done=done)


def _row(request: GenerationRequest, row: GenerationRow, answer: dict) -> CompletionRow:
    return CompletionRow(
        prompt=row.prompt,
        source=request.source,
        text=answer["text"].replace("\x00", "\N{REPLACEMENT CHARACTER}"),  # PostgreSQL stores no NUL
        sampling=request.sampling | {key: answer[key] for key in MEASURED if key in answer},
    )


@transaction.atomic
def _end(request: GenerationRequest, state: str, *, error: str = "") -> None:
    ended = GenerationRequest.objects.filter(pk=request.pk, state=State.RUNNING, worker=request.worker).update(
        state=state, error=error, done=request.rows.exclude(completion=None).count(), finished_at=timezone.now()
    )
    if ended and state == State.DONE:
        forget_stream(request)
        settle_with(request)
        collections.finish_ready(request)
