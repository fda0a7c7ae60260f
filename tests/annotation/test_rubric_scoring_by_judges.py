"""A judge scores a trial: by rule to the end, what cannot be read left out, beside people on the page."""

import json

import pytest

from annotation.errors import Refused
from annotation.judging.asking import Reply
from annotation.models import FeedbackJob, RubricScore
from annotation.services.feedback import running
from annotation.services.feedback.scoring import request_scoring
from annotation.services.judges import create_judge
from annotation.services.rubric_scores import Scored, record_scores
from annotation.services.rubric_trials import create_trial
from tests.factories import make_completion, make_project, make_prompt, make_rater, make_rubric, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial(project, rita):
    for number in range(6):
        prompt = make_prompt(project, f"{number} + 1?", reference=str(number + 1))
        make_completion(prompt, f"It is {number + 1 + number % 2}.")
    version = make_rubric(
        project,
        {
            "name": "",
            "items": [{"text": "The number is right."}, {"text": "It is kind.", "critique_prompt": "Strict."}],
        },
    )
    return create_trial(version, by=rita, prompts=6, answers=1, seed=1)


@pytest.fixture
def rule(project, rita):
    return create_judge(project, by=rita, name="Checker", mode="rating", rule="exact").versions.get()


class Speaker:
    """Says what it is told to, in turn for each question."""

    def __init__(self, *said):
        self.said, self.asked = said, []

    def answers(self, asks):
        for key, ask in asks.items():
            self.asked.append(ask)
            yield [(key, Reply(text=self.said[min(len(self.asked), len(self.said)) - 1]))]


def told(score, confidence):
    return json.dumps({"reasoning": "Because.", "score": score, "confidence": confidence})


def test_a_rule_scores_every_answer(trial, rule, rita):
    job = request_scoring(trial, by=rita, judge=rule)
    running.run(job.pk, speaker_of=None)
    job.refresh_from_db()
    assert (job.state, job.done, job.figures) == ("done", 12, {"scored": 12, "unread": 0, "refused": 0})
    scores = RubricScore.objects.filter(rater=rule.rater, item__text="The number is right.")
    assert sorted(scores.values_list("score", flat=True)) == [0, 0, 0, 1, 1, 1]
    assert set(scores.values_list("scorer", "confidence")) == {("judge", 1.0)}
    with pytest.raises(Refused, match="has scored all"):
        request_scoring(trial, by=rita, judge=rule)


def test_a_model_criticises_first_and_what_cannot_be_read_is_no_zero(project, trial, rita):
    source = make_source(project, kind="model")
    judge = create_judge(project, by=rita, name="Model", mode="verdict", source=source).versions.get()
    job = request_scoring(trial, by=rita, judge=judge)
    speaker = Speaker("A critique.", told(0.5, 0.25))
    running.run(job.pk, speaker_of=lambda _source, _sampling: speaker)
    job.refresh_from_db()
    assert job.state == "done", job.error
    kind = RubricScore.objects.filter(item__text="It is kind.").first()
    assert (kind.score, kind.confidence, kind.reason) == (0.5, 0.25, "Because.")
    RubricScore.objects.all().delete()
    job = request_scoring(trial, by=rita, judge=judge)
    running.run(job.pk, speaker_of=lambda _source, _sampling: Speaker("no idea"))
    job.refresh_from_db()
    assert job.figures == {"scored": 0, "unread": 12, "refused": 0}
    assert set(RubricScore.objects.values_list("score", "error")) == {(None, "No score could be read.")}


def test_another_projects_judge_and_a_retired_one_are_refused(trial, rule, rita):
    other = make_project()
    foreign = create_judge(other, by=rita, name="Other", mode="rating", rule="exact").versions.get()
    with pytest.raises(Refused, match="of this project"):
        request_scoring(trial, by=rita, judge=foreign)
    rule.judge.retired_at = trial.created_at
    with pytest.raises(Refused, match="retired"):
        request_scoring(trial, by=rita, judge=rule)
    assert not FeedbackJob.objects.exists()


def test_the_judge_stands_beside_people_on_the_page(project, trial, rule, rita, bob, as_user):
    address = f"/p/wall/rubrics/trials/{trial.pk}/"
    client = as_user(rita)
    assert "Ask a judge" in client.get(address).content.decode()
    assert "Choose one of the judges" in client.post(f"{address}judge/", {"judge": "9"}, follow=True).content.decode()
    said = client.post(f"{address}judge/", {"judge": rule.pk}, follow=True).content.decode()
    assert "Checker, version 1 is asked" in said
    job = FeedbackJob.objects.get()
    running.run(job.pk, speaker_of=None)
    person = make_rater(project, bob)
    for score in RubricScore.objects.all():
        record_scores([Scored(score.item_id, score.completion_id, 0.5, 0.5)], rater=person)
    page = client.get(address)
    compared = dict(page.context["compared"])
    right = next(row for item, row in compared.items() if item.text == "The number is right.")
    assert [(one.side.title, one.n, one.difference, one.absolute) for one in right] == [
        ("Checker, version 1", 6, 0.0, 0.5)
    ]
    assert "Checker, version 1" in page.content.decode()
    assert client.get(f"/p/wall/judges/jobs/{job.pk}/").status_code in (200, 404)
