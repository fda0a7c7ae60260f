"""Endpoints of a project: added, tried, retired; and the client that calls one."""

import logging
import os
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from alignment_site.celery import enqueue
from annotation.endpoint_keys import NAME, key_for
from annotation.endpoints import Client, EndpointFailed, Facts, Failure
from annotation.endpoints.addresses import problem_of
from annotation.errors import Refused
from annotation.models import Endpoint, GenerationRequest, Project, Source
from annotation.services.audit import record
from annotation.services.generation import cancel_generation

logger = logging.getLogger(__name__)

QUESTION = [{"role": "user", "content": "Answer with the one word: ready"}]
TRIAL_SECONDS = 20  # longest silence of a trial, whatever the endpoint's own limit is
FORGOTTEN_AFTER = timedelta(minutes=5)  # a trial that nobody answered


@transaction.atomic
def add_endpoint(project: Project, *, by, name: str, base_url: str, model: str, key_name: str = "", **more) -> Endpoint:
    """An endpoint and the source that signs its completions. Nothing is called yet.

    Raises Refused with `problems` by field: an address that may not be called, a taken name, a name of no key.
    """
    base_url = base_url.strip().rstrip("/")
    problems = []
    if problem := problem_of(base_url, settings.ENDPOINT_HOSTS):
        problems.append({"path": "base_url", "message": problem})
    if key_name and not NAME.fullmatch(key_name):
        problems.append({"path": "key_name", "message": "Capital letters, digits and _ only, such as MAIN."})
    if Endpoint.objects.filter(project=project, name=name, retired_at=None).exists():
        problems.append({"path": "name", "message": "An endpoint of this project has this name already."})
    if problems:
        raise Refused(problems[0]["message"], code="endpoint", problems=problems)
    source = Source.objects.create(
        project=project, kind=Source.Kind.ENDPOINT, key=f"endpoint:{uuid.uuid4()}", name=name
    )
    endpoint = Endpoint.objects.create(
        project=project,
        source=source,
        name=name,
        base_url=base_url,
        model=model,
        key_name=key_name,
        created_by=by,
        **more,
    )
    told = {"address": base_url, "model": model, "key": key_name}
    record(project, by=by, action="endpoint.create", target=endpoint, after=told)
    logger.info("%s added the endpoint %s to project %s", by, endpoint.pk, project.slug)
    return endpoint


@transaction.atomic
def retire_endpoint(endpoint: Endpoint, *, by) -> None:
    """From now on nobody asks it. What it wrote stays, what waits for it is cancelled."""
    if not Endpoint.objects.filter(pk=endpoint.pk, retired_at=None).update(retired_at=timezone.now()):
        raise Refused("This endpoint is retired already.", code="retired", status=409)
    for request in GenerationRequest.objects.filter(source=endpoint.source_id).exclude(
        state__in=GenerationRequest.ENDED
    ):
        cancel_generation(request)
    record(endpoint.project, by=by, action="endpoint.retire", target=endpoint)
    logger.info("%s retired the endpoint %s of project %s", by, endpoint.pk, endpoint.project.slug)


@transaction.atomic
def request_trial(endpoint: Endpoint) -> None:
    """Have a worker ask it a short question. Enqueues `annotation.try_endpoint`. Refuses a retired one."""
    if not Endpoint.objects.filter(pk=endpoint.pk, retired_at=None).update(trial_asked_at=timezone.now()):
        raise Refused("This endpoint is retired: nobody asks it any more.", code="retired", status=409)
    enqueue("annotation.try_endpoint", queue="sample", endpoint_id=endpoint.pk)


def try_endpoint(endpoint_id: int) -> None:
    """Ask, once, and keep how it went. Does nothing if no trial waits."""
    endpoint = Endpoint.objects.filter(pk=endpoint_id, retired_at=None).exclude(trial_asked_at=None).first()
    if endpoint is None:
        return
    seconds, error = None, ""
    try:
        with client_of(endpoint, longest_seconds=TRIAL_SECONDS, tries=1) as client:
            seconds = client.chat(QUESTION, on_piece=lambda _text: None, max_tokens=16, temperature=0).seconds
    except EndpointFailed as failed:
        error = str(failed)
    Endpoint.objects.filter(pk=endpoint.pk, trial_asked_at=endpoint.trial_asked_at).update(
        trial_asked_at=None, tried_at=timezone.now(), trial_seconds=seconds, trial_error=error
    )


def resume_trials() -> None:
    """Ring again for trials that a lost message left behind; forget those nobody waits for any more."""
    waiting = Endpoint.objects.filter(retired_at=None).exclude(trial_asked_at=None)
    waiting.filter(trial_asked_at__lt=timezone.now() - FORGOTTEN_AFTER).update(trial_asked_at=None)
    for pk in waiting.values_list("pk", flat=True):
        enqueue("annotation.try_endpoint", queue="sample", endpoint_id=pk)


def client_of(
    endpoint: Endpoint,
    *,
    cancelled: Callable[[], bool] = lambda: False,
    longest_seconds: float | None = None,
    **options,
) -> Client:
    """The client for this endpoint, with its key. For workers: web processes have no keys.

    Raises EndpointFailed if it is retired, or if its key is not there or for another host.
    """
    if endpoint.retired_at is not None:
        raise EndpointFailed(Failure.ADDRESS, f"{endpoint.name} is retired: nobody asks it any more.")
    facts = Facts(
        base_url=endpoint.base_url,
        model=endpoint.model,
        key=key_for(endpoint.key_name, endpoint.base_url, os.environ),
        timeout_seconds=min(endpoint.timeout_seconds, longest_seconds or endpoint.timeout_seconds),
        allowed=tuple(settings.ENDPOINT_HOSTS),
    )
    return Client(facts, cancelled=cancelled, **options)
