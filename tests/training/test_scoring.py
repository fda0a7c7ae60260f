"""Asking a reward model for scores: once each, failures again, policies refused."""

import pytest

from annotation.errors import Refused
from tests.factories import make_checkpoint, make_completion, make_prompt
from training.models import Checkpoint, CompletionScore
from training.services import scoring


@pytest.fixture
def woken(monkeypatch):
    calls = []
    monkeypatch.setattr(scoring, "enqueue", lambda name, **ids: calls.append((name, ids)))
    return calls


def test_each_completion_is_asked_for_once(project, woken):
    model = make_checkpoint(project, kind=Checkpoint.Kind.REWARD)
    completions = [make_completion(make_prompt(project)) for _ in range(2)]
    scoring.request_scores(checkpoint=model, completions=completions)
    CompletionScore.objects.filter(completion=completions[0]).update(value=1.5)
    CompletionScore.objects.filter(completion=completions[1]).update(error="out of memory")
    scoring.request_scores(checkpoint=model, completions=[*completions, make_completion(make_prompt(project))])
    rows = list(CompletionScore.objects.order_by("id").values_list("value", "error"))
    assert rows == [(1.5, ""), (None, ""), (None, "")]
    assert woken == [("training.score", {"queue": "sample", "checkpoint_id": model.pk})] * 2


def test_a_policy_has_no_scores(project, woken):
    with pytest.raises(Refused, match="not a reward model"):
        scoring.request_scores(checkpoint=make_checkpoint(project), completions=[])
    assert woken == []
