"""Slows down whoever guesses passwords or tokens: failures are counted per name and per address."""

import hashlib
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from annotation.models import SignInFailure

WINDOW = timedelta(minutes=10)
NAME_FROM_ADDRESS, ADDRESS, NAME = 10, 100, 100  # failures within the window before one has to wait


def address_of(request) -> str:
    """The caller's address; behind a proxy (PLUMBLINE_HTTPS) the one that the proxy saw."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.SECURE_SSL_REDIRECT else ""
    return forwarded.split(",")[-1].strip() or request.META.get("REMOTE_ADDR", "")


def wait_seconds(*, address: str, name: str = "") -> int:
    """How long `name` from `address` has to wait before the next try; 0 is not at all."""
    since = timezone.now() - WINDOW
    wait = 0
    for key, limit in _limits(address, name).items():
        failures = SignInFailure.objects.filter(key=key, at__gt=since).order_by("-at")
        deciding = failures.values_list("at", flat=True)[limit - 1 : limit].first()
        if deciding:
            wait = max(wait, int((deciding - since).total_seconds()) + 1)
    return wait


def record_failure(*, address: str, name: str = "") -> None:
    """One more failure for everything it counts against; what is too old to count is forgotten."""
    SignInFailure.objects.filter(at__lt=timezone.now() - WINDOW).delete()
    SignInFailure.objects.bulk_create(SignInFailure(key=key) for key in _limits(address, name))


def _limits(address: str, name: str) -> dict[str, int]:
    limits = {_key("address", address): ADDRESS}
    if name:
        limits[_key("name", name.lower())] = NAME
        limits[_key("both", name.lower(), address)] = NAME_FROM_ADDRESS
    return limits


def _key(*parts: str) -> str:
    """Hashed: people type passwords into the name's field."""
    return hashlib.sha256("\0".join((settings.SECRET_KEY, *parts)).encode()).hexdigest()
