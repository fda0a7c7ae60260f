"""Checkpoints that judge and write: the tiny model in a real resident engine, from the job to the judgment."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from annotation.models import FeedbackJob, Judgment
from annotation.services.feedback import critiquing
from annotation.services.feedback.jobs import request_judging
from tests.factories import make_checkpoint, make_constitution, make_judge, make_pair_item, make_prompt
from training.models import Worker
from training.services import feedback
from training.services.resident import of_this_worker
from training.services.ringing import ring

TINY = settings.BASE_DIR / "training" / "tiny" / "model"


@pytest.fixture
def engine(home):
    yield
    of_this_worker.end()


@pytest.mark.fault
@pytest.mark.django_db(transaction=True)
def test_a_checkpoint_judges_and_writes(project, rita, engine):
    model = make_checkpoint(project, name="tiny", path=str(TINY))
    for number in range(3):
        make_pair_item(project, "Sow beans in May.", f"In {number} years.", prompt=make_prompt(project))
    make_pair_item(project, "word " * 4000, "In May.")
    version = make_judge(project, source=model.source, mode="letters")
    job = request_judging(version, by=rita)
    feedback.fulfil(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    assert job.rows.filter(state="done").count() == 6
    assert [row.result["why"][:18] for row in job.rows.filter(state="refused")] == ["The question comes"] * 2
    assert Judgment.objects.filter(rater=version.rater).count() == 3
    assert all(0 < row.value < 1 for row in job.rows.filter(state="done"))

    make_prompt(project, "When do I sow beans?", prompt_set="red")
    constitution = make_constitution(project, "Be brief.").versions.get()
    chains = critiquing.request_chains(
        project,
        by=rita,
        writer=model.source,
        constitution=constitution,
        prompt_set="red",
        revisions=1,
        max_new_tokens=24,
        temperature=0.0,
    )
    feedback.fulfil(chains.pk)
    chains.refresh_from_db()
    assert (chains.state, chains.error) == ("done", "")
    assert [step["kind"] for step in chains.rows.get().steps] == ["answer", "critique", "revision"]


def test_a_checkpoint_that_is_gone_fails_the_job_in_words(project, rita, home):
    model = make_checkpoint(project, name="tiny")
    make_pair_item(project)
    job = request_judging(make_judge(project, source=model.source), by=rita)
    model.delete()
    feedback.fulfil(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "tiny is not a model that runs here: it has no checkpoint.")


def test_the_bell_rings_for_jobs_that_wait_and_frees_silent_ones(
    project, rita, home, django_capture_on_commit_callbacks
):
    make_pair_item(project)
    job = request_judging(make_judge(project), by=rita)
    long_ago = timezone.now() - timedelta(seconds=60)
    FeedbackJob.objects.update(state="running", worker="dead", heartbeat_at=long_ago)
    Worker.objects.create(name="one", queues=["sample"], heartbeat_at=timezone.now())
    with django_capture_on_commit_callbacks() as rung:
        ring()
    job.refresh_from_db()
    assert (job.state, job.worker) == ("queued", "")
    assert rung
