"""Tokens: knox's, opening one project each."""

from knox.auth import TokenAuthentication


class ProjectTokenAuthentication(TokenAuthentication):
    """`Authorization: Token …`; `request.auth.project` is the only project it opens."""
