"""Wake-ups from the broker and the clock: safe to come twice."""

from alignment_site.celery import durable_task
from evaluation.services import comparisons


@durable_task(name="evaluation.gather")
def gather():
    """Before: comparisons wait for their answers. After: those whose generation ended are ready or say why not."""
    comparisons.gather()
