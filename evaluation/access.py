"""The door to comparisons: a row is reached only through the project it belongs to."""

from django.shortcuts import get_object_or_404

from annotation.access import Permission, project_for
from evaluation.models import Comparison


def comparison_for(user, slug: str, pk: int, permission: Permission = Permission.EVALUATION_VIEW) -> Comparison:
    """The comparison, with `comparison.project` carrying `role` and `may`. Raises Http404 or PermissionDenied."""
    project = project_for(user, slug, permission)
    comparison = get_object_or_404(Comparison, project=project, pk=pk)
    comparison.project = project
    return comparison
