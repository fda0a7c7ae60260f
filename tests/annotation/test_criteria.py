"""Pairs by several criteria, with marks for what is unsafe: read, turned, frozen by the criterion that is chosen."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect

from annotation.forms.snapshots import SnapshotForm
from annotation.interfaces import pairwise
from annotation.interfaces.answers import Facts, InvalidAnswer, read_answer
from annotation.interfaces.task_settings import InvalidSettings
from annotation.models import Judgment
from annotation.services.judgments import Given, record_judgments
from annotation.services.snapshots import create_snapshot, freeze
from annotation.snapshot_format import SPLITS
from tests.annotation.bench import open_bench, press, saved, shown, stored
from tests.factories import make_pair_item, make_prompt
from tests.pages import assert_accessible

ORDERS = st.sampled_from([[0, 1], [1, 0]])
NAMES = ("helpful", "honest")


def read(payload: dict, **settings) -> dict:
    settings = pairwise.settings({"criteria": NAMES, "safety": True, **settings})
    payload = {"outcome": "answer", "grade": 2, "scale": 8, **payload}
    return read_answer(pairwise, payload, settings, Facts([0, 1])).given


def test_criteria_and_safety_are_read():
    given = read({"criteria": {"helpful": "7", "honest": None}, "safety": [False, True]})
    assert given == {"grade": 2, "scale": 8, "criteria": {"helpful": 7}, "safety": [False, True]}
    assert read({}) == {"grade": 2, "scale": 8, "criteria": {}, "safety": [False, False]}
    assert read({"criteria": {"helpful": 1}}, criteria=(), safety=False) == {"grade": 2, "scale": 8}


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({"criteria": {"helpful": 9}}, "criteria.helpful"),
        ({"criteria": {"helpful": True}}, "criteria.helpful"),
        ({"criteria": {"helpful": [1]}}, "criteria.helpful"),
        ({"criteria": [1]}, "criteria"),
        ({"safety": [1, 0]}, "safety"),
        ({"safety": "ab"}, "safety"),
    ],
)
def test_what_does_not_fit_is_named(payload, path):
    with pytest.raises(InvalidAnswer) as caught:
        read(payload)
    assert [problem["path"] for problem in caught.value.problems] == [path]


def test_what_is_required_must_be_said():
    with pytest.raises(InvalidAnswer, match="“honest” has no answer yet"):
        read({"criteria": {"helpful": 1}}, criteria_required=True)


@given(
    ORDERS, st.dictionaries(st.sampled_from(NAMES), st.integers(1, 8)), st.lists(st.booleans(), min_size=2, max_size=2)
)
def test_shown_to_true_and_back(order, criteria, safety):
    given = {"grade": 3, "scale": 8, "criteria": criteria, "safety": safety}
    value = pairwise.true_value(given, order)
    assert pairwise.shown_value(value, order) == given
    assert [value["safety"][index] for index in order] == safety
    other = pairwise.true_value(given, order[::-1])
    assert {name: -said["strength"] for name, said in other["criteria"].items()} == {
        name: said["strength"] for name, said in value["criteria"].items()
    }


def test_settings_of_criteria():
    assert pairwise.settings({"criteria": "helpful, honest"}).criteria == NAMES
    for named in ("overall", "a,b,c,d,e,f,g"):
        with pytest.raises(InvalidSettings, match="“overall” is asked anyway"):
            pairwise.settings({"criteria": named})


@pytest.mark.django_db
class TestSnapshots:
    @pytest.fixture
    def judged(self, project):
        """Ten pairs: overall the first is better, by `it's "helpful"__x` the second is, for every other one."""
        items = [make_pair_item(project, f"first {n}", f"second {n}") for n in range(10)]
        name = 'it\'s "helpful"__x'
        judgments = [
            Given(item=item, rater="ann", strength=2, scale=8, shown_order=(n % 2, 1 - n % 2),
                  value={"criteria": {name: {"strength": -3}} if n % 2 else {}, "safety": [False, True]})
            for n, item in enumerate(items)
        ]  # fmt: skip
        record_judgments(project, judgments=judgments, origin="simulated", rater_kind="simulated")
        return name

    def rows(self, project, rita, **filters):
        filters = {"rater_kinds": ["simulated"], **filters}
        snapshot = create_snapshot(project, by=rita, name=str(filters), format="preference", filters=filters)
        freeze(snapshot.pk)
        snapshot.refresh_from_db()
        assert snapshot.state == "frozen", snapshot.error
        lines = "".join((Path(snapshot.path) / f"{split}.jsonl").read_text() for split in SPLITS).splitlines()
        return snapshot, [json.loads(line) for line in lines]

    def test_the_criterion_decides(self, project, rita, judged, home):
        (home / "snapshots").mkdir()
        _, overall = self.rows(project, rita)
        assert {row["chosen"][0]["content"][:5] for row in overall} == {"first"}
        snapshot, helpful = self.rows(project, rita, criterion=judged)
        assert {(row["chosen"][0]["content"][:6], row["margin"]) for row in helpful} == {("second", 1.0)}
        assert len(helpful) == 5
        assert snapshot.card["left_out"] == {"ungraded": 5}
        assert snapshot.filters["criterion"] == judged

    def test_answers_are_kept_as_they_were_shown(self, project, judged):
        judgment = Judgment.objects.order_by("pk")[1]
        assert judgment.shown_value == {
            "grade": 6, "scale": 8, "criteria": {judged: 2}, "safety": [True, False],
        }  # fmt: skip

    def test_the_form_offers_what_there_is(self, project, judged):
        assert [value for value, _ in SnapshotForm(project=project).fields["criterion"].choices] == ["", judged]


@pytest.fixture
def graded(project):
    """The project's first task asks for two criteria and for safety."""
    project.first_task.settings = {"scale": 8, "criteria": list(NAMES), "safety": True}
    project.first_task.save()
    task = project.tasks.get(queue="label")
    task.settings = {"scale": 8, "criteria": list(NAMES), "safety": True}
    task.save()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestJourneys:
    def test_by_keyboard_alone(self, graded, bench, visit, bob):
        page = open_bench(visit, bob)
        a, order = shown(page)[1], [0, 1]
        press(page, "w", "1")
        expect(page.locator("#question")).to_have_text("Helpful: which is better?")
        assert_accessible(page)
        press(page, "Backspace", "2", "8")
        expect(page.locator("#question")).to_have_text("Honest: which is better?")
        press(page, "Enter")
        stored(1)
        judgment = Judgment.objects.get()
        order = [0, 1] if a.startswith("first") else [1, 0]
        assert judgment.shown_order == order
        given = {"grade": 2, "scale": 8, "criteria": {"helpful": 8}, "safety": [False, True]}
        assert judgment.shown_value == given
        assert judgment.value == pairwise.true_value(given, order)
        saved(page)
        expect(page.locator("#question")).not_to_have_text("Honest: which is better?")
        expect(page.locator(".unsafe input:checked")).to_have_count(0)
        press(page, "u")
        expect(page.locator(".unsafe input:checked")).to_have_count(1)

    def test_a_draft_outlives_the_page(self, graded, bench, visit, bob):
        page = open_bench(visit, bob)
        press(page, "3")
        page.reload()
        page.wait_for_selector("#vote[data-ready]", state="attached")
        expect(page.locator("#question")).to_have_text("Helpful: which is better?")
        press(page, "Control+Enter")
        stored(1, shown_value={"grade": 3, "scale": 8, "criteria": {}, "safety": [False, False]})

    def test_by_touch(self, graded, pairs, visit, bob):
        page = open_bench(visit, bob, width=390, height=844, dark=True)
        page.locator("[name=unsafe-a]").check()
        for name in ("grade", "criterion-1", "criterion-2"):
            page.locator(f"[name={name}][value='5']").click(force=True)
        stored(1)
        assert Judgment.objects.get().shown_value["criteria"] == {"helpful": 5, "honest": 5}
        saved(page)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def test_differences_and_plain_text_on_demand(self, project, visit, bob):
        left = "## Rain\n\nIt rains **often** in May, as everybody here knows."
        make_pair_item(
            project, left, "It rains seldom in May, as everybody here knows.", prompt=make_prompt(project, "Why?")
        )
        page = open_bench(visit, bob)
        press(page, "d")
        marked = """() => ["a", "b"].map((side) =>
            [...CSS.highlights.get(`only-${side}`) ?? []].map((range) => {
              const made = document.createRange();
              made.setStart(range.startContainer, range.startOffset);
              made.setEnd(range.endContainer, range.endOffset);
              return made.toString();
            }))"""
        words = page.evaluate(marked)
        assert sorted(words) == [["Rain", "often"], ["seldom"]]
        assert_accessible(page)
        press(page, "d", "t")
        assert page.evaluate(marked) == [[], []]
        heading = page.locator(".side h3")
        expect(heading).to_have_css("font-weight", "400")
        press(page, "t")
        expect(heading).to_have_css("font-weight", "600")
