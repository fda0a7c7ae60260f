"""Members and invitations, for those who may see names."""

from datetime import timedelta

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from annotation.access import GRANTS, Permission
from annotation.models import Assignment, Invitation, Judgment, Membership, Project, Rater


def members(project: Project) -> list[Membership]:
    """Members with how many judgments each gave and when the last was, leads first."""
    found = list(Membership.objects.filter(project=project).select_related("user").order_by("user__username"))
    work = {
        user: (count, last)
        for user, count, last in Rater.objects.filter(project=project, user__isnull=False)
        .values_list("user")
        .annotate(n=Count("judgments", filter=Q(judgments__withdrawn=False)), last=Max("judgments__judged_at"))
        .order_by()
    }
    week = timezone.now() - timedelta(days=7)
    recent = dict(
        Judgment.objects.filter(rater__project=project, rater__user__isnull=False, withdrawn=False, judged_at__gte=week)
        .order_by()
        .values_list("rater__user")
        .annotate(n=Count("pk"))
    )
    held = {
        (user, state): count
        for user, state, count in Assignment.objects.filter(rater__project=project, state__in=("reserved", "leased"))
        .order_by()
        .values_list("rater__user", "state")
        .annotate(n=Count("pk"))
    }
    order = {"lead": 0, "researcher": 1, "annotator": 2, "viewer": 3}
    for member in found:
        member.judged, member.last_judged = work.get(member.user_id, (0, None))
        member.recent = recent.get(member.user_id, 0)
        member.reserved, member.leased = (held.get((member.user_id, state), 0) for state in ("reserved", "leased"))
    return sorted(found, key=lambda member: order[member.role])


def labellers(project: Project) -> list[tuple[int, str]]:
    """(user id, user name) of everybody who may label here."""
    roles = [role for role, grants in GRANTS.items() if Permission.LABEL in grants]
    found = Membership.objects.filter(project=project, role__in=roles, paused_at=None)
    return list(found.order_by("user__username").values_list("user_id", "user__username"))


def open_invitations(project: Project) -> QuerySet[Invitation]:
    return (
        Invitation.objects.filter(project=project, accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now())
        .select_related("created_by")
        .order_by("-pk")
    )
