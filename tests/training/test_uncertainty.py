"""Where reward models are least sure comes first."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from annotation.errors import Refused
from annotation.models import Task
from tests.annotation.leasing import next_lease
from tests.factories import make_checkpoint, make_pair_item
from training.models import Checkpoint, CompletionScore
from training.services import uncertainty

pytestmark = pytest.mark.django_db


@pytest.fixture
def rung(monkeypatch):
    calls = []
    monkeypatch.setattr(uncertainty, "enqueue", lambda name, **said: calls.append((name, said)))
    return calls


@pytest.fixture
def ensemble(project):
    return [make_checkpoint(project, kind=Checkpoint.Kind.REWARD) for _ in range(2)]


@pytest.fixture
def items(project):
    return [make_pair_item(project) for _ in range(3)]


def answer(ensemble, item, gaps) -> None:
    """Each model's score of first and second, so that they differ by its gap."""
    first, second = item.entries.order_by("index")
    for model, gap in zip(ensemble, gaps, strict=True):
        for entry, value in ((first, gap), (second, 0.0)):
            CompletionScore.objects.filter(completion=entry.completion, checkpoint=model).update(
                value=value, scored_at=timezone.now()
            )


def test_scores_are_asked_for_and_the_order_follows_when_they_are_there(project, bob, items, ensemble, rung):
    cache.clear()
    task = project.first_task
    uncertainty.choose_ensemble(task, checkpoints=ensemble)
    Task.objects.update(random_share=0.0)
    uncertainty.rank_task(task.pk)
    assert CompletionScore.objects.count() == 2 * 6
    assert {said["checkpoint_id"] for name, said in rung if name == "training.score"} == {m.pk for m in ensemble}
    task.refresh_from_db()
    assert task.ranked_at is None
    for item, gaps in zip(items, [(2.0, 2.1), (1.5, -1.5), (-0.2, 0.1)], strict=True):
        answer(ensemble, item, gaps)
    rung.clear()
    uncertainty.rank_task(task.pk)
    assert not rung  # nothing is awaited
    task.refresh_from_db()
    assert task.ranking["items"] == 3
    leases = []
    for _ in items:
        leases.append(next_lease(project, bob, known=leases))
    assert [lease.item for lease in leases] == [items[1], items[2], items[0]]


def test_an_ensemble_is_two_reward_models_of_the_project(project, ensemble, rung):
    task = project.first_task
    with pytest.raises(Refused, match="at least two"):
        uncertainty.choose_ensemble(task, checkpoints=ensemble[:1])
    with pytest.raises(Refused, match="reward models of this project"):
        uncertainty.choose_ensemble(task, checkpoints=[ensemble[0], make_checkpoint(project)])
    assert not rung


def test_an_old_order_is_rung_for_a_new_one_is_not(project, items, ensemble, rung):
    uncertainty.choose_ensemble(project.first_task, checkpoints=ensemble)
    rung.clear()
    uncertainty.resume_rankings()
    assert [name for name, _ in rung] == ["training.rank_task"]
    Task.objects.update(ranked_at=timezone.now())
    uncertainty.resume_rankings()
    assert len(rung) == 1
    Task.objects.update(ranked_at=timezone.now() - timedelta(hours=1))
    uncertainty.resume_rankings()
    assert len(rung) == 2


def test_the_page(project, alice, as_user, items, ensemble, rung):
    client, address = as_user(alice), f"/p/wall/tasks/{project.first_task.pk}/order/"
    assert "Order by these models" in client.get(address).content.decode()
    refused = client.post(address, {"models": [ensemble[0].pk]})
    assert refused.status_code == 422
    assert "at least two reward models" in refused.content.decode()
    assert client.post(address, {"models": [model.pk for model in ensemble]}).url == address
    page = client.get(address).content.decode()
    assert "Where reward models are least sure" in page
    assert ensemble[1].name in page
