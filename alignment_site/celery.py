"""The Celery app, its queues, the one way to declare a task and the one way to wake one up.

The table is the truth; the broker only wakes somebody up. A task takes ids, calls one service and is safe to
deliver twice. Queues are named by need: `light` (seconds, database only), `cpu` and `gpu` (a training run each),
`sample` (generation for chats and comparisons, so that nobody waits behind a run).
"""

import os
from functools import partial

from celery import Celery
from django.db import transaction
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alignment_site.settings")

QUEUES = ("light", "cpu", "gpu", "sample")

TRANSPORT_ALIASES["filesystem"] = "alignment_site.file_broker:Transport"
app = Celery("plumbline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
_queue_of: dict[str, str] = {}
# A function, so that tasks declared after the router was built are routed too; a task's own `queue` is deprecated.
app.conf.task_routes = (lambda name, *_args, **_more: {"queue": _queue_of[name]} if name in _queue_of else None,)


def durable_task(*, name: str, queue: str = "light"):
    """Declare a task that is acknowledged after it ran and comes again if its worker dies."""
    if queue not in QUEUES:
        raise ValueError(f"{name}: no queue {queue!r}; there are {', '.join(QUEUES)}")
    _queue_of[name] = queue
    return partial(app.task, name=name, acks_late=True, reject_on_worker_lost=True, ignore_result=True)()


def queue_of(name: str) -> str:
    """Where the task `name` goes unless its wake-up says otherwise."""
    return _queue_of.get(name, app.conf.task_default_queue)


def enqueue(name: str, *, queue: str | None = None, **ids) -> None:
    """Wake the task `name` after the surrounding transaction commits.

    By name, so that services never import tasks. A signature honours eager mode, `send_task` would not.
    """
    options = {"queue": queue} if queue else {}
    transaction.on_commit(lambda: app.signature(name, kwargs=ids, app=app).apply_async(**options))
