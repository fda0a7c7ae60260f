"""Workers and queues, as pages show them."""

from dataclasses import dataclass

from django.utils import timezone

from alignment_site.celery import QUEUES
from annotation.models import GenerationRequest
from training.models import JobState, Preflight, Run, Worker
from training.selectors.waiting import alive
from training.states import RunState

PURPOSES = {
    "light": "Seconds long, database only: imports, snapshots, the bell",
    "cpu": "Training runs on a processor",
    "gpu": "Training runs on an accelerator",
    "sample": "Answers, scores and checks before a launch",
}


@dataclass(frozen=True)
class WorkerRow:
    worker: Worker
    alive: bool
    seconds_ago: float
    visible: bool  # whether the reader may know what it does
    project_slug: str


def workers(project_ids: list[int]) -> list[WorkerRow]:
    """Every worker; what it does is visible where its run belongs to one of the projects."""
    now = timezone.now()
    return [
        WorkerRow(
            worker=worker,
            alive=alive(worker),
            seconds_ago=(now - worker.heartbeat_at).total_seconds(),
            visible=worker.run is not None and worker.run.project_id in project_ids,
            project_slug=worker.run.project.slug if worker.run else "",
        )
        for worker in Worker.objects.select_related("run__project").order_by("name")
    ]


def queues() -> list[dict]:
    """Each queue: how many living workers listen, how much waits."""
    living = [worker for worker in Worker.objects.all() if alive(worker)]
    waiting = {name: Run.objects.filter(state=RunState.QUEUED, queue=name).count() for name in ("cpu", "gpu")}
    waiting["sample"] = (
        GenerationRequest.objects.filter(state=GenerationRequest.State.QUEUED).count()
        + Preflight.objects.filter(state=JobState.QUEUED).count()
    )
    return [
        {
            "name": name,
            "purpose": PURPOSES[name],
            "listening": sum(name in worker.queues for worker in living),
            "waiting": waiting.get(name),
        }
        for name in QUEUES
    ]
