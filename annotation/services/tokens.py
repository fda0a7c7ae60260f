"""API tokens: made for one project, shown once, kept as hashes."""

import logging
from datetime import timedelta

from django.db import transaction

from annotation.models import ApiToken, Project
from annotation.services.audit import record

logger = logging.getLogger(__name__)


@transaction.atomic
def create_token(project: Project, *, by, name: str, days: int | None = None) -> tuple[ApiToken, str]:
    """A token with the rights `by` has in the project, and its secret, which nobody can read again."""
    token, secret = ApiToken.objects.create(
        by, expiry=timedelta(days=days) if days else None, project=project, name=name
    )
    record(project, by=by, action="token.create", target=name, after={"begins_with": token.token_key[:4], "days": days})
    logger.info("%s made the API token %s… of project %s", by, token.token_key[:4], project.slug)
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, by) -> None:
    """From now on the token opens nothing."""
    before = {"begins_with": token.token_key[:4]}
    record(token.project, by=by, action="token.revoke", target=token.name, before=before)
    logger.info("%s revoked the API token %s… of project %s", by, token.token_key[:4], token.project.slug)
    token.delete()
