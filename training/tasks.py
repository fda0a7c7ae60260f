"""Wake-ups from the broker: five lines each, safe to deliver twice."""

from alignment_site.celery import app, durable_task
from training.services import feedback as feedback_jobs
from training.services import generation, preflights, ringing, rubric_checks, scorers, supervision, uncertainty


@durable_task(name="training.execute_run", queue="cpu")
def execute_run(run_id: int) -> None:
    """Before: a queued run. After: it ended, or waits for its next attempt."""
    supervision.execute(run_id)


@durable_task(name="training.generate", queue="sample")
def generate(request_id: int) -> None:
    """Before: a generation request. After: every row answered, or the reason why not."""
    generation.fulfil(request_id)


@durable_task(name="training.score", queue="sample")
def score(checkpoint_id: int) -> None:
    """Before: completions that wait for a reward model. After: scored, or the reason why not."""
    scorers.fulfil(checkpoint_id)


@durable_task(name="training.check_rubric", queue="sample")
def check_rubric(trial_id: int) -> None:
    """Before: a rubric trial whose verifiers wait. After: every check made, or the reason why not."""
    rubric_checks.fulfil(trial_id)


@durable_task(name="training.rank_task", queue="sample")
def rank_task(task_id: int) -> None:
    """Before: a task handed out where reward models are unsure. After: scores asked for, or its order made anew."""
    uncertainty.rank_task(task_id)


@durable_task(name="training.resume_rankings")
def resume_rankings() -> None:
    """Beat: orders that wait for scores or are old."""
    uncertainty.resume_rankings()


@durable_task(name="training.feedback", queue="sample")
def feedback(job_id: int) -> None:
    """Before: a feedback job that waits. After: every row ended, or the reason why not."""
    feedback_jobs.fulfil(job_id)


@durable_task(name="training.preflight", queue="sample")
def preflight(preflight_id: int) -> None:
    """Before: a spec nobody ran. After: what the engine says of it."""
    preflights.fulfil(preflight_id)


@app.task(name="training.ring", ignore_result=True)  # to the default queue, `light`
def ring() -> None:
    """Every few seconds: silent runs requeued, idle workers woken. Losing one costs nothing."""
    ringing.ring()
