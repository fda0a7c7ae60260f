"""Who may see which API tokens: one's own, and a lead everybody's of the project."""

from django.db.models import QuerySet

from annotation.models import ApiToken, Project, Role


def tokens_of(project: Project, user) -> QuerySet[ApiToken]:
    """Newest first. `project` comes from `project_for` and carries the user's role."""
    rows = ApiToken.objects.filter(project=project).select_related("user", "project").order_by("-created")
    return rows if project.role == Role.LEAD else rows.filter(user=user)
