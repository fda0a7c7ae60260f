"""What the tests of comparisons share: comparisons that wait, are ready, have votes."""

import pytest
from django.utils import timezone

from annotation.models import GenerationRequest, Item, Sitting
from evaluation.models import Comparison
from evaluation.services import comparisons
from tests.factories import make_checkpoint, make_completion, make_judgment, make_prompt, make_rater, scale_of


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    """Every wake-up asked for, in place of a broker."""
    calls = []

    def note(name, *, queue=None, **ids):
        calls.append((name, ids))

    monkeypatch.setattr("annotation.services.generation.enqueue", note)
    monkeypatch.setattr("training.services.scoring.enqueue", note)
    return calls


def answer(comparison: Comparison, texts=None, *, state=GenerationRequest.State.DONE) -> None:
    """Fulfil the requests as training would: `texts(index, prompt)` is what the checkpoint of `index` says."""
    texts = texts or (lambda index, prompt: f"Answer {index} to {prompt.messages[-1]['content']}")
    for entry in comparison.entries.select_related("request__source"):
        for row in entry.request.rows.select_related("prompt__project"):
            text = texts(entry.index, row.prompt)
            if text is not None:
                row.completion = make_completion(row.prompt, text, source=entry.request.source)
                row.save()
        done = entry.request.rows.exclude(completion=None).count()
        GenerationRequest.objects.filter(pk=entry.request_id).update(state=state, done=done, finished_at=timezone.now())


def vote(item: Item, winner: int | None, *, by=None, rater=None, **fields):
    """An ended judgment: `winner` is a source's id, None for a tie; `by` is a user or None for a simulated rater."""
    rater = rater or make_rater(item.project, by)
    sources = list(item.entries.values_list("completion__source_id", flat=True))
    strength = 0 if winner is None else (2 if sources[0] == winner else -2)
    if winner is None and scale_of(item.project) == 8:
        fields.setdefault("scale", 5)
    sitting = Sitting.objects.filter(rater=rater, queue=item.queue, ended_at__isnull=False).first()
    return make_judgment(item, rater=rater, strength=strength, sitting=sitting, origin="compare", **fields)


@pytest.fixture
def models(project):
    return [make_checkpoint(project, name=name) for name in ("sft-secret", "dpo-secret", "grpo-secret")]


@pytest.fixture
def prompts(project):
    return [make_prompt(project, f"Question {number}?", prompt_set="held") for number in range(6)]


@pytest.fixture
def waiting(project, models, prompts, rita):
    """Two checkpoints, six prompts, nothing generated yet."""
    return comparisons.create_comparison(
        project, by=rita, checkpoints=models[:2], prompts=prompts, sampling={"temperature": 0.7}
    )


@pytest.fixture
def ready(waiting):
    answer(waiting)
    assert comparisons.settle(waiting.pk)
    waiting.refresh_from_db()
    return waiting


@pytest.fixture
def voted(ready, models, rita):
    """rita voted on all six in an ended sitting: the second model won four, one tie."""
    for number, item in enumerate(Item.objects.filter(queue=ready.queue).order_by("prompt_id")):
        winner = None if number == 5 else models[1 if number < 4 else 0].source_id
        vote(item, winner, by=rita)
    return ready
