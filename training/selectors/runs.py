"""Lists of runs, and what a run's page says at its head."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from training import catalogue
from training.models import Alert, Checkpoint, Run
from training.states import FINAL, HELD, LIVE, TRANSITIONS, RunState

FILTERS = {
    "live": ("Live", Q(state__in=LIVE | {RunState.PAUSED})),
    "finished": ("Finished", Q(state=RunState.SUCCEEDED)),
    "stopped": ("Stopped", Q(state=RunState.STOPPED)),
    "failed": ("Failed", Q(state=RunState.FAILED)),
}
LIST_LIMIT = 200
TABLE_METRICS = 4
OVERLAY_LIMIT = 6  # as many as there are colours that can be told apart


def runs_of(project, *, state: str = "", words: str = "", method: str = "") -> QuerySet[Run]:
    """Runs of a project, newest first; `words` are looked for in name, method, snapshot and start."""
    runs = Run.objects.filter(project=project).select_related("snapshot", "start").order_by("-id")
    if state in FILTERS:
        runs = runs.filter(FILTERS[state][1])
    if method:
        runs = runs.filter(method=method)
    for word in words.split():
        runs = runs.filter(
            Q(name__icontains=word)
            | Q(method__icontains=word)
            | Q(snapshot__name__icontains=word)
            | Q(start__name__icontains=word)
        )
    return runs.annotate(
        open_alerts=Count("alerts", filter=Q(alerts__cleared_at=None, alerts__seen_by=None), distinct=True),
        saved=Count("checkpoints", distinct=True),
    )[:LIST_LIMIT]


def table_metrics(runs) -> list[dict]:
    """The few metrics worth a column: main lines of the two most important panels of each method shown."""
    logged = {key for run in runs for key in run.latest}
    columns: dict[str, dict] = {}
    for method in dict.fromkeys(run.method for run in runs):
        for panel in catalogue.panels([method], logged)[: catalogue.LARGE_PANELS]:
            for line in panel["lines"]:
                if line["role"] == "main" and line["key"] in logged:
                    columns.setdefault(
                        line["key"], {"key": line["key"], "title": panel["title"], "unit": panel["unit"]}
                    )
    return list(columns.values())[:TABLE_METRICS]


@dataclass(frozen=True)
class Progress:
    """How far, how fast, how long still. Seconds; None where nothing is known yet."""

    step: int
    total_steps: int
    running_seconds: float
    left_seconds: float | None
    silent_seconds: float | None

    @property
    def share(self) -> float:
        return min(1.0, self.step / self.total_steps) if self.total_steps else 0.0


def progress(run: Run, *, now: datetime | None = None) -> Progress:
    now = now or timezone.now()
    held = run.state in HELD
    running = run.active_seconds
    if held and run.heartbeat_at:
        running += max(0.0, (now - run.heartbeat_at).total_seconds())
    heard = run.facts.get("last_event_time")
    return Progress(
        step=run.step,
        total_steps=run.total_steps,
        running_seconds=running,
        left_seconds=_left(run, running) if run.state in LIVE | {RunState.PAUSED} else None,
        silent_seconds=max(0.0, now.timestamp() - heard) if heard and held else None,
    )


def _left(run: Run, running: float) -> float | None:
    """From the whole run's pace, which counts evaluations and checkpoints too."""
    if run.step < 2 or not run.total_steps or not running:
        return None
    return max(0, run.total_steps - run.step) * running / run.step


def ruler(run: Run, *, marks: int = 100) -> list[dict]:
    """Progress as ticks: done, now, an alert where one was raised."""
    total = max(1, run.total_steps)
    now = round(run.step / total * marks)
    alerts = {round(step / total * marks) for step in run.alerts.values_list("step", flat=True)}
    ticks = []
    for at in range(marks + 1):
        kind = "alert" if at in alerts else "now" if at == now else "done" if at < now else ""
        height = 0 if kind in ("alert", "now") else 10.64 if at % 10 == 0 else 17.92
        ticks.append({"x": at * 1000 / marks, "y": height, "kind": kind})
    return ticks


def is_over(run: Run) -> bool:
    """Nothing will come any more unless somebody resumes it."""
    return run.state in FINAL


def possible_moves(run: Run) -> set[str]:
    """Which buttons make sense now: pause, stop, resume."""
    state = RunState(run.state)
    moves = {
        "pause": {RunState.PAUSING} if state in HELD else {RunState.PAUSED},
        "stop": {RunState.STOPPING} if state in HELD else {RunState.STOPPED},
        "resume": set() if state in HELD else {RunState.QUEUED},
    }
    return {name for name, after in moves.items() if TRANSITIONS[state] & after}


def feed(project, run: Run, at: int = 0) -> dict:
    """What the page's script needs to draw one run."""
    return {
        "url": reverse("training:run-series", args=[project.slug, run.pk]),
        "page": reverse("training:run", args=[project.slug, run.pk]),
        "name": run.name,
        "token": f"data-{at + 1}",
    }


def standing_alerts(run: Run) -> list[dict]:
    """Alerts nobody has seen and that are not over, each with a clone that would mend it, where one is known."""
    rows = run.alerts.filter(cleared_at=None, seen_by=None).order_by("step")
    return [{"alert": alert, "remedy": remedy(run, alert)} for alert in rows]


def remedy(run: Run, alert: Alert) -> dict | None:
    """A change of settings to clone with: {name, value, query}."""
    settings, training = run.spec.get("settings", {}), run.spec.get("training", {})
    if alert.kind == Alert.Kind.KL_BUDGET and settings.get("beta"):
        name, value = "beta", float(f"{3 * settings['beta']:.2g}")
        return {"name": name, "value": value, "query": f"settings.{name}={value:g}"}
    if alert.kind == Alert.Kind.NOT_A_NUMBER and training.get("learning_rate"):
        name, value = "learning_rate", float(f"{training['learning_rate'] / 10:.2g}")
        return {"name": name, "value": f"{value:g}", "query": f"training.{name}={value:g}"}
    return None


def sibling(run: Run) -> Run | None:
    """The run to compare settings with unless one is asked for: what it was cloned from, or the one before it."""
    if run.cloned_from_id:
        return run.cloned_from
    earlier = Run.objects.filter(project=run.project, method=run.method, pk__lt=run.pk).order_by("-pk")
    return earlier.select_related("snapshot", "start").first()


def comparable(run: Run, *, limit: int = 50) -> QuerySet[Run]:
    return Run.objects.filter(project=run.project).exclude(pk=run.pk).order_by("-pk")[:limit]


def checkpoints_of(project, kind: str | None = None) -> QuerySet[Checkpoint]:
    """Promoted ones first, then newest."""
    rows = Checkpoint.objects.filter(project=project).select_related("run", "source")
    if kind:
        rows = rows.filter(kind=kind)
    return rows.order_by(F("promoted_at").desc(nulls_last=True), "-id")
