"""Fulfils annotation's feedback jobs: it knows what is asked, we know who answers."""

from annotation.models import FeedbackJob
from annotation.services.feedback import running
from training.services import workers
from training.services.speaking import speaker_of


def fulfil(job_id: int) -> None:
    """Claim the job and work on it until every row has ended. Does nothing if it does not wait."""
    job = FeedbackJob.objects.filter(pk=job_id, state=FeedbackJob.State.QUEUED).first()
    if job is None:
        return
    with workers.busy(f"{job.get_kind_display().lower()} (job {job.pk})"):
        running.run(job_id, speaker_of=speaker_of)
