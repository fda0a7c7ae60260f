"""The list of a project's runs."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation.access import Permission, project_for
from annotation.pages import page_or_part
from training import catalogue
from training.models import Run
from training.selectors import runs as selectors
from training.selectors import settings, waiting


@require_safe
def runs(request, slug: str):
    project = project_for(request.user, slug, Permission.RUN_VIEW)
    asked = {name: request.GET.get(name, "").strip() for name in ("state", "method", "q")}

    def table() -> dict:
        found = list(selectors.runs_of(project, state=asked["state"], method=asked["method"], words=asked["q"]))
        return {
            "runs": [(run, selectors.progress(run)) for run in found],
            "columns": selectors.table_metrics(found),
            "any": bool(found) or Run.objects.filter(project=project).exists(),
            "live": any(run.state in selectors.LIVE for run in found),
        }

    return page_or_part(
        request,
        "training/runs.html",
        {"runs-table": table},
        project=project,
        section="runs",
        asked=asked,
        filters=selectors.FILTERS,
        methods=catalogue.methods(),
        disk=waiting.low_disk(),
    )


@require_safe
def overlay(request, slug: str):
    """Two or more runs on the same panels: `?run=3&run=5`."""
    project = project_for(request.user, slug, Permission.RUN_VIEW)
    wanted = [int(pk) for pk in request.GET.getlist("run") if pk.isdigit()][: selectors.OVERLAY_LIMIT]
    chosen = list(Run.objects.filter(project=project, pk__in=wanted).select_related("snapshot", "start"))
    chosen.sort(key=lambda run: wanted.index(run.pk))
    logged = {key for run in chosen for key in run.latest}
    context = {
        "project": project,
        "section": "runs",
        "runs": chosen,
        "panels": catalogue.panels(dict.fromkeys(run.method for run in chosen), logged),
        "feeds": [selectors.feed(project, run, at) for at, run in enumerate(chosen)],
        "settings": settings.differing(chosen),
        "others": Run.objects.filter(project=project).exclude(pk__in=wanted).order_by("-pk")[:50],
    }
    return render(request, "training/overlay.html", context)
