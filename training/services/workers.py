"""Workers say that they live: a row each, beaten by a thread of the worker process itself.

A busy solo pool answers no ping, so the broker cannot tell a busy worker from a dead one; this row can.
"""

import logging
import os
import shutil
import subprocess
import threading
from contextlib import contextmanager

import psutil
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from training.models import Worker

logger = logging.getLogger(__name__)

leaving = threading.Event()  # set when this worker was asked to shut down: long tasks hand back what they hold
_now = {"name": "", "queues": [], "device": ""}
_doing: list[tuple[str, int | None]] = []  # a worker of several threads may do several things
_ended = threading.Event()


def own_name() -> str:
    """This worker's name; outside a worker the process, so that an eager task still says who did it."""
    return _now["name"] or f"process-{os.getpid()}"


def begin(name: str, queues: list[str]) -> None:
    """Make this process a worker: its row, and the thread that beats it until `end`."""
    _now.update(name=name, queues=sorted(queues), device=device())
    leaving.clear()
    _ended.clear()
    Worker.objects.filter(name=name).update(started_at=timezone.now())
    beat()
    threading.Thread(target=_keep_beating, name="worker-beat", daemon=True).start()


def end() -> None:
    """The worker left in good order: its row goes, so that no page waits for it."""
    _ended.set()
    Worker.objects.filter(name=_now["name"]).delete()


def beat() -> None:
    """Write this worker's row: alive now, doing this, with so much room."""
    memory = psutil.virtual_memory()
    doing, run_id = _doing[0] if _doing else ("", None)
    Worker.objects.update_or_create(
        name=_now["name"],
        defaults={
            "queues": _now["queues"],
            "device": _now["device"],
            "doing": doing,
            "run_id": run_id,
            "memory_bytes": memory.total - memory.available,
            "memory_total_bytes": memory.total,
            "disk_free_bytes": disk_free_bytes(),
            "heartbeat_at": timezone.now(),
        },
    )


@contextmanager
def busy(doing: str, *, run_id: int | None = None):
    """While inside, this worker's row says what it does."""
    task = (doing[:200], run_id)
    _doing.append(task)
    if _now["name"]:
        beat()
    try:
        yield
    finally:
        _doing.remove(task)
        if _now["name"] and not _ended.is_set():
            beat()


def forget_old(*, after_days: int = 1) -> int:
    """Remove rows of workers that died long ago. Returns how many."""
    cutoff = timezone.now() - timezone.timedelta(days=after_days)
    return Worker.objects.filter(heartbeat_at__lt=cutoff).delete()[0]


def disk_free_bytes() -> int:
    """Free room where runs are written. Looked at when asked: a full disk can record nothing about itself."""
    return shutil.disk_usage(settings.HOME).free


def device() -> str:
    """What this worker computes on, without importing torch."""
    tool = shutil.which("nvidia-smi")
    if tool:
        asked = [tool, "--query-gpu=name", "--format=csv,noheader"]
        found = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
        if found.returncode == 0 and found.stdout.strip():
            return found.stdout.strip().splitlines()[0][:60]
    return f"CPU, {os.cpu_count()} cores"


def _keep_beating() -> None:
    try:
        while not _ended.wait(settings.TRAINING["beat_seconds"]):
            _beat_if_possible()
    finally:
        connection.close()  # this thread's own


def _beat_if_possible() -> None:
    try:
        close_old_connections()
        beat()
    except DatabaseError:  # the database is away or full; the next beat tries again, and silence is the message
        logger.warning("could not beat", exc_info=True)
