"""Generating more responses: the form, and how far one is."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.gatherings import GatheringForm
from annotation.models import Gathering, Prompt
from annotation.pages import page_or_part
from annotation.selectors.gatherings import gatherings_of, standing
from annotation.services import gatherings
from annotation.services.generation import retry_generation


@require_http_methods(["GET", "HEAD", "POST"])
def gathering_new(request, slug):
    """Asks; `?prompt=` is about that prompt alone."""
    project = project_for(request.user, slug, Permission.EVALUATE)
    prompt = _prompt(project, request.GET.get("prompt", ""))
    form = GatheringForm(
        request.POST or None, project=project, prompt=prompt, initial={"task": request.GET.get("task", "")}
    )
    if form.is_valid():
        try:
            made = gatherings.gather(project, by=request.user, **form.chosen())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("annotation:gathering", slug=slug, pk=made.pk)
    page = {"project": project, "section": "data", "form": form, "prompt": prompt}
    page["rows"] = [standing(row, sampled=False) for row in gatherings_of(project)[:10]]
    return render(request, "annotation/gathering_new.html", page, status=422 if form.errors else 200)


def _prompt(project, given: str) -> Prompt | None:
    if not given:
        return None
    found = Prompt.objects.filter(project=project, published=True, pk=given if given.isdigit() else 0).first()
    if found is None:
        raise Http404("There is no such prompt in this project.")
    return found


@require_safe
def gathering(request, slug, pk):
    project = project_for(request.user, slug, Permission.DATA_VIEW)
    made = get_object_or_404(gatherings_of(project), pk=pk)
    parts = {"standing": lambda: {"standing": standing(made)}}
    page = {"project": project, "section": "data", "gathering": made}
    return page_or_part(request, "annotation/gathering.html", parts, **page)


@require_POST
def gathering_retry(request, slug, pk):
    """Ask again for what failed or was cancelled."""
    made = _made(request, slug, pk)
    for row in made.requests.filter(state__in=("failed", "cancelled")):
        retry_generation(row, by=request.user)
    return redirect("annotation:gathering", slug=slug, pk=pk)


@require_POST
def gathering_cancel(request, slug, pk):
    if gatherings.cancel_gathering(_made(request, slug, pk)):
        messages.success(request, "No more responses are made. Those that are there stay.")
    return redirect("annotation:gathering", slug=slug, pk=pk)


@require_POST
def gathering_settle(request, slug, pk):
    """Make items of what is there."""
    try:
        count = gatherings.settle_now(_made(request, slug, pk))
        messages.success(request, f"{count:,} item{'s' if count != 1 else ''} made of the responses that are there.")
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("annotation:gathering", slug=slug, pk=pk)


def _made(request, slug, pk) -> Gathering:
    project = project_for(request.user, slug, Permission.EVALUATE)
    return get_object_or_404(Gathering, project=project, pk=pk)
