"""Answers a GenerationRequest whose source is an endpoint: some rows at a time, resumable, failures said plainly."""

import logging
import os
import threading
import uuid
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext

from django.db import transaction
from django.utils import timezone

from annotation.endpoints import Client, EndpointFailed, Failure, Reply
from annotation.endpoints.errors import LASTING
from annotation.models import Endpoint, GenerationRequest, GenerationRow
from annotation.selectors.generations import stream_path
from annotation.services.content import CompletionRow, get_or_create_completions
from annotation.services.endpoints import client_of
from annotation.services.gatherings import settle_with
from annotation.services.generation import forget_stream
from annotation.streams import Stream

logger = logging.getLogger(__name__)

State = GenerationRequest.State
BEAT_SECONDS = 1.0
GIVES_UP_AFTER = 5  # rows without an answer, when none had one


class Gone(Exception):
    """The request was cancelled, or another worker has it."""


def fulfil(request_id: int) -> None:
    """Claim the request and answer every row that has no answer yet. Does nothing if it is not waiting."""
    name = f"process-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    claimed = GenerationRequest.objects.filter(pk=request_id, state=State.QUEUED).update(
        state=State.RUNNING, worker=name, heartbeat_at=timezone.now(), error=""
    )
    if not claimed:
        return
    request = GenerationRequest.objects.select_related("source__endpoint", "project").get(pk=request_id)
    try:
        _answer(request)
    except Gone:
        logger.info("generation %s is not ours any more", request.pk)
    except EndpointFailed as failed:
        _end(request, State.FAILED, error=str(failed))
    except OSError as error:
        _end(request, State.FAILED, error=f"The answers could not be written: {error.strerror or error}.")
    except Exception:
        _end(request, State.FAILED, error="The site made a mistake while asking; the details are in its log.")
        raise
    else:
        _end(request, State.DONE)


def _answer(request: GenerationRequest) -> None:
    endpoint = Endpoint.objects.filter(source=request.source_id).first()
    if endpoint is None:
        raise EndpointFailed(Failure.ADDRESS, f"{request.source.name} is not an endpoint of this project any more.")
    rows = list(request.rows.filter(completion=None).select_related("prompt").order_by("pk"))
    asked = {**endpoint.defaults, **request.sampling}
    gone = threading.Event()
    pool = ThreadPoolExecutor(max_workers=max(1, endpoint.parallel), thread_name_prefix="endpoint")
    with client_of(endpoint, cancelled=gone.is_set, sleep=gone.wait) as client, _stream(request) as stream:
        try:
            _gather(request, {pool.submit(_one, client, stream, row, asked): row for row in rows})
        finally:
            gone.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _gather(request: GenerationRequest, waiting: dict[Future, GenerationRow]) -> None:
    """Store answers as they come. Goes on past rows that fail alone, and stops at what all would meet."""
    answered, failures = 0, []
    while waiting:
        ready, _ = wait(waiting, timeout=BEAT_SECONDS, return_when=FIRST_COMPLETED)
        outcomes = [(waiting.pop(future), future) for future in ready]
        good = [(row, future.result()) for row, future in outcomes if future.exception() is None]
        _store(request, good)
        answered += len(good)
        for row, future in outcomes:
            if isinstance(failed := future.exception(), EndpointFailed):
                failures.append((row, failed))
                if failed.kind in LASTING or (not answered and len(failures) >= GIVES_UP_AFTER):
                    raise failed
            elif failed is not None:
                raise failed
    if failures:
        row, failed = failures[0]
        count = len(failures)
        if request.total == 1:
            raise failed
        raise EndpointFailed(
            failed.kind, f"{count} prompt{'s' if count > 1 else ''} had no answer. The first, {row.prompt_id}: {failed}"
        )


def _one(client: Client, stream: Stream | None, row: GenerationRow, asked: dict) -> Reply:
    """One answer, for a thread of the pool. Touches no database."""
    wish = {name: asked.get(name) for name in ("temperature", "top_p", "seed", "stop")}
    wish["max_tokens"] = asked.get("max_new_tokens")
    if stream is None:
        return client.chat(row.prompt.messages, on_piece=lambda _text: None, **wish)
    stream.begin(row.pk)
    reply = client.chat(row.prompt.messages, on_piece=lambda text: stream.add(row.pk, text), **wish)
    stream.end(row.pk)
    return reply


def _stream(request: GenerationRequest) -> AbstractContextManager[Stream | None]:
    return Stream(stream_path(request)) if request.stream else nullcontext()


@transaction.atomic
def _store(request: GenerationRequest, answers: list[tuple[GenerationRow, Reply]]) -> None:
    """Answers into rows that have none; beats, and raises Gone if the request was taken away meanwhile."""
    held = GenerationRequest.objects.select_for_update().filter(
        pk=request.pk, state=State.RUNNING, worker=request.worker
    )
    if not held.exists():
        raise Gone
    completions = get_or_create_completions([_row(request, row, reply) for row, reply in answers])
    for (row, _), completion in zip(answers, completions, strict=True):
        GenerationRow.objects.filter(pk=row.pk, completion=None).update(completion=completion)
    if answers:
        request.done = request.rows.exclude(completion=None).count()
    held.update(heartbeat_at=timezone.now(), done=request.done)


def _row(request: GenerationRequest, row: GenerationRow, reply: Reply) -> CompletionRow:
    return CompletionRow(
        prompt=row.prompt,
        source=request.source,
        text=reply.text,
        sampling=request.sampling | {"terminated": not reply.truncated, "seconds": round(reply.seconds, 3)},
    )


@transaction.atomic
def _end(request: GenerationRequest, state: str, *, error: str = "") -> None:
    over = GenerationRequest.objects.filter(pk=request.pk, state=State.RUNNING, worker=request.worker).update(
        state=state, error=error, done=request.rows.exclude(completion=None).count(), finished_at=timezone.now()
    )
    if over and state == State.DONE:
        forget_stream(request)
        settle_with(request)
