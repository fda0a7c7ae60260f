"""Who belongs to a project: invitations by link, joining, roles, leaving."""

import hashlib
import logging
import secrets
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from annotation.errors import Refused
from annotation.models import ApiToken, Invitation, Membership, Project, Role
from annotation.services.audit import record

logger = logging.getLogger(__name__)

LIFETIME_DAYS = (1, 7, 30)


@transaction.atomic
def invite(project: Project, *, by, role: str, note: str = "", days: int = 7) -> tuple[Invitation, str]:
    """An invitation and its token, which is shown once: only its hash is kept."""
    if role not in Role.values:
        raise Refused(f"There is no role “{role}”.", code="role")
    if days not in LIFETIME_DAYS:
        raise Refused(f"A link lasts {', '.join(map(str, LIFETIME_DAYS))} days.", code="days")
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        project=project,
        role=role,
        note=note,
        token_sha256=_hash(token),
        created_by=by,
        expires_at=timezone.now() + timedelta(days=days),
    )
    after = {"role": role, "note": note, "expires_at": invitation.expires_at}
    record(project, by=by, action="people.invite", target=note or "anybody", after=after)
    logger.info("%s invited a %s to %s", by, role, project.slug)
    return invitation, token


@transaction.atomic
def withdraw_invitation(invitation: Invitation, *, by) -> None:
    """The link stops working. One that was used cannot be withdrawn: remove the person instead."""
    open_still = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if not open_still.update(withdrawn_at=timezone.now()):
        raise Refused("This link was used or withdrawn already.", code="used", status=409)
    before = {"role": invitation.role}
    target = invitation.note or "anybody"
    record(invitation.project_id, by=by, action="people.withdraw_invitation", target=target, before=before)
    logger.info("%s withdrew invitation %s", by, invitation.pk)


def invitation_for(token: str) -> Invitation | None:
    """The invitation of a token that still works."""
    found = Invitation.objects.select_related("project").filter(
        token_sha256=_hash(token), accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now()
    )
    return found.first()


@transaction.atomic
def accept(token: str, *, by) -> Membership:
    """Make `by` a member. The link is used up; a second use, even at the same moment, is refused.

    Somebody who belongs to the project already keeps the role they have, and the link stays good for somebody else.
    """
    invitation = invitation_for(token)
    if invitation is None:
        raise Refused("This link was used, withdrawn, or has run out. Ask for a new one.", code="gone", status=410)
    membership = Membership.objects.filter(project=invitation.project, user=by).first()
    if membership:
        return membership
    unused = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if not unused.update(accepted_by=by, accepted_at=timezone.now()):
        raise Refused("This link was used a moment ago. Ask for a new one.", code="gone", status=410)
    made = Membership.objects.create(project=invitation.project, user=by, role=invitation.role)
    record(invitation.project, by=by, action="people.join", target=by.get_username(), after={"role": invitation.role})
    return made


@transaction.atomic
def join_as_new(token: str, *, username: str, password: str) -> Membership:
    """Make an account and a member of the one who holds the link. The form has validated name and password."""
    if invitation_for(token) is None:
        raise Refused("This link was used, withdrawn, or has run out. Ask for a new one.", code="gone", status=410)
    user = get_user_model().objects.create_user(username, password=password)
    return accept(token, by=user)


@transaction.atomic
def change_role(membership: Membership, *, by, role: str) -> Membership:
    """Give a member another role. The last lead stays one."""
    if role not in Role.values:
        raise Refused(f"There is no role “{role}”.", code="role")
    if membership.role == Role.LEAD and role != Role.LEAD:
        _keep_a_lead(membership)
    before = {"role": membership.role}
    Membership.objects.filter(pk=membership.pk).update(role=role)
    membership.role = role
    name = membership.user.get_username()
    after = {"role": role}
    record(membership.project_id, by=by, action="people.change_role", target=name, before=before, after=after)
    logger.info("%s made %s %s of project %s", by, membership.user_id, role, membership.project_id)
    return membership


@transaction.atomic
def remove(membership: Membership, *, by) -> None:
    """End a membership and its API tokens. What the person judged stays. The last lead cannot be removed."""
    if membership.role == Role.LEAD:
        _keep_a_lead(membership)
    ApiToken.objects.filter(project=membership.project_id, user=membership.user_id).delete()
    Membership.objects.filter(pk=membership.pk).delete()
    name, before = membership.user.get_username(), {"role": membership.role}
    record(membership.project_id, by=by, action="people.remove", target=name, before=before)
    logger.info("%s removed %s from project %s", by, membership.user_id, membership.project_id)


@transaction.atomic
def pause(membership: Membership, *, by) -> None:
    """Hand this person nothing new. What they have on the screen they can still answer; everything stays theirs."""
    if not Membership.objects.filter(pk=membership.pk, paused_at=None).update(paused_at=timezone.now()):
        raise Refused("This person is paused already.", code="paused", status=409)
    record(membership.project_id, by=by, action="people.pause", target=membership.user.get_username())


@transaction.atomic
def resume(membership: Membership, *, by) -> None:
    """Hand this person items again."""
    if not Membership.objects.filter(pk=membership.pk, paused_at__isnull=False).update(paused_at=None):
        raise Refused("This person is not paused.", code="not_paused", status=409)
    record(membership.project_id, by=by, action="people.resume", target=membership.user.get_username())


def _keep_a_lead(membership: Membership) -> None:
    # Two leads who remove each other at the same moment wait here for one another.
    Project.objects.select_for_update().get(pk=membership.project_id)
    others = Membership.objects.filter(project=membership.project_id, role=Role.LEAD).exclude(pk=membership.pk)
    if not others.exists():
        raise Refused("Every project keeps a lead. Make somebody else a lead first.", code="last_lead", status=409)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
