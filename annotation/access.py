"""The one door: who may do what in a project, and the only way a view or call gets its rows.

A stranger sees 404 (the project does not exist for them), a member without the right 403.
"""

from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.http import Http404

from annotation.models import Membership, Project, Role


class Permission(StrEnum):
    MEMBER = "member"  # know that the project is there, have API tokens of one's own
    PROJECT_VIEW = "project.view"  # aggregates, curves, guide
    LABEL = "label"  # be handed items, judge them
    OWN_WORK = "work.own"  # one's own judgments
    DATA_VIEW = "data.view"  # prompts, completions, pseudonymous raters, snapshots
    DATA_MANAGE = "data.manage"  # import, freeze
    EXPORT = "data.export"
    RUN_VIEW = "run.view"
    RUN_MANAGE = "run.manage"
    EVALUATE = "evaluation.manage"  # make comparisons
    EVALUATION_VIEW = "evaluation.view"
    PEOPLE = "people"  # names, roles, invitations
    PROJECT_MANAGE = "project.manage"  # guide, settings
    AUDIT = "audit"  # who changed what


_VIEWER = {Permission.MEMBER, Permission.PROJECT_VIEW, Permission.RUN_VIEW, Permission.EVALUATION_VIEW}
_ANNOTATOR = {Permission.MEMBER, Permission.LABEL, Permission.OWN_WORK}
_RESEARCHER = (
    _VIEWER
    | _ANNOTATOR
    | {
        Permission.DATA_VIEW,
        Permission.DATA_MANAGE,
        Permission.EXPORT,
        Permission.RUN_MANAGE,
        Permission.EVALUATE,
    }
)
GRANTS: dict[str, frozenset[Permission]] = {
    Role.VIEWER: frozenset(_VIEWER),
    Role.ANNOTATOR: frozenset(_ANNOTATOR),
    Role.RESEARCHER: frozenset(_RESEARCHER),
    Role.LEAD: frozenset(Permission),
}


def membership_for(user, slug: str, permission: Permission) -> Membership:
    """The user's membership of the project `slug`, if it grants `permission`. One query.

    Raises Http404 for a stranger or an unknown project, PermissionDenied for a member without the right.
    """
    try:
        membership = Membership.objects.select_related("project").get(user=user, project__slug=slug)
    except Membership.DoesNotExist:
        raise Http404("No such project.") from None
    membership.user = user
    if permission not in GRANTS[membership.role]:
        raise PermissionDenied(f"Your role here, {membership.get_role_display().lower()}, does not include this.")
    return membership


def project_for(user, slug: str, permission: Permission) -> Project:
    """The project, with `project.role` and `project.may` (a set of permission names) for templates."""
    membership = membership_for(user, slug, permission)
    return _with_rights(membership)


def projects_with_rights(user) -> list[Project]:
    """The projects of `user`, newest first, each with `role` and `may` as from `project_for`. One query."""
    return [_with_rights(membership) for membership in projects_of(user)]


def _with_rights(membership: Membership) -> Project:
    project = membership.project
    project.role = membership.role
    project.may = {name.name for name in GRANTS[membership.role]}
    project.paused = membership.paused_at is not None  # labels nothing new
    return project


def projects_of(user):
    """Memberships of `user` with their projects, newest project first."""
    return Membership.objects.filter(user=user).select_related("project").order_by("-project__created_at")
