"""The labelling page's calls: JSON in, JSON out, refusals in words."""

import json
from functools import wraps
from uuid import UUID

from django.http import JsonResponse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.http import require_POST

from annotation.access import Permission, project_for
from annotation.errors import Refused


def owner_of(user) -> str:
    """Who the page was made for, opaque: what waits in a browser is never sent in somebody else's name."""
    return salted_hmac("annotation.label.owner", str(user.pk)).hexdigest()[:24]


def call(view):
    """A POST of a JSON object by somebody who may label; `view(request, project, body)` returns a JSON object."""

    @require_POST
    @wraps(view)
    def answer(request, slug: str, **captured):
        project = project_for(request.user, slug, Permission.LABEL)
        try:
            return JsonResponse(view(request, project, _body(request), **captured))
        except Refused as error:
            said = {"code": error.code, "message": str(error), "problems": error.problems}
            return JsonResponse(said, status=error.status)

    return answer


def _body(request) -> dict:
    try:
        body = json.loads(request.body)
    except (ValueError, UnicodeDecodeError):
        body = None
    if not isinstance(body, dict):
        raise Refused("The call must carry a JSON object.", code="malformed", status=400)
    if not constant_time_compare(str(body.get("owner", "")), owner_of(request.user)):
        raise Refused(
            "Somebody else is signed in here now. What waits in this browser is sent when you sign in again.",
            code="other_person",
            status=409,
        )
    return body


def uuid_in(body: dict, name: str) -> UUID:
    try:
        return UUID(str(body.get(name)))
    except ValueError:
        problem = {"path": name, "message": f"{name} must be a UUID."}
        raise Refused(problem["message"], code="malformed", problems=[problem]) from None


def uuids_in(body: dict, name: str) -> tuple[UUID, ...]:
    values = body.get(name) or []
    if not isinstance(values, list) or len(values) > 1000:
        raise Refused(f"{name} must be a list of UUIDs.", code="malformed")
    return tuple(uuid_in({name: value}, name) for value in values)
