"""What a project's loop says of its runs, and what waits there for whom."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from django.db.models import Count, Max
from django.urls import reverse

from annotation.loop import Station, Waiting
from annotation.models import Project
from training import catalogue, chunks
from training.models import Alert, MetricChunk, Run
from training.states import HELD, RunState
from training.words import short

_POINTS = 60
_CHUNKS = 12


def stations(projects: Sequence[Project]) -> dict[int, Station]:
    """How many run and wait, and the newest run's most important curve."""
    live: dict[int, Counter] = {project.pk: Counter() for project in projects}
    states = Run.objects.filter(project__in=projects, state__in={*HELD, RunState.QUEUED})
    for project, state, count in states.values_list("project", "state").annotate(n=Count("pk")).order_by():
        live[project]["running" if state in HELD else "queued"] += count
    newest = Run.objects.filter(project__in=projects).values("project").annotate(pk=Max("pk")).values("pk")
    found = {run.project_id: run for run in Run.objects.filter(pk__in=newest)}
    return {project.pk: _station(project, live[project.pk], found.get(project.pk)) for project in projects}


def _station(project: Project, live: Counter, run: Run | None) -> Station:
    if run is None:
        return Station("None", "a frozen snapshot is all they need", quiet=True)
    words = [f"{live[name]} {name}" for name in ("running", "queued") if live[name]]
    key = _main_metric(run)
    detail = [f"{key} {short(run.latest[key])}"] if key else []
    if run.state in HELD and run.total_steps:
        detail.append(f"{run.step / run.total_steps:.0%}")
    elif run.state not in HELD:
        detail.append(run.get_state_display().lower())
    return Station(
        ", ".join(words) or "None running",
        ", ".join(detail),
        link=(run.name, reverse("training:run", args=[project.slug, run.pk])),
        line=_line(run, key) if key else (),
        waits=8 if live["running"] else 2 * bool(live["queued"]),
    )


def _main_metric(run: Run) -> str | None:
    """The main line of the method's most important panel, if it was logged."""
    for panel in catalogue.panels([run.method], set(run.latest)):
        for line in panel["lines"]:
            if line["role"] == "main" and isinstance(run.latest.get(line["key"]), int | float):
                return line["key"]
    return None


def _line(run: Run, key: str) -> list[float]:
    """Some sixty points from all over the run; of a very long one not every chunk is read."""
    rows = MetricChunk.objects.filter(run=run, key=key)
    count = rows.count()
    wanted = range(0, count, max(1, count // _CHUNKS))
    found = rows.filter(index__in=wanted).order_by("index").values_list("points", flat=True)
    values = chunks.join(chunks.unpack(row) for row in found).values
    finite = values[np.isfinite(values)]
    return finite[:: max(1, len(finite) // _POINTS)].tolist()


def waiting(_user, projects: Sequence[Project]) -> list[Waiting]:
    """Alerts that nobody has seen, for those who manage runs."""
    mine = {project.pk: project for project in projects if "RUN_MANAGE" in project.may}
    open_alerts = Alert.objects.filter(run__project__in=mine, cleared_at=None, seen_by=None)
    return [
        Waiting(
            "alert",
            alert.get_kind_display(),
            f"{mine[alert.run.project_id].name}, {alert.run.name}: {alert.title}",
            reverse("training:run", args=[mine[alert.run.project_id].slug, alert.run_id]),
            "Look at the run",
            "warn",
            5,
        )
        for alert in open_alerts.select_related("run").order_by("-raised_at")[:5]
    ]
