"""Every error of the API as a problem response (RFC 9457): type, title, status, detail, code, errors."""

from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from annotation.errors import Refused

MEDIA_TYPE = "application/problem+json"


def problem(status: int, *, detail: str, code: str, errors: list[dict] | None = None) -> dict:
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "errors": errors or [],
    }


def handle(exc, context):
    """DRF's exception handler: what people may read becomes a problem, a bug stays a bug."""
    if isinstance(exc, Refused):
        body = problem(exc.status, detail=str(exc), code=exc.code, errors=exc.problems)
        return Response(body, status=exc.status, content_type=MEDIA_TYPE)
    response = exception_handler(exc, context)
    if response is None:
        return None
    response.data = described(exc, response.status_code)
    response.content_type = MEDIA_TYPE
    return response


def described(exc, status: int) -> dict:
    if isinstance(exc, exceptions.ValidationError):
        errors = flattened(exc.detail)
        first = errors[0]["message"] if errors else "The request is not valid."
        detail = first if len(errors) == 1 else f"{len(errors)} things are wrong with the request."
        return problem(status, detail=detail, code="invalid", errors=errors)
    if isinstance(exc, Http404):
        return problem(status, detail="There is nothing here, or nothing that you may see.", code="not_found")
    if isinstance(exc, PermissionDenied):
        return problem(status, detail=str(exc) or "Your role does not include this.", code="permission_denied")
    code = exc.get_codes() if isinstance(exc.get_codes(), str) else "invalid"
    return problem(status, detail=str(exc.detail), code=code)


def flattened(detail, path: str = "") -> list[dict]:
    """DRF's nested error details as rows of path and message."""
    if isinstance(detail, dict):  # with numbers for keys it is a list's
        return [row for key, below in detail.items() for row in flattened(below, joined(path, key))]
    if isinstance(detail, list) and any(isinstance(entry, dict | list) for entry in detail):
        return [row for index, below in enumerate(detail) if below for row in flattened(below, joined(path, index))]
    return [{"path": path, "message": str(entry)} for entry in (detail if isinstance(detail, list) else [detail])]


def joined(path: str, key: str | int) -> str:
    if key == "non_field_errors":
        return path
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def nothing_here(_request, *_args, **_kwargs):
    """The answer of every address below /api/ that no call has."""
    body = problem(404, detail="No call has this address; /api/schema/ lists those there are.", code="not_found")
    return JsonResponse(body, status=404, content_type=MEDIA_TYPE)
