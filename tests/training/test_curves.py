"""Curves by cursor: what a page has merged over many polls is what it would have fetched in one."""

import math

import numpy as np
import pytest

from tests.factories import make_snapshot
from tests.training.conftest import log
from training.selectors import curves
from training.selectors.curves import Cursor
from training.services import events

pytestmark = pytest.mark.django_db


class Page:
    """What js/feed.js does, in a few lines."""

    def __init__(self, run, *, buckets=20):
        self.run, self.buckets, self.since, self.width, self.series, self.resets = run, buckets, -1, 0, {}, 0

    def poll(self):
        self.run.refresh_from_db()
        answer = curves.series(self.run, Cursor(self.since, self.width), buckets=self.buckets)
        if answer is None:
            return None
        if answer["reset"]:
            self.series, self.resets = {}, self.resets + 1
        for key, fresh in answer["series"].items():
            old = self.series.get(key)
            kept = sum(index < fresh["i"][0] for index in old["i"]) if old else 0
            self.series[key] = {name: (old[name][:kept] if old else []) + fresh[name] for name in fresh}
        self.since, self.width = answer["seq"], answer["width"]
        return answer


def whole(run, buckets=20):
    page = Page(run, buckets=buckets)
    page.poll()
    return page.series


def test_many_polls_make_the_same_curve_as_one(spoken):
    run = spoken(steps=0)
    page = Page(run)
    for step in range(1, 200):
        log(run.file, step)
        if step % 7 == 0:
            events.ingest(run.pk)
            page.poll()
    events.ingest(run.pk)
    page.poll()
    assert page.series == whole(run)
    assert page.resets < 9  # once a doubling
    assert page.poll() is None


def test_a_poll_sends_little(spoken):
    run = spoken(steps=400)
    page = Page(run, buckets=400)
    page.poll()
    log(run.file, 401)
    events.ingest(run.pk)
    page.width = curves.series(run, Cursor(), buckets=1000)["width"]
    run.refresh_from_db()
    answer = curves.series(run, Cursor(page.since, page.width), buckets=1000)
    assert not answer["reset"]
    assert all(len(drawn["i"]) == 1 for drawn in answer["series"].values())


def test_a_rewind_and_a_new_metric_start_over(spoken):
    run = spoken(steps=30)
    page = Page(run)
    page.poll()
    saved = run.checkpoints.get().seq
    run.file.started(resumed_from=20)
    run.file.write("rewound", step=20, to_seq=saved)
    events.ingest(run.pk)
    page.poll()
    assert page.resets == 2
    run.file.metrics(31, eval_loss=0.5)
    events.ingest(run.pk)
    page.poll()
    assert page.resets == 3
    assert page.series == whole(run)


def test_a_bucket_that_reaches_back_into_an_older_chunk_is_sent_whole(spoken):
    run = spoken(steps=0)
    for step in range(1, 1030):
        run.file.metrics(step, loss=float(step))
    events.ingest(run.pk)
    page = Page(run, buckets=4)
    page.poll()
    for step in range(1030, 1034):
        run.file.metrics(step, loss=float(step))
    events.ingest(run.pk)
    page.poll()
    assert page.resets == 1
    assert page.series == whole(run, buckets=4)


def test_a_spike_and_a_value_that_is_no_number_reach_the_page(spoken):
    run = spoken(steps=0)
    for step in range(1, 1001):
        run.file.metrics(step, loss=99.0 if step == 637 else "NaN" if step == 800 else 1.0)
    events.ingest(run.pk)
    drawn = whole(run)["loss"]
    assert max(drawn["high"]) == 99.0
    assert sum(drawn["broken"]) == 1
    assert sum(drawn["n"]) == 1000


@pytest.mark.parametrize("axis", ["tokens", "time"])
def test_other_axes_stand_under_the_same_points(spoken, axis):
    run = spoken(steps=30)
    answer = curves.series(run, Cursor(axis=axis))
    drawn = answer["series"]["loss"]
    assert len(drawn["x"]) == 30
    assert drawn["x"] == sorted(drawn["x"])
    if axis == "tokens":
        assert drawn["x"][-1] == 3000


def test_a_table_has_a_row_a_step_and_holes_where_nothing_was_logged(spoken):
    run = spoken(steps=10)
    run.file.metrics(10, eval_loss=0.25)
    events.ingest(run.pk)
    rows = list(curves.table(run, ["loss", "eval_loss"]))
    assert [row[0] for row in rows] == list(range(1, 11))
    assert rows[0][2:] == [1.0, None]
    assert rows[-1][2:] == [pytest.approx(0.1), 0.25]
    assert len(list(curves.table(run, ["loss"], rows=5))) <= 6


def test_polling_costs_the_same_queries_however_long_the_run(spoken, django_assert_max_num_queries):
    run = spoken(steps=0)
    for step in range(1, 1500):
        run.file.metrics(step, loss=1.0, reward=2.0)
    events.ingest(run.pk)
    run.refresh_from_db()
    width = curves.series(run, Cursor())["width"]
    run.file.metrics(1500, loss=1.0, reward=2.0)
    events.ingest(run.pk)
    run.refresh_from_db()
    with django_assert_max_num_queries(4):
        assert not curves.series(run, Cursor(run.event_seq - 1, width))["reset"]


def test_short_numbers_keep_six_digits_and_no_nan():
    assert curves._short(np.array([1 / 3, math.nan, math.inf, 1e-9])) == [0.333333, None, None, 1e-9]


def test_an_accuracy_is_drawn_against_what_length_alone_would_reach(spoken, project):
    snapshot = make_snapshot(project, card={"longer_wins": {"value": 0.31, "n": 90}})
    answer = curves.series(spoken(steps=2, snapshot=snapshot), Cursor())
    assert {"key": "accuracy", "y": 0.69, "text": "shorter answer wins 69 %"} in answer["levels"]
