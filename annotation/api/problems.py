"""Errors as problem responses (RFC 9457)."""

from rest_framework.views import exception_handler


def handle(exc, context):
    return exception_handler(exc, context)
