"""The dashboard of a project: how far, how fast, how well, who, what waits, what it costs."""

from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation.access import Permission, project_for
from annotation.selectors import progress as selected
from annotation.selectors.work import wilson
from annotation.views.audit import csv_lines

DAY_COLUMNS = ("day", "judgments", "median_seconds", "timed")
WEEK_COLUMNS = ("week", "items_judged_more_than_once", "alpha", "low", "high")
PEOPLE_COLUMNS = ("rater", "kind", "judgments", "last_7_days", "skipped", "flagged", "active_hours", "median_seconds")


@require_safe
def progress(request, slug):
    project = project_for(request.user, slug, Permission.PROJECT_VIEW)
    window = selected.window_of(project)
    sees_raters = Permission.DATA_VIEW.name in project.may
    named = Permission.PEOPLE.name in project.may
    tasks = selected.tasks_of(project, window)
    wanted, had = sum(row.wanted for row in tasks), sum(row.had for row in tasks)
    page = {
        "project": project,
        "section": "progress",
        "window": window,
        "days_shown": selected.WINDOW,
        "tasks": tasks,
        "wanted": wanted,
        "had": had,
        "share": round(100 * had / wanted) if wanted else 0,
        "people": selected.people_of(project, window, names=named) if sees_raters else None,
        "waits": selected.waits_of(project) if sees_raters else None,
        "chart": selected.chart_of(window),
        "active_ms": sum(work.active_ms for work in window.works),
        "today": window.days[-1].judgments if window.days else 0,
        "week": sum(row.judgments for row in window.days[-7:]),
        "simulated": wilson(window.simulated, window.judgments) if window.judgments else None,
        "cost": sum(row.cost or 0 for row in tasks) if project.pay is not None and sees_raters else None,
    }
    return render(request, "annotation/progress.html", page)


@require_safe
def progress_csv(request, slug, what):
    """The numbers behind a chart or a table of the page."""
    project = project_for(request.user, slug, Permission.EXPORT)
    window = selected.window_of(project)
    if what == "days":
        columns = DAY_COLUMNS
        rows = [(row.day.isoformat(), row.judgments, row.seconds, row.timed) for row in window.days]
    elif what == "weeks":
        columns = WEEK_COLUMNS
        rows = [(row.monday.isoformat(), row.items, row.value, row.low, row.high) for row in window.weeks]
    else:
        columns = PEOPLE_COLUMNS
        people = selected.people_of(project, window, names=Permission.PEOPLE.name in project.may)
        rows = [
            (
                *(row.name, row.kind, row.judgments, row.recent, row.skipped, row.flagged),
                *(round(row.active_ms / 3_600_000, 3), row.seconds),
            )
            for row in people
        ]
    return StreamingHttpResponse(
        csv_lines(columns, rows),
        content_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{project.slug}-{what}.csv"'},
    )
