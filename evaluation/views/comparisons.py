"""Comparisons: the list, a new one, one of them in whatever state it is."""

from contextlib import suppress

from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.pages import page_or_part
from evaluation.access import comparison_for
from evaluation.forms import ComparisonForm
from evaluation.models import Comparison
from evaluation.selectors.listing import comparisons_of
from evaluation.selectors.own_votes import own_votes
from evaluation.selectors.reading import pairs_of, progress
from evaluation.selectors.results import of_comparison
from evaluation.selectors.rewards import scorers_of
from evaluation.selectors.sight import sight_of
from evaluation.services import comparisons as service
from evaluation.views.wishes import wishes_in


@require_safe
def comparison_list(request: HttpRequest, slug: str):
    project = project_for(request.user, slug, Permission.EVALUATION_VIEW)
    page = {"project": project, "section": "compare", "comparisons": comparisons_of(project)}
    return render(request, "evaluation/list.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def comparison_new(request: HttpRequest, slug: str):
    """`?checkpoint=<id>`, up to four times, chooses beforehand."""
    project = project_for(request.user, slug, Permission.EVALUATE)
    chosen = request.GET.getlist("checkpoint")[: service.MOST]
    chosen = sorted(pk for pk in chosen if pk.isdecimal())  # the older first: the baseline
    form = ComparisonForm(request.POST or None, project=project, preselected=chosen)
    if form.is_valid():
        try:
            comparison = _create(form, by=request.user)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            return redirect("evaluation:comparison", slug=slug, pk=comparison.pk)
    page = {"project": project, "section": "compare", "form": form}
    return render(request, "evaluation/new.html", page, status=422 if form.errors else 200)


@transaction.atomic
def _create(form: ComparisonForm, *, by) -> Comparison:
    said = form.cleaned_data
    typed = said["source"] == "typed"
    return service.create_comparison(
        form.project,
        by=by,
        checkpoints=said["checkpoints"],
        prompts=service.typed_prompts(form.project, said["texts"]) if typed else form.prompts(),
        sampling=form.sampling(),
        name=said["name"],
        prompt_set=service.TYPED if typed else said["prompt_set"] if said["source"] == "set" else "",
        overlap=said["overlap"],
        scorers=said["scorers"],
    )


@never_cache
@require_safe
def comparison(request: HttpRequest, slug: str, pk: int):
    """Generating, failed, blind or revealed. The part `progress` is polled while it generates."""
    found = comparison_for(request.user, slug, pk)
    sight = sight_of(found, request.user)
    page = {"project": found.project, "section": "compare", "comparison": found, "sight": sight}
    if found.state != Comparison.State.READY:
        if request.htmx and found.state != Comparison.State.GENERATING:
            return HttpResponseClientRefresh()
        page["progress"] = progress(found)
        return page_or_part(request, "evaluation/generating.html", {"progress": lambda: page})
    if request.htmx and request.htmx.target == "progress":
        return HttpResponseClientRefresh()
    page["pairs"] = pairs_of(found)
    if not sight.revealed:
        return render(request, "evaluation/blind.html", page)
    wishes = wishes_in(request)
    results = of_comparison(found, **wishes.asked())
    page |= {
        "scorers": scorers_of(found, results.contenders.values()),
        "results": results,
        "wishes": wishes,
        "own": own_votes(found, request.user) if sight.may_vote else [],
    }
    return render(request, "evaluation/comparison.html", page)


@require_POST
def comparison_retry(request: HttpRequest, slug: str, pk: int):
    """Ask again what failed. Where nothing did any more, the page says how it stands."""
    found = comparison_for(request.user, slug, pk, Permission.EVALUATE)
    with suppress(Refused):  # somebody else tried again a moment ago
        service.retry(found, by=request.user)
    return redirect("evaluation:comparison", slug=slug, pk=pk)


@require_POST
def comparison_open(request: HttpRequest, slug: str, pk: int):
    found = comparison_for(request.user, slug, pk, Permission.EVALUATE)
    service.open_comparison(found, by=request.user)
    return redirect("evaluation:comparison", slug=slug, pk=pk)
