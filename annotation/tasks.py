"""The app's tasks: each calls one service, with ids, and is safe to deliver twice."""

from alignment_site.celery import durable_task
from annotation.services import (
    blocks,
    bulk,
    endpoint_answers,
    endpoints,
    exports,
    fillings,
    import_proposals,
    imports,
    quality,
    ranking,
    repeats,
    search,
    sittings,
    snapshots,
)


@durable_task(name="annotation.close_idle")
def close_idle():
    """Before: sittings left alone and leases that ran out. After: ended, and returned to their queues."""
    sittings.close_idle()


@durable_task(name="annotation.run_import")
def run_import(*, job_id: int) -> None:
    imports.run_import(job_id)


@durable_task(name="annotation.freeze_snapshot")
def freeze_snapshot(*, snapshot_id: int) -> None:
    snapshots.freeze(snapshot_id)


@durable_task(name="annotation.answer", queue="sample")
def answer(*, request_id: int) -> None:
    """Before: a request to an endpoint. After: every row answered, or the reason why not."""
    endpoint_answers.fulfil(request_id)


@durable_task(name="annotation.try_endpoint", queue="sample")
def try_endpoint(*, endpoint_id: int) -> None:
    endpoints.try_endpoint(endpoint_id)


@durable_task(name="annotation.compute_quality")
def compute_quality(*, report_id: int) -> None:
    quality.compute(report_id)


@durable_task(name="annotation.refresh_quality")
def refresh_quality() -> None:
    """Beat: projects that have grown get a new report by themselves."""
    quality.refresh_reports()


@durable_task(name="annotation.change_items")
def change_items(*, change_id: int) -> None:
    bulk.run_change(change_id)


@durable_task(name="annotation.freshen_search")
def freshen_search() -> None:
    """Beat: new items and comments can be found."""
    search.freshen()


@durable_task(name="annotation.write_export")
def write_export(*, export_id: int) -> None:
    exports.write_export(export_id)


@durable_task(name="annotation.rank_task")
def rank_task(*, task_id: int) -> None:
    ranking.rank_task(task_id)


@durable_task(name="annotation.prepare_repeats")
def prepare_repeats() -> None:
    """Beat: copies of judged items, for tasks that weave in hidden repeats."""
    repeats.prepare()


@durable_task(name="annotation.fill_task")
def fill_task(*, filling_id: int) -> None:
    fillings.fill(filling_id)


@durable_task(name="annotation.resume_jobs")
def resume_jobs() -> None:
    """Beat: what a killed worker or a lost message left behind goes on."""
    imports.resume_imports()
    import_proposals.forget_proposals()
    snapshots.resume_snapshots()
    endpoints.resume_trials()
    quality.resume_reports()
    exports.resume_exports()
    bulk.resume_changes()
    blocks.release_due()
    fillings.resume_fillings()
