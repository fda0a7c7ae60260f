"""One run: its page, the parts of it that change, its points, its log."""

import csv

from django.http import FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from annotation.access import Permission
from annotation.pages import page_or_part
from training import catalogue, launcher
from training.access import run_for
from training.models import Checkpoint, Run
from training.selectors import curves, lineage, samples, settings, waiting
from training.selectors import runs as selectors
from training.services import alerts
from training.services.attempts import folder_of

LOG_LINES = 40
TABLE_ROWS = 200


@require_safe
def run(request, slug: str, pk: int):
    """The page; htmx asks for the parts that change."""
    found = run_for(request.user, slug, pk)
    may_read = Permission.DATA_VIEW.name in found.project.may

    def read(make):
        return (lambda: make(request, found)) if may_read else dict

    return page_or_part(
        request,
        "training/run.html",
        {
            "run-head": lambda: _head(found),
            "samples": read(_samples),
            "sample-cards": read(_samples),
            "run-rest": lambda: _rest(found),
            "log": read(_log),
            "config": lambda: _config(request, found),
        },
        project=found.project,
        section="runs",
        run=found,
        may_read=may_read,
        panels=catalogue.panels([found.method], found.latest),
        feeds=[selectors.feed(found.project, found)],
        dead=selectors.is_over(found),
    )


@require_safe
def series(request, slug: str, pk: int):
    """New points since the cursor, as JSON; 204 when there is nothing newer."""
    found = run_for(request.user, slug, pk)
    axis = request.GET.get("x", "step")
    cursor = curves.Cursor(
        since=_number(request.GET.get("since"), -1),
        width=_number(request.GET.get("width"), 0),
        axis=axis if axis in curves.AXES else "step",
    )
    answer = curves.series(found, cursor)
    if answer is None and selectors.is_over(found):
        return JsonResponse({"over": True, "seq": found.event_seq})
    if answer is None:
        return HttpResponse(status=204)
    return JsonResponse({**answer, "over": selectors.is_over(found)})


@require_safe
def curves_csv(request, slug: str, pk: int):
    """Every point of one panel's metrics, or of all, as logged."""
    found = run_for(request.user, slug, pk, Permission.EXPORT)
    wanted = _keys(found, request.GET.get("panel", ""))
    rows = ([row[0], row[1], *row[2:]] for row in curves.table(found, wanted))
    header = ["step", "seconds", *wanted]
    response = StreamingHttpResponse(_csv_lines(header, rows), content_type="text/csv")
    part = request.GET.get("panel") or "curves"
    response["Content-Disposition"] = f'attachment; filename="{found.name}-{part}.csv"'.replace("/", "-")
    return response


@require_safe
def table(request, slug: str, pk: int, panel: str):
    """The numbers behind one chart."""
    found = run_for(request.user, slug, pk)
    chosen = next((entry for entry in catalogue.panels([found.method], found.latest) if entry["key"] == panel), None)
    wanted = _keys(found, panel) if chosen else []
    context = {
        "project": found.project,
        "section": "runs",
        "run": found,
        "panel": chosen,
        "columns": [{"key": key, **catalogue.metric(key)} for key in wanted],
        "rows": list(curves.table(found, wanted, rows=TABLE_ROWS)),
    }
    return render(request, "training/table.html", context, status=200 if chosen else 404)


@require_safe
def log(request, slug: str, pk: int):
    """The whole engine log, as text."""
    found = run_for(request.user, slug, pk, Permission.DATA_VIEW)
    path = folder_of(found) / "engine.log"
    if not path.exists():
        return HttpResponse("Nothing was written yet, or the run directory lies on another machine.\n", "text/plain")
    return FileResponse(open(path, "rb"), content_type="text/plain; charset=utf-8")


@require_POST
def alert_seen(request, slug: str, pk: int, alert: int):
    found = run_for(request.user, slug, pk, Permission.RUN_MANAGE)
    alerts.mark_seen(get_object_or_404(found.alerts, pk=alert), by=request.user)
    return redirect("training:run", slug, pk)


def _head(found: Run) -> dict:
    last = found.checkpoints.order_by("-step").first()
    may_compare = Permission.EVALUATE.name in found.project.may and selectors.is_over(found)
    return {
        "progress": selectors.progress(found),
        "ruler": selectors.ruler(found),
        "notices": waiting.notices(found),
        "alerts": selectors.standing_alerts(found),
        "can": selectors.possible_moves(found),
        "last_checkpoint": last,
        "compared": last if last and last.kind == Checkpoint.Kind.POLICY and may_compare else None,
    }


def _samples(request, found: Run) -> dict:
    asked = request.GET
    timeline = samples.timeline(
        found,
        prompt=_number(asked.get("prompt"), None),
        step=_number(asked.get("step"), None),
        position=_number(asked.get("at"), None),
    )
    return {
        "timeline": timeline,
        "spark": samples.spark(timeline.rewards) if timeline else "",
        "scored": catalogue.method(found.method)["produces"] == "reward",
    }


def _rest(found: Run) -> dict:
    checkpoints = list(found.checkpoints.order_by("-step"))
    policies = any(checkpoint.kind == Checkpoint.Kind.POLICY for checkpoint in checkpoints)
    return {
        "lineage": lineage.of_run(found),
        "checkpoints": checkpoints,
        "may_compare": policies and Permission.EVALUATE.name in found.project.may,
    }


def _log(_request, found: Run) -> dict:
    folder = folder_of(found)
    return {"log_lines": launcher.last_lines(folder / "engine.log", LOG_LINES), "log_here": folder.is_dir()}


def _config(request, found: Run) -> dict:
    others = {other.pk: other for other in selectors.comparable(found)}
    against = others.get(_number(request.GET.get("against"), None)) or selectors.sibling(found)
    rows = settings.differences(found, against) if against else settings.differences(found, found)
    return {
        "against": against,
        "others": others.values(),
        "rows": rows,
        "changed": sum(row["changed"] for row in rows),
        "all": request.GET.get("all") == "1" or against is None,
    }


def _keys(found: Run, panel: str) -> list[str]:
    """The logged metrics of a panel, or all of them."""
    logged = curves.keys(found)
    if not panel:
        return logged
    lines = [entry["lines"] for entry in catalogue.panels([found.method], logged) if entry["key"] == panel]
    return [line["key"] for line in lines[0] if line["key"] in logged] if lines else []


class _Echo:
    """What csv.writer writes to: gives the line back."""

    def write(self, line: str) -> str:
        return line


def _csv_lines(header, rows):
    writer = csv.writer(_Echo())
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow(["" if value is None else value for value in row])


def _number(text: str | None, otherwise):
    try:
        return int(text)
    except (TypeError, ValueError):
        return otherwise
