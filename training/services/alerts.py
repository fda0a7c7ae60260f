"""Alerts: raised once when something goes wrong, cleared when it is over, kept as history."""

from django.db import transaction
from django.utils import timezone

from training import chunks, watch
from training.models import Alert, MetricChunk, Run

LOOK_BACK = 2  # chunks


def look(run: Run, added: dict[str, chunks.Points]) -> None:
    """After new points: raise what is new, clear what is over. Called in the transaction that stored the points."""
    for key, points in added.items():
        if broken := watch.broken_step(points):
            _raise(run, watch.broken_finding(key, *broken, _last_finite(run, key, broken[0])))
            break
    if added:
        run.alerts.filter(kind=Alert.Kind.SILENT, cleared_at=None).update(cleared_at=timezone.now())
    budget = run.spec.get("training", {}).get("kl_budget") or 0
    if budget and watch.KL in added:
        _look_at_kl(run, budget, added[watch.KL])


def raise_silent(run: Run) -> None:
    """Its worker stopped beating: what was last heard, and what happens now."""
    heard = timezone.now() - run.heartbeat_at
    _raise(
        run,
        watch.Finding(
            kind="silent",
            step=run.step,
            metric="",
            title=f"No sign of life for {heard.total_seconds():.0f} seconds, at step {run.step:,}",
            cause=f"{run.worker or 'Its worker'} stopped answering: it was killed, lost its machine, or lost the "
            "database. Nothing that was logged is lost.",
            advice="The run is back in the queue and goes on from its newest checkpoint as soon as a worker is free.",
            evidence={"worker": run.worker, "last_heard": run.heartbeat_at.isoformat(), "attempt": run.attempt},
        ),
    )


def raise_quiet(run: Run, seconds: float) -> None:
    """Its engine lives and beats, but has logged nothing for long."""
    if run.alerts.filter(kind=Alert.Kind.SILENT, cleared_at=None).exists():
        return
    _raise(
        run,
        watch.Finding(
            kind="silent",
            step=run.step,
            metric="",
            title=f"Nothing logged for {seconds / 60:.0f} minutes, at step {run.step:,}",
            cause=f"The engine on {run.worker} is alive (process {run.pid}) but silent: a very long step, a download, "
            "or a reward source that does not answer.",
            advice="Read the log below. Pausing writes a checkpoint if the step ends; if it does not, the engine is "
            "ended after a while and the run can be resumed.",
            evidence={"worker": run.worker, "pid": run.pid, "seconds": seconds},
        ),
    )


@transaction.atomic
def mark_seen(alert: Alert, *, by) -> None:
    """Somebody has read it; it stays on the curve."""
    alert.seen_by = by
    alert.save(update_fields=["seen_by"])


def _look_at_kl(run: Run, budget: float, added: chunks.Points) -> None:
    standing = run.alerts.filter(kind=Alert.Kind.KL_BUDGET, cleared_at=None)
    if standing.exists():
        if watch.within_budget_again(_recent(run, watch.KL), budget):
            standing.update(cleared_at=timezone.now())
        return
    if not (added.values > budget).any():
        return
    kl = _recent(run, watch.KL)
    since = watch.over_budget_since(kl, budget)
    if since is None:
        return
    safe = run.checkpoints.filter(step__lt=since).order_by("-step").values_list("step", flat=True).first()
    finding = watch.kl_finding(
        since=since,
        budget=budget,
        kl=kl,
        reward=watch.change(_recent(run, "reward"), since),
        length=watch.change(_recent(run, "completions/mean_length"), since),
        beta=run.spec.get("settings", {}).get("beta"),
        safe_step=safe,
    )
    _raise(run, finding)


def _raise(run: Run, finding: watch.Finding) -> None:
    if finding.kind != Alert.Kind.SILENT and run.alerts.filter(kind=finding.kind, cleared_at=None).exists():
        return
    Alert.objects.update_or_create(
        run=run,
        kind=finding.kind,
        step=finding.step,
        defaults={
            "metric": finding.metric,
            "title": finding.title[:200],
            "cause": finding.cause,
            "advice": finding.advice,
            "evidence": finding.evidence,
            "raised_at": timezone.now(),
            "cleared_at": None,
        },
    )


def _recent(run: Run, key: str) -> chunks.Points:
    rows = MetricChunk.objects.filter(run=run, key=key).order_by("-index")[:LOOK_BACK]
    return chunks.join(chunks.unpack(row.points) for row in reversed(rows))


def _last_finite(run: Run, key: str, before_step: int) -> float | None:
    points = _recent(run, key)
    earlier = points.values[points.steps < before_step] if len(points.steps) else points.values
    finite = [value for value in earlier[-50:] if value == value and abs(value) != float("inf")]
    return float(finite[-1]) if finite else None
