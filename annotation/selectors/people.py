"""Members and invitations, for those who may see names."""

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from annotation.models import Invitation, Membership, Project, Rater


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
    order = {"lead": 0, "researcher": 1, "annotator": 2, "viewer": 3}
    for member in found:
        member.judged, member.last_judged = work.get(member.user_id, (0, None))
    return sorted(found, key=lambda member: order[member.role])


def open_invitations(project: Project) -> QuerySet[Invitation]:
    return (
        Invitation.objects.filter(project=project, accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now())
        .select_related("created_by")
        .order_by("-pk")
    )
