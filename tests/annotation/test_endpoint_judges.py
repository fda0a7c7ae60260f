"""Endpoints that judge, over a real server of the protocol."""

import math

import pytest
from django.utils import timezone

from annotation.endpoints import Token
from annotation.models import (
    FeedbackJob,
)
from annotation.services.endpoint_speaking import EndpointSpeaker, options_among
from annotation.services.feedback import running
from annotation.services.feedback.jobs import request_judging
from tests.factories import (
    make_endpoint,
    make_judge,
)

State = FeedbackJob.State


def test_an_endpoint_judges_by_log_probabilities(project, rita, judged_pairs, endpoint_server):
    """A real server of the protocol: A at -0.25 and B at -1.5, whatever stands there."""
    endpoint = make_endpoint(project, base_url=endpoint_server.base_url, model="judge")
    version = make_judge(project, source=endpoint.source, mode="letters")
    job = request_judging(version, by=rita, most=6)
    running.run(job.pk, speaker_of=EndpointSpeaker.of)
    job.refresh_from_db()
    assert (job.state, job.error) == (State.DONE, "")
    share = 1 / (1 + math.exp(-1.25))
    assert {round(row.value, 6) for row in job.rows.filter(place=0)} == {round(share, 6)}
    assert {round(row.value, 6) for row in job.rows.filter(place=1)} == {round(1 - share, 6)}
    asked = endpoint_server.asked[0]
    assert (asked["logprobs"], asked["top_logprobs"], asked["max_tokens"]) == (True, 20, 1)


@pytest.mark.parametrize(
    ("model", "mode", "state", "words"),
    [
        ("steady", "letters", "refused", "gives no log-probabilities"),
        ("steady", "verdict", "unread", ""),
        ("picky", "verdict", "refused", "breaks our rules"),
    ],
)
def test_what_an_endpoint_may_do_wrong_is_kept_with_the_row(
    project, rita, judged_pairs, endpoint_server, model, mode, state, words
):
    endpoint = make_endpoint(project, base_url=endpoint_server.base_url, model=model)
    version = make_judge(project, source=endpoint.source, mode=mode, template="{answer_a} {answer_b}")
    job = request_judging(version, by=rita, most=2)
    running.run(job.pk, speaker_of=EndpointSpeaker.of)
    rows = list(job.rows.all())
    assert {row.state for row in rows} == {state}
    assert all(words in row.result.get("why", "") for row in rows)
    if state == "unread":
        asked = endpoint_server.asked
        assert len(asked) == 3 * 4
        assert sorted({row["temperature"] for row in asked}) == [0.0, 0.7]


@pytest.mark.parametrize(("model", "words"), [("denied", "refuses the key"), ("elsewhere", "redirects")])
def test_what_every_row_would_meet_fails_the_job(project, rita, judged_pairs, endpoint_server, model, words):
    endpoint = make_endpoint(project, base_url=endpoint_server.base_url, model=model)
    job = request_judging(make_judge(project, source=endpoint.source), by=rita, most=3)
    running.run(job.pk, speaker_of=EndpointSpeaker.of)
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert words in job.error


def test_a_retired_endpoint_answers_nothing(project, rita, judged_pairs):
    endpoint = make_endpoint(project, retired_at=timezone.now())
    job = request_judging(make_judge(project, source=endpoint.source), by=rita, most=3)
    running.run(job.pk, speaker_of=EndpointSpeaker.of)
    job.refresh_from_db()
    assert "is retired" in job.error


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ((("A", -1.0), ("B", -2.0)), {"A": -1.0, "B": -2.0}),
        (((" A", -1.0), ("A", -1.0), ("The", -3.0)), {"A": -1.0 + math.log(2), "B": -3.0}),
        ((("The", -0.1),), {}),
    ],
)
def test_options_among_the_likeliest_tokens(top, expected):
    assert options_among(Token("A", -1.0, top), ("A", "B")) == pytest.approx(expected)
