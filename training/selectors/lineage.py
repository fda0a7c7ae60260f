"""From judgments to checkpoint and verdict: each station names what it was made of."""

from dataclasses import dataclass

from django.urls import reverse

from annotation.models import Snapshot
from training.models import Checkpoint, Run


@dataclass(frozen=True)
class Station:
    label: str
    title: str
    url: tuple = ()  # view name and arguments
    fine: str = ""
    identity: str = ""
    current: bool = False
    following: bool = False

    @property
    def href(self) -> str:
        return reverse(self.url[0], args=self.url[1:]) if self.url else ""


def of_run(run: Run) -> list[Station]:
    """Votes, snapshot, reward models, this run, its checkpoints."""
    slug = run.project.slug
    stations = _data_stations(run.snapshot, slug) if run.snapshot else []
    for reward in run.rewarded_by.select_related("run__snapshot").all():
        stations.append(_reward_station(reward, slug))
    stations.append(
        Station(
            "This run",
            f"{run.method}, seed {run.seed}",
            fine=f"from {run.start.name}",
            current=True,
        )
    )
    saved = list(run.checkpoints.order_by("-step"))
    latest = f"latest at step {saved[0].step:,}" if saved else "none yet"
    stations.append(
        Station(
            "Checkpoints",
            f"{len(saved)} saved",
            url=("training:checkpoint", slug, saved[0].pk) if saved else (),
            fine=latest,
            following=True,
        )
    )
    return stations


def of_checkpoint(checkpoint: Checkpoint) -> list[Station]:
    """The stations before a checkpoint, and itself."""
    run = checkpoint.run
    here = Station("This checkpoint", checkpoint.name, fine=f"{checkpoint.get_kind_display().lower()}", current=True)
    if run is None:
        return [Station("Registered", "from outside"), here]
    slug = checkpoint.project.slug
    before = [station for station in of_run(run) if not station.current and not station.following]
    made = Station("Run", run.name, ("training:run", slug, run.pk), fine=f"{run.method}, seed {run.seed}")
    return [*before, made, here]


def _data_stations(snapshot: Snapshot, slug: str) -> list[Station]:
    frozen = f"frozen on {snapshot.frozen_at:%-d %B}" if snapshot.frozen_at else snapshot.get_state_display().lower()
    said = _who_said_it(snapshot.card)
    stations = []
    if snapshot.judgment_count:
        stations.append(Station("Votes", f"{snapshot.judgment_count:,}", fine=said))
    stations.append(
        Station(
            "Snapshot",
            snapshot.name,
            ("annotation:snapshot", slug, snapshot.pk),
            fine=f"{snapshot.row_count:,} rows, {frozen}",
            identity=snapshot.sha256[:8],
        )
    )
    return stations


def _who_said_it(card: dict) -> str:
    """How many people, and how far they agree."""
    count = card.get("raters", {}).get("count")
    parts = [f"of {count:,} {'rater' if count == 1 else 'raters'}"] if count else []
    agreement = card.get("agreement", {})
    if agreement.get("value") is not None:
        parts.append(f"α {agreement['value']:.2f} [{agreement['low']:.2f}, {agreement['high']:.2f}]")
    return ", ".join(parts)


def _reward_station(reward: Checkpoint, slug: str) -> Station:
    metrics = reward.meta.get("metrics", {})
    accuracy = metrics.get("eval_accuracy")
    said = f"held-out accuracy {accuracy:.2f}" if isinstance(accuracy, float) else ""
    if reward.run and reward.run.snapshot:
        said = f"{said + ', ' if said else ''}from {reward.run.snapshot.name}"
    return Station("Reward model", reward.name, ("training:checkpoint", slug, reward.pk), fine=said)
