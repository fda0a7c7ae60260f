"""Comparisons as services make them: asked, generated, put to the vote, failed, tried again, opened."""

import pytest

from annotation.errors import Refused
from annotation.models import GenerationRequest, Item, ItemCompletion
from evaluation.models import Comparison, Opening
from evaluation.services import comparisons
from tests.evaluation.conftest import answer
from tests.factories import make_checkpoint, make_project
from training.models import Checkpoint, CompletionScore

State = Comparison.State


def create(project, by, checkpoints, prompts, **more):
    return comparisons.create_comparison(
        project, by=by, checkpoints=checkpoints, prompts=prompts, sampling={"seed": 1}, **more
    )


def test_one_request_a_checkpoint_each_woken(waiting, models, woken):
    entries = list(waiting.entries.select_related("request"))
    assert [entry.checkpoint_id for entry in entries] == [model.pk for model in models[:2]]
    assert [entry.request.total for entry in entries] == [6, 6]
    assert woken == [("training.generate", {"request_id": entry.request_id}) for entry in entries]
    assert waiting.state == State.GENERATING
    assert waiting.name == f"Comparison {waiting.pk}"


@pytest.mark.parametrize("count", [0, 1, 5])
def test_two_to_four_checkpoints(project, rita, prompts, count):
    with pytest.raises(Refused, match=f"two to four checkpoints; {count}"):
        create(project, rita, [make_checkpoint(project) for _ in range(count)], prompts)


def test_what_cannot_be_compared_is_refused(project, rita, models, prompts):
    reward = make_checkpoint(project, kind=Checkpoint.Kind.REWARD)
    foreign = make_checkpoint(make_project())
    with pytest.raises(Refused, match="twice"):
        create(project, rita, [models[0], models[0]], prompts)
    with pytest.raises(Refused, match="reward model"):
        create(project, rita, [models[0], reward], prompts)
    with pytest.raises(Refused, match="this project"):
        create(project, rita, [models[0], foreign], prompts)
    with pytest.raises(Refused, match="not a reward model"):
        create(project, rita, models[:2], prompts, scorers=[models[2]])
    with pytest.raises(Refused, match="no prompts"):
        create(project, rita, models[:2], [])
    assert not Comparison.objects.exists()


def test_nothing_happens_before_everybody_has_answered(waiting):
    first = waiting.entries.first().request
    GenerationRequest.objects.filter(pk=first.pk).update(state=GenerationRequest.State.DONE)
    assert comparisons.gather() == 0
    waiting.refresh_from_db()
    assert waiting.state == State.GENERATING
    assert not Item.objects.exists()


def test_answers_become_items_once(waiting, project):
    answer(waiting)
    assert comparisons.gather() == 1
    assert comparisons.gather() == 0
    assert not comparisons.settle(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.ready_at is not None) == (State.READY, True)
    items = Item.objects.filter(project=project, queue=f"compare:{waiting.pk}")
    assert items.count() == 6
    assert set(items.values_list("overlap", "open_slots")) == {(3, 3)}


def test_every_pair_of_checkpoints_meets_on_every_prompt(project, models, prompts, rita):
    comparison = create(project, rita, models, prompts, overlap=1)
    answer(comparison)
    comparisons.settle(comparison.pk)
    met = {}
    for item in Item.objects.filter(queue=comparison.queue):
        pair = frozenset(item.entries.values_list("completion__source_id", flat=True))
        met.setdefault(pair, []).append(item.prompt_id)
    assert len(met) == 3
    assert all(sorted(found) == sorted(prompt.pk for prompt in prompts) for found in met.values())


def test_which_is_first_and_the_order_of_items_are_shuffled(project, models, rita):
    from tests.factories import make_prompt

    many = [make_prompt(project) for _ in range(40)]
    comparison = create(project, rita, models[:2], many)
    answer(comparison)
    comparisons.settle(comparison.pk)
    firsts = ItemCompletion.objects.filter(item__queue=comparison.queue, index=0)
    share = firsts.filter(completion__source=models[0].source).count()
    assert 8 <= share <= 32
    order = list(Item.objects.filter(queue=comparison.queue).order_by("pk").values_list("prompt_id", flat=True))
    assert order != sorted(order)


def test_the_same_answer_twice_is_not_put_to_the_vote(waiting, prompts):
    same = prompts[2].pk
    answer(waiting, lambda index, prompt: "The very same." if prompt.pk == same else f"{index} {prompt.pk}")
    comparisons.settle(waiting.pk)
    items = Item.objects.filter(queue=waiting.queue)
    assert items.count() == 5
    assert not items.filter(prompt=same).exists()


def test_a_prompt_without_an_answer_is_left_out(waiting, prompts):
    answer(waiting, lambda index, prompt: None if index and prompt.pk == prompts[0].pk else f"{index} {prompt.pk}")
    comparisons.settle(waiting.pk)
    assert Item.objects.filter(queue=waiting.queue).count() == 5


def test_a_failure_is_said_with_its_reason_and_can_be_tried_again(waiting, models, woken, alice):
    failing = waiting.entries.last().request
    GenerationRequest.objects.filter(pk=failing.pk).update(
        state=GenerationRequest.State.FAILED, error="The model needs 9 GB; 4 GB are free."
    )
    assert comparisons.gather() == 1
    waiting.refresh_from_db()
    assert waiting.state == State.FAILED
    assert waiting.error == "dpo-secret: The model needs 9 GB; 4 GB are free."
    before = len(woken)
    comparisons.retry(waiting, by=alice)
    waiting.refresh_from_db()
    failing.refresh_from_db()
    assert (waiting.state, waiting.error) == (State.GENERATING, "")
    assert failing.state == GenerationRequest.State.QUEUED
    assert woken[before:] == [("training.generate", {"request_id": failing.pk})]
    answer(waiting)
    assert comparisons.gather() == 1
    assert Item.objects.filter(queue=waiting.queue).count() == 6


def test_only_a_failed_comparison_is_tried_again(waiting, rita):
    with pytest.raises(Refused, match="Nothing failed"):
        comparisons.retry(waiting, by=rita)


def test_reward_models_are_asked_for_scores_of_every_answer(project, models, prompts, rita, woken):
    reward = make_checkpoint(project, kind=Checkpoint.Kind.REWARD)
    comparison = create(project, rita, models[:2], prompts, scorers=[reward])
    answer(comparison)
    comparisons.settle(comparison.pk)
    assert CompletionScore.objects.filter(checkpoint=reward, value=None).count() == 12
    assert woken[-1] == ("training.score", {"checkpoint_id": reward.pk})


def test_opening_is_remembered_once(ready, rita):
    assert comparisons.open_comparison(ready, by=rita) == comparisons.open_comparison(ready, by=rita)
    assert Opening.objects.count() == 1


def test_the_clock_calls_gather(waiting, settings):
    from alignment_site.celery import app

    assert any(entry["task"] == "evaluation.gather" for entry in settings.CELERY_BEAT_SCHEDULE.values())
    app.loader.import_default_modules()
    answer(waiting)
    app.tasks["evaluation.gather"].apply().get()
    waiting.refresh_from_db()
    assert waiting.state == State.READY
