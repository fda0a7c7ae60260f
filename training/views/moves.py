"""Stop, pause, resume: a button each."""

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from annotation.access import Permission
from annotation.errors import Refused
from training.access import run_for
from training.services import runs


@require_POST
def stop(request, slug: str, pk: int):
    return _move(request, slug, pk, runs.stop_run)


@require_POST
def pause(request, slug: str, pk: int):
    return _move(request, slug, pk, runs.pause_run)


@require_POST
def resume(request, slug: str, pk: int):
    return _move(request, slug, pk, runs.resume_run)


def _move(request, slug: str, pk: int, act):
    """Do it, or say why it cannot be done; either way back to the run."""
    run = run_for(request.user, slug, pk, Permission.RUN_MANAGE)
    try:
        act(run, by=request.user)
    except Refused as refused:
        messages.warning(request, str(refused))
    return redirect("training:run", slug, pk)
