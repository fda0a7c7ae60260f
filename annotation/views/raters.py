"""Raters, disagreements, circles, representation: the pages below Quality; and what people say of themselves."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from annotation.access import Permission, project_for
from annotation.forms.about_you import AboutYouForm
from annotation.pages import page_or_part
from annotation.quality.leanings import LEAST
from annotation.selectors import data, quality
from annotation.selectors.representation import representation as represented
from annotation.services.about_you import describe, forget
from annotation.views.quality import ground, scope_of


@require_safe
def raters(request, slug):
    project = project_for(request.user, slug, Permission.DATA_VIEW)
    scope = scope_of(request.GET)
    report = quality.ready_report(project, scope)
    sort = request.GET.get("sort", "judgments")
    page = {
        **ground(project, scope, "raters"),
        "report": report,
        "raters": quality.raters_of(project, report, sort=sort) if report else [],
        "sort": sort,
        "least": LEAST,
    }
    return render(request, "annotation/quality/raters.html", page)


@require_safe
def rater(request, slug, pk):
    project = project_for(request.user, slug, Permission.DATA_VIEW)
    scope = scope_of(request.GET)
    report = quality.ready_report(project, scope)
    row = quality.rater_figures(project, report, pk) if report else None
    if row is None:
        raise Http404("The report that was asked for has no figures of this rater.")
    page = {
        **ground(project, scope, "raters"),
        "report": report,
        "row": row,
        "told": row.figures,
        "crowd": report.body | {"same": _same(report.body)},
        "history": quality.rater_history(project, pk, scope),
        "least": LEAST,
    }
    return render(request, "annotation/quality/rater.html", page)


def _same(body: dict) -> float | None:
    """How often two people say the same, of everybody: what one rater's agreement with others is read against."""
    figures = (row["value"] for row in body["agreement"] if row["measure"] == "raw")
    return next(figures, None)


@require_safe
def disagreements(request, slug):
    project = project_for(request.user, slug, Permission.DATA_VIEW)
    scope = scope_of(request.GET)
    report = quality.ready_report(project, scope)
    filters = {name: request.GET.get(name, "")[:80] for name in ("category", "kind", "rater")}

    def found() -> dict:
        if report is None:
            return {"page": None}
        wanted = filters | {"rater": int(filters["rater"]) if filters["rater"].isdecimal() else 0}
        rows = quality.disagreements(report, **wanted)
        return {"page": quality.disagreement_page(project, rows, request.GET.get("page", "1"))}

    page = {
        **ground(project, scope, "disagreements"),
        "report": report,
        "filters": filters,
        "filtered": any(filters.values()),
        "categories": data.categories(project),
        "kinds": quality.KINDS,
        "raters": quality.raters_of(project, report, sort="name") if report else [],
    }
    return page_or_part(request, "annotation/quality/disagreements.html", {"found": found}, **page)


@require_safe
def circles(request, slug):
    project = project_for(request.user, slug, Permission.DATA_VIEW)
    scope = scope_of(request.GET)
    report = quality.ready_report(project, scope)
    page = {
        **ground(project, scope, "circles"),
        "report": report,
        "circles": quality.circles_of(project, report) if report else [],
    }
    return render(request, "annotation/quality/circles.html", page)


@require_safe
def representation(request, slug):
    project = project_for(request.user, slug, Permission.PROJECT_VIEW)
    scope = scope_of(request.GET)
    report = quality.ready_report(project, scope)
    page = {
        **ground(project, scope, "representation"),
        "report": report,
        "told": represented(report) if report else None,
    }
    return render(request, "annotation/quality/representation.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def about_you(request):
    """One's own page: nobody else ever sees what is written here."""
    if request.method == "POST" and "forget" in request.POST:
        forget(by=request.user)
        messages.success(request, "Forgotten. What was counted with it is counted anew with the next report.")
        return redirect("annotation:about-you")
    form = AboutYouForm(request.POST or None, instance=getattr(request.user, "self_description", None))
    if request.method == "POST" and form.is_valid():
        describe(by=request.user, **form.cleaned_data)
        messages.success(request, "Saved. You can change or forget it at any time.")
        return redirect("annotation:about-you")
    page = {"section": "about-you", "form": form, "known": form.instance.pk is not None}
    return render(request, "annotation/quality/about_you.html", page, status=422 if form.errors else 200)
