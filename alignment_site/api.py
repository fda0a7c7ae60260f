"""The API's own addresses: where it begins, its schema, its page of documentation; then each app's calls."""

from functools import cache

from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.shortcuts import render
from django.urls import include, path, re_path, reverse
from django.views.decorators.cache import cache_page
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView

from annotation.api.problems import nothing_here


@login_not_required
@require_safe
def index(_request):
    """Where a program that knows nothing begins."""
    return JsonResponse(
        {"schema": reverse("api-schema"), "documentation": reverse("api-docs"), "projects": reverse("api-projects")}
    )


@cache
def operations() -> list[dict]:
    """Every call as the schema tells it, in groups: what /api/docs/ prints. The schema never changes while we run."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    groups: dict[str, list[dict]] = {}
    for address, verbs in schema["paths"].items():
        for verb, call in verbs.items():
            parameters = [row for row in call.get("parameters", []) if row["in"] == "query"]
            row = {
                "verb": verb.upper(),
                "address": address,
                "text": call.get("description", "").replace("`", ""),
                "parameters": parameters,
                "answers": sorted(call.get("responses", {})),
            }
            groups.setdefault(group_of(address), []).append(row)
    return [{"name": name, "calls": calls} for name, calls in sorted(groups.items())]


def group_of(address: str) -> str:
    parts = [part for part in address.split("/") if part and not part.startswith("{")]
    return (parts[2] if len(parts) > 2 else parts[-1]).replace("-", " ").capitalize()


@login_not_required
@require_safe
def documentation(request):
    """The schema, readable, without the scripts of a viewer that a strict policy would not let run."""
    return render(request, "api.html", {"groups": operations(), "section": "api"})


urlpatterns = [
    path("", index, name="api-index"),
    path("schema/", cache_page(3600)(SpectacularAPIView.as_view()), name="api-schema"),  # a second of work, for anybody
    path("docs/", documentation, name="api-docs"),
    path("", include("evaluation.api.urls")),
    path("", include("training.api.urls")),
    path("", include("annotation.api.urls")),
    re_path("", login_not_required(nothing_here), name="api-nothing"),
]
