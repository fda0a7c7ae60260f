"""What Django answers by itself (no such page, no right, a bug): a page for people, a problem for programs."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from annotation.api.problems import MEDIA_TYPE, problem

TEXTS = {
    400: ("bad_request", "The request could not be read."),
    403: ("permission_denied", "Your role does not include this."),
    404: ("not_found", "There is nothing here, or nothing that you may see."),
    500: ("bug", "Something broke on our side. It is in the log; nothing that was confirmed is lost."),
}


def answer(request, status: int, *, said: str = "") -> HttpResponse:
    code, detail = TEXTS[status]
    detail = said or detail
    if request.path.startswith("/api/"):
        return JsonResponse(problem(status, detail=detail, code=code), status=status, content_type=MEDIA_TYPE)
    return render(request, "error.html", {"status": status, "detail": detail}, status=status)


def bad_request(request, exception):
    return answer(request, 400)


def permission_denied(request, exception):
    return answer(request, 403, said=str(exception))


def not_found(request, exception):
    return answer(request, 404)


def server_error(request):
    return answer(request, 500)


def csrf_failed(request, reason=""):
    return answer(request, 403, said="This form is older than your sign-in. Load the page again and send it once more.")
