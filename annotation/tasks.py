"""Background work of the app: five lines each, ids in, one service call."""

from alignment_site.celery import durable_task
from annotation.services import imports


@durable_task(name="annotation.run_import")
def run_import(*, job_id: int) -> None:
    imports.run_import(job_id)


@durable_task(name="annotation.resume_jobs")
def resume_jobs() -> None:
    """Beat: what a killed worker or a lost message left behind goes on."""
    imports.resume_imports()
