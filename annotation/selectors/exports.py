"""Exports as this reader may see them."""

from pathlib import Path

from django.db.models import QuerySet

from annotation.access import Permission
from annotation.models import Export, Project


def may_see_names(project: Project) -> bool:
    return Permission.PEOPLE.name in project.may


def exports(project: Project) -> QuerySet[Export]:
    """Newest first; archives that hold names are there for those alone who may see them."""
    found = Export.objects.filter(project=project).select_related("created_by").order_by("-pk")
    return found if may_see_names(project) else found.filter(people=False)


def ready_file(export: Export) -> Path | None:
    """The archive, if it is ready and still on the disk."""
    path = Path(export.path) if export.state == Export.State.READY and export.path else None
    return path if path is not None and path.is_file() else None
