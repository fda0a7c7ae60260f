"""Endpoints of a project: add one, try it, retire it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.endpoints import EndpointForm
from annotation.models import Endpoint
from annotation.pages import page_or_part
from annotation.selectors.endpoints import listing
from annotation.services import endpoints


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def endpoint_list(request, slug):
    adding = request.method == "POST"
    project = project_for(request.user, slug, Permission.PROJECT_MANAGE if adding else Permission.DATA_VIEW)
    form = EndpointForm(request.POST if adding else None)
    if form.is_valid():
        try:
            made = endpoints.add_endpoint(project, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            endpoints.request_trial(made)
            return redirect("annotation:endpoints", slug=slug)
    page = {"project": project, "section": "data", "form": form}
    parts = {"endpoint-rows": lambda: {"listing": listing(project)}}
    return page_or_part(request, "annotation/endpoints.html", parts, status=422 if form.errors else 200, **page)


@require_POST
def endpoint_try(request, slug, pk):
    try:
        endpoints.request_trial(_endpoint(request, slug, pk))
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("annotation:endpoints", slug=slug)


@require_POST
def endpoint_retire(request, slug, pk):
    endpoint = _endpoint(request, slug, pk)
    try:
        endpoints.retire_endpoint(endpoint, by=request.user)
        messages.success(request, f"{endpoint.name} is retired. What it wrote stays.")
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("annotation:endpoints", slug=slug)


def _endpoint(request, slug, pk) -> Endpoint:
    project = project_for(request.user, slug, Permission.PROJECT_MANAGE)
    return get_object_or_404(Endpoint.objects.select_related("project"), project=project, pk=pk)
