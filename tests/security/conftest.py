"""The world whose every row has an address, for whoever walks the URL table."""

from tests.security.test_roles import world

__all__ = ["world"]
