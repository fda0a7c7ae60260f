"""Rubrics in the database: versions that never change, scores that replace, confidence over versions and weeks."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from annotation.errors import Refused
from annotation.models import Rubric, RubricItem, RubricScore, RubricVersion
from annotation.rubric_document import document
from annotation.selectors import rubric_confidence, rubrics
from annotation.services import rubrics as services
from annotation.services.rubric_scores import Scored, record_scores
from tests.factories import make_completion, make_project, make_prompt, make_rater, make_rubric, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()


@pytest.fixture
def version(project):
    return make_rubric(
        project,
        {
            "name": "",
            "items": [
                {"text": "It is true.", "weight": 0.6},
                {"text": "It is short.", "weight": 0.4, "kind": "verifiable", "verifier": "word_count"},
            ],
            "generation_prompt": "Be true.",
        },
        name="House",
    )


def items_of(version) -> list[RubricItem]:
    return list(RubricItem.objects.filter(category__version=version).order_by("position"))


def told(version) -> dict:
    return document(rubrics.categories_of(version))


def test_a_version_is_what_was_written(version):
    (category,) = told(version)["categories"]
    assert [item["text"] for item in category["items"]] == ["It is true.", "It is short."]
    assert category["items"][1]["options"] == {"at_least": 1, "at_most": 200}
    assert category["generation_prompt"] == "Be true."


def test_a_change_is_a_new_version_and_the_old_one_stays(version, alice):
    changed = told(version)
    changed["categories"][0]["items"][0]["text"] = "It is true and sourced."
    newer = services.add_version(version.rubric, by=alice, document=changed, note="Sources count")
    assert newer.number == 2
    assert [item.text for item in items_of(version)] == ["It is true.", "It is short."]
    assert [item.key for item in items_of(newer)] == [item.key for item in items_of(version)]
    with pytest.raises(Refused, match="Nothing was changed"):
        services.add_version(version.rubric, by=alice, document=told(newer))


def test_nobody_overwrites_a_version_that_came_between(version, alice):
    changed = told(version)
    changed["categories"][0]["items"][0]["text"] = "First."
    services.add_version(version.rubric, by=alice, document=changed, after=1)
    changed["categories"][0]["items"][0]["text"] = "Second."
    with pytest.raises(Refused, match="Version 2 was made while you wrote on version 1") as caught:
        services.add_version(version.rubric, by=alice, document=changed, after=1)
    assert caught.value.status == 409
    assert RubricVersion.objects.count() == 2


def test_a_document_that_does_not_hold_writes_nothing(version, alice):
    changed = told(version)
    changed["categories"][0]["items"][0]["weight"] = 0.1
    with pytest.raises(Refused, match=r"sum to 0\.5") as caught:
        services.add_version(version.rubric, by=alice, document=changed)
    assert caught.value.problems[0]["path"] == "categories.0.items"
    assert RubricVersion.objects.count() == 1


def test_names_are_the_projects_own(project, version, alice):
    with pytest.raises(Refused, match="exists already"):
        services.create_rubric(project, by=alice, name="House")
    with pytest.raises(Refused, match="name"):
        services.create_rubric(project, by=alice, name="  ")
    assert services.create_rubric(make_project(), by=make_user(), name="House").number == 1
    assert Rubric.objects.filter(project=project).count() == 1


def test_renaming_alone_makes_no_version(version, alice):
    publish = {"by": alice, "document": told(version), "note": "", "after": 1}
    assert services.publish(version.rubric, name="Home", description="x", **publish) is None
    assert Rubric.objects.get().name == "Home"
    assert RubricVersion.objects.count() == 1


def test_splitting_retires_the_item_and_shares_its_weight(version, alice):
    whole = items_of(version)[0]
    parts = [
        {"text": "Names a source", "kind": "verifiable", "verifier": "contains", "options": {"phrase": "source"}},
        {"text": "The rest of it"},
    ]
    newer = services.split_item(version.rubric, by=alice, key=str(whole.key), parts=parts)
    kept, first, second, _ = items_of(newer)
    assert (kept.retired, kept.weight, kept.key) == (True, 0, whole.key)
    assert (first.weight, second.weight) == pytest.approx((0.3, 0.3))
    assert {first.parent_id, second.parent_id} == {kept.pk}
    with pytest.raises(Refused, match="no such item"):
        services.split_item(version.rubric, by=alice, key=str(whole.key), parts=parts)
    with pytest.raises(Refused, match="at least two"):
        services.split_item(version.rubric, by=alice, key=str(second.key), parts=parts[:1])


def test_a_score_given_again_replaces_the_older_one(project, version):
    item, _ = items_of(version)
    completion, rater = make_completion(make_prompt(project)), make_rater(project)
    for score in (0.25, 0.75):
        record_scores([Scored(item.pk, completion.pk, score, 0.5, "because")], rater=rater)
    record_scores([Scored(item.pk, completion.pk, None, error="no reference")], rater=None)
    record_scores([Scored(item.pk, completion.pk, 1.0, 1.0)], rater=None)
    kept = RubricScore.objects.order_by("scorer").values_list("scorer", "score", "confidence", "error")
    assert list(kept) == [("simulated", 0.75, 0.5, ""), ("verifier", 1.0, 1.0, "")]


@pytest.mark.parametrize(("score", "confidence"), [(1.5, 0.5), (0.5, -0.1), (float("nan"), 0.5)])
def test_what_lies_outside_is_refused_whole(project, version, score, confidence):
    item, _ = items_of(version)
    completion, rater = make_completion(make_prompt(project)), make_rater(project)
    with pytest.raises(Refused, match="between 0 and 1"):
        record_scores(
            [Scored(item.pk, completion.pk, 0.5, 0.5), Scored(item.pk, completion.pk + 1, score, confidence)],
            rater=rater,
        )
    assert not RubricScore.objects.exists()


def score(project, item, confidence, count, *, kind="simulated", weeks_ago=0):
    rater = make_rater(project, kind=kind, name=kind)
    at = timezone.now() - timedelta(weeks=weeks_ago)
    completions = [make_completion(make_prompt(project)) for _ in range(count)]
    rows = [Scored(item.pk, completion.pk, 0.5, confidence) for completion in completions]
    record_scores(rows, rater=rater, at=at)


def test_low_confidence_comes_first_and_only_from_ten_scores_on(project, version):
    true, short = items_of(version)
    score(project, true, 0.9, 12)
    score(project, short, 0.4, 9)
    found = {history.item.pk: history.now for history in histories(version)}
    assert found[true.pk].mean == pytest.approx(0.9)
    assert (found[short.pk].mean, found[short.pk].missing) == (None, 1)
    score(project, short, 0.4, 1, kind="judge")
    cache.clear()
    first, second = histories(version)
    assert (first.item.pk, first.now.doubtful, first.now.n) == (short.pk, True, 10)
    assert (second.item.pk, second.now.doubtful) == (true.pk, False)
    assert rubric_confidence.to_review(fresh(version)) == 1


def test_history_is_kept_over_versions_and_weeks_and_rewording_starts_anew(project, version, alice):
    true, _ = items_of(version)
    score(project, true, 0.4, 6, weeks_ago=3)
    score(project, true, 0.6, 6)
    changed = told(version)
    changed["categories"][0]["items"][0]["weight"] = 0.5
    changed["categories"][0]["items"][1]["weight"] = 0.5
    second = services.add_version(version.rubric, by=alice, document=changed)
    score(project, items_of(second)[0], 0.8, 5)
    now = {history.item.key: history for history in histories(second)}[true.key]
    assert now.now.n == 17, "another weight is the same wording"
    assert {number: told.n for number, told in now.versions.items()} == {1: 12, 2: 5}
    assert [told.n for told in now.weeks.values()] == [6, 11]
    changed["categories"][0]["items"][0]["text"] = "It is true, with a source."
    third = services.add_version(version.rubric, by=alice, document=changed)
    cache.clear()
    later = {history.item.key: history for history in histories(third)}[true.key]
    assert later.now.n == 0
    assert sum(told.n for told in later.versions.values()) == 17


def test_verifiers_have_no_say_in_confidence_and_scorers_can_be_told_apart(project, version):
    true, _ = items_of(version)
    score(project, true, 0.5, 10, kind="judge")
    score(project, true, 0.9, 10)
    record_scores([Scored(true.pk, make_completion(make_prompt(project)).pk, 1.0, 1.0)], rater=None)
    assert histories(version)[0].now.n == 20
    judges = rubric_confidence.histories(fresh(version), scorer="judge")
    assert judges[0].now.mean == pytest.approx(0.5)


def test_the_figures_take_one_query_however_many_scores(project, version, django_assert_num_queries):
    true, short = items_of(version)
    for item in (true, short):
        score(project, item, 0.5, 30)
    whole = fresh(version)
    with django_assert_num_queries(2):
        rubric_confidence.histories(whole)


def fresh(version):
    return rubrics.version_of(version.rubric, version.number)


def histories(version):
    return rubric_confidence.histories(fresh(version))
