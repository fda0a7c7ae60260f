"""API tokens: made for one project, shown once, kept as hashes."""

import logging
from datetime import timedelta

from annotation.models import ApiToken, Project

logger = logging.getLogger(__name__)


def create_token(project: Project, *, by, name: str, days: int | None = None) -> tuple[ApiToken, str]:
    """A token with the rights `by` has in the project, and its secret, which nobody can read again."""
    token, secret = ApiToken.objects.create(
        by, expiry=timedelta(days=days) if days else None, project=project, name=name
    )
    logger.info("%s made the API token %s… of project %s", by, token.token_key[:4], project.slug)
    return token, secret


def revoke_token(token: ApiToken, *, by) -> None:
    """From now on the token opens nothing."""
    logger.info("%s revoked the API token %s… of project %s", by, token.token_key[:4], token.project.slug)
    token.delete()
