"""The app's tasks: each calls one service, with ids, and is safe to deliver twice."""

from alignment_site.celery import durable_task
from annotation.services import sittings


@durable_task(name="annotation.close_idle")
def close_idle():
    """Before: sittings left alone and leases that ran out. After: ended, and returned to their queues."""
    sittings.close_idle()
