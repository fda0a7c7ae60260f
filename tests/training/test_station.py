"""What the first page says of runs and machines."""

import numpy as np
import pytest
from django.core.cache import cache

from tests.factories import make_run, make_worker
from training import chunks
from training.models import Alert, MetricChunk
from training.selectors.station import stations, waiting
from training.states import RunState

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forget():
    cache.clear()


def test_no_run_yet(project):
    [station] = stations([project]).values()
    assert (station.headline, station.quiet, station.waits) == ("None", True, 0)


def test_running_and_queued_runs_are_counted_and_the_newest_is_linked(project):
    make_run(project, state=RunState.RUNNING)
    run = make_run(project, state=RunState.QUEUED, step=5, total_steps=10, latest={"rewards/margins": 0.5, "loss": 0.6})
    steps = np.arange(10.0)
    values = np.array([0.0, 0.1, np.nan, *np.linspace(0.1, 0.5, 7)])
    for key in run.latest:
        points = chunks.Points(steps, values, steps, steps)
        MetricChunk.objects.create(
            run=run, key=key, index=0, count=10, first_step=0, last_step=9, last_seq=9, points=chunks.pack(points)
        )
    station = stations([project])[project.pk]
    assert station.headline == "1 running, 1 queued"
    assert station.link == (run.name, f"/p/wall/runs/{run.pk}/")
    assert station.waits == 8
    assert len(station.line) == 9  # what is not a number is not drawn
    assert run.latest.keys() & {station.detail.split()[0]}


def test_alerts_wait_for_those_who_manage_runs(project, rita, vera):
    run = make_run(project)
    Alert.objects.create(run=run, kind="kl_budget", step=3, title="KL over 8", cause="c", advice="a")
    project.may = {"RUN_MANAGE"}
    [item] = waiting(rita, [project])
    assert (item.title, item.url) == ("KL over budget", f"/p/wall/runs/{run.pk}/")
    assert "KL over 8" in item.text
    project.may = {"RUN_VIEW"}
    assert waiting(vera, [project]) == []
    Alert.objects.update(seen_by=rita)
    project.may = {"RUN_MANAGE"}
    assert waiting(rita, [project]) == []


def test_home_shows_runs_and_machines(project, rita, as_user):
    run = make_run(project, state=RunState.RUNNING)
    make_worker("cpu-0", run=run, doing=run.name)
    page = as_user(rita).get("/").content.decode()
    for words in ("1 running", run.name, "Machines", "cpu-0", "Training"):
        assert words in page
