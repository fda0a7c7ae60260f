"""The door to runs and checkpoints: a row is reached only through the project it belongs to."""

from django.shortcuts import get_object_or_404

from annotation.access import Permission, project_for
from training.models import Checkpoint, Run


def run_for(user, slug: str, pk: int, permission: Permission = Permission.RUN_VIEW) -> Run:
    """The run, with `run.project` carrying `role` and `may`. Raises Http404 or PermissionDenied."""
    project = project_for(user, slug, permission)
    run = get_object_or_404(Run.objects.select_related("snapshot", "start", "cloned_from"), project=project, pk=pk)
    run.project = project
    return run


def checkpoint_for(user, slug: str, pk: int, permission: Permission = Permission.RUN_VIEW) -> Checkpoint:
    """The checkpoint, with `checkpoint.project` carrying `role` and `may`. Raises Http404 or PermissionDenied."""
    project = project_for(user, slug, permission)
    checkpoint = get_object_or_404(Checkpoint.objects.select_related("run", "source"), project=project, pk=pk)
    checkpoint.project = project
    return checkpoint
