"""The report as a whole, without a database: what goes in comes out; simulated people's faults are found, each."""

import random
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from annotation.demo.corpus import pairs
from annotation.demo.people import PEOPLE, panel
from annotation.quality.formatting import marks
from annotation.quality.gathering import DISAGREEMENTS, Gathering, Heard, Subject, apart, week_of
from annotation.quality.report import LEAST_SHARED, report
from annotation.quality.worth import main_agreement, more_needed, narrower, worth

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
PAIR = {"answers": (11, 22), "sizes": (100, 100), "marks": (0, 0)}


def subject(item, prompt=None, interface="pairwise", **fields):
    return Subject(item, interface, prompt or item, **{**PAIR, **fields})


def heard(rater, strength=None, *, outcome="answer", scale=8, value=None, left=0, at=MONDAY, active_ms=20_000):
    return Heard(rater, "person", outcome, scale, strength, value or {}, left, at, active_ms)


def gather(*rows, originals=()):
    gathering = Gathering(originals)
    for item, said in rows:
        gathering.add(item, said)
    return gathering


def figure(told, criterion, measure):
    return next(row for row in told.body["agreement"] if (row["criterion"], row["measure"]) == (criterion, measure))


def test_counts_are_what_went_in():
    told = report(
        gather(
            (subject(1), [heard(1, 2), heard(2, 1), heard(3, outcome="skip")]),
            (subject(2), [heard(1, -1), heard(2, outcome="both_bad")]),
        ),
        resamples=0,
    )
    assert {key: told.body[key] for key in ("judgments", "items", "shared", "raters")} == {
        "judgments": 5,
        "items": 2,
        "shared": 1,
        "raters": 3,
    }
    assert told.body["outcomes"] == {"answer": 3, "skip": 1, "both_bad": 1}
    assert told.people[3]["outcomes"] == {"skip": 1}
    assert told.people[1]["active_ms"] == 40_000
    assert figure(told, "side", "raw")["value"] is None  # one shared item is too few
    assert figure(told, "side", "raw")["units"] == 1


def test_nothing_is_a_report_too():
    told = report(Gathering())
    assert told.people == {}
    assert told.body["agreement"] == []
    assert "About 50 more" in worth(told.body)[0]["title"]


def test_sides_agree_where_strengths_do_not():
    rows = [(subject(n), [heard(1, 1 if n % 2 else -1), heard(2, 4 if n % 2 else -4)]) for n in range(LEAST_SHARED)]
    told = report(gather(*rows), resamples=50)
    assert figure(told, "side", "raw")["value"] == 1
    assert figure(told, "side", "alpha")["value"] == pytest.approx(1)
    assert figure(told, "", "alpha")["value"] < 1
    assert main_agreement(told.body)["level"] == "ordinal"


def test_two_scales_are_compared_by_side_alone():
    rows = [(subject(n), [heard(1, 1, scale=8), heard(2, -1, scale=2)]) for n in range(LEAST_SHARED)]
    told = report(gather(*rows), resamples=0)
    assert main_agreement(told.body)["criterion"] == "side"
    assert all(row["criterion"] for row in told.body["agreement"])


def test_every_way_to_answer_is_compared_in_its_own_terms():
    said = {
        "thumbs": [{"label": True}, {"label": True}],
        "likert": [{"ratings": {"helpful": 4}, "scale": 5}, {"ratings": {"helpful": 5}, "scale": 5}],
        "ranking": [{"ranks": [1, 2, 3]}, {"ranks": [1, 3, 2]}],
        "rubric": [{"sheets": [{"true": {"score": 0.5}}]}, {"sheets": [{"true": {"score": 0.75}}]}],
        "steps": [{"labels": [1, -1, None]}, {"labels": [1, 1, None]}],
        "chat": [{"turns": []}, {"turns": []}],
        "demonstration": [{"text": "a"}, {"text": "b"}],
    }
    found = {}
    for way, values in said.items():
        rows = [
            (subject(n, interface=way, answers=(1,), sizes=(9,), marks=(0,)),
             [heard(rater, scale=None, value=value) for rater, value in enumerate(values)])
            for n in range(LEAST_SHARED)
        ]  # fmt: skip
        told = report(gather(*rows), resamples=0)
        found[way] = {(row["criterion"], row["measure"]): row["value"] for row in told.body["agreement"]}
    assert found["thumbs"]["", "raw"] == 1
    assert found["likert"]["", "raw"] == 0
    assert found["ranking"] == {("", "tau"): pytest.approx(1 / 3)}
    assert found["rubric"]["true", "alpha"] == pytest.approx(-0.98)  # always apart: 1 - (1 / 16) / (50 / 99 / 16)
    assert found["steps"]["step", "raw"] == 0.5
    assert found["chat"] == {}
    assert found["demonstration"] == {}


def test_several_ratings_and_several_answers_are_units_of_their_own():
    ratings = [{"ratings": {"true": 4, "kind": 1}, "scale": 5}, {"ratings": {"true": 4, "kind": 5}, "scale": 5}]
    sheets = [{"sheets": [{"q": {"score": 1}}, {"q": {"score": 0}}]}] * 2
    said = {}
    for way, values in (("likert", ratings), ("rubric", sheets)):
        rows = [
            (subject(n, interface=way), [heard(rater, scale=None, value=value) for rater, value in enumerate(values)])
            for n in range(LEAST_SHARED)
        ]
        told = report(gather(*rows), resamples=0)
        said[way] = {(row["criterion"], row["measure"]): row for row in told.body["agreement"]}
    assert said["likert"]["true", "raw"]["value"] == 1
    assert said["likert"]["kind", "raw"]["value"] == 0
    assert said["rubric"]["q", "alpha"]["value"] == pytest.approx(1)
    assert said["rubric"]["q", "alpha"]["units"] == 2 * LEAST_SHARED


def test_several_criteria_have_a_figure_each():
    value = {"criteria": {"helpful": {"strength": 2}, "harmless": -1}}
    rows = [(subject(n), [heard(1, 1, value=value), heard(2, 1, value=value)]) for n in range(LEAST_SHARED)]
    told = report(gather(*rows), resamples=0)
    assert {row["criterion"] for row in told.body["agreement"]} == {"", "side", "helpful", "harmless"}


def test_thumbs_tell_who_is_reliable():
    rng = random.Random(0)
    rows = []
    for n in range(120):
        truth = rng.random() < 0.7
        said = [truth if rng.random() < skill else not truth for skill in (0.95, 0.9, 0.5)]
        rows.append((subject(n, interface="thumbs", answers=(1,), sizes=(9,), marks=(0,)),
                     [heard(rater, scale=None, value={"label": up}) for rater, up in enumerate(said)]))  # fmt: skip
    people = report(gather(*rows), resamples=0).people
    assert people[0]["reliability"]["right"] > 0.85
    assert people[2]["reliability"]["right"] < 0.7


def test_weeks_begin_on_monday_and_hold_what_was_finished_in_them():
    assert week_of(MONDAY + timedelta(days=6, hours=14)) == "2026-11-02"
    later = MONDAY + timedelta(days=7)
    rows = [(subject(n), [heard(1, 1), heard(2, 1, at=later)]) for n in range(30)]
    weeks = report(gather(*rows), resamples=0).body["weeks"]
    assert [(row["week"], row["judgments"], row["alpha"]["units"]) for row in weeks] == [
        ("2026-11-02", 30, 0),
        ("2026-11-09", 30, 30),
    ]
    assert weeks[0]["raw"]["value"] is None
    assert weeks[1]["raw"]["value"] == 1


def test_known_answers_are_counted_and_told_from_ten_on():
    rows = [(subject(n, gold={"preferred": 0}), [heard(1, 1), heard(2, -1 if n else 1)]) for n in range(10)]
    people = report(gather(*rows), resamples=0).people
    assert people[1]["gold"]["value"] == 1
    assert people[2]["gold"] == {**people[2]["gold"], "value": 0.1, "n": 10}
    assert [found["kind"] for found in people[2]["findings"]] == ["gold"]


def test_a_repeat_counts_for_its_rater_alone_whichever_side_came_first():
    rows = [(subject(n), [heard(1, 2)]) for n in range(1, 13)]
    # The same pair with its completions the other way round: the same answer is now the second.
    rows += [(subject(100 + n, answers=(22, 11), repeat_of=n), [heard(1, -1 if n < 12 else 1)]) for n in range(1, 13)]
    told = report(gather(*rows, originals=range(1, 13)), resamples=0)
    assert told.people[1]["repeats"]["n"] == 12
    assert told.people[1]["repeats"]["value"] == pytest.approx(11 / 12)
    assert told.body["longer"]["n"] == 0
    assert told.body["left"]["n"] == 12  # the repeats' sides are not counted again
    assert told.body["shared"] == 0


def test_circles_name_the_rater_and_the_three_items():
    edges = {1: (11, 22), 2: (22, 33), 3: (33, 11)}
    rows = [
        (subject(n, prompt=7, answers=pair), [heard(5, 3), heard(6, 3 if n < 3 else -3)]) for n, pair in edges.items()
    ]
    told = report(gather(*rows), resamples=0)
    assert told.body["triads"]["raters"] == {"decided": 2, "circular": 1, "share": 0.5}
    assert told.people[5]["triads"]["circular"] == 1
    assert told.people[6]["triads"]["circular"] == 0
    [circle] = told.circles
    assert circle["rater"] == 5
    assert sorted(circle["items"]) == [1, 2, 3]
    at = circle["items"].index(1)
    assert circle["items"][at:] + circle["items"][:at] == [1, 2, 3]


def test_disagreement_is_how_far_people_are_apart():
    assert apart("ordinal", [4, -4], 8) == 1
    assert apart("ordinal", [4, 4, -4], 8) == pytest.approx(2 / 3)
    assert apart("nominal", ["a", "b", "b"]) == pytest.approx(2 / 3)
    assert apart("ranking", [(1, 2, 3), (3, 2, 1)]) == 1
    assert apart("interval", [0.25, 0.75]) == 0.5
    rows = [(subject(n), [heard(1, 1), heard(2, -1 - n % 3)]) for n in range(1, DISAGREEMENTS + 60)]
    found = report(gather(*rows), resamples=0).disagreements
    assert len(found) == DISAGREEMENTS
    assert found == sorted(found, reverse=True)
    assert found[0].score == pytest.approx(0.5)


def test_what_more_is_needed():
    assert more_needed(None) == LEAST_SHARED
    assert more_needed({"units": 12}) == LEAST_SHARED - 12
    assert narrower({"value": 0.5, "low": 0.3, "high": 0.7, "units": 60}) == 180
    assert narrower({"value": 0.5, "low": 0.45, "high": 0.55, "units": 60}) == 0


@pytest.fixture(scope="module")
def simulated():
    """The demo's people judge six hundred of its pairs, three on each; some of them have a known fault."""
    rng, gathering = random.Random(21), Gathering()
    number = {person.key: place for place, person in enumerate(PEOPLE)}
    first_left = dict.fromkeys(number, True)
    for n, pair in enumerate(islice(pairs(5), 600)):
        said = []
        for person in panel(rng, 3):
            first_left[person.key] = first = not first_left[person.key]
            shown = (pair.first, pair.second) if first else (pair.second, pair.first)
            answer = person.judge(pair.asked.prompt, *shown, scale=8, rng=rng)
            strength = None if answer.strength is None else answer.strength * (1 if first else -1)
            said.append(heard(number[person.key], strength, outcome=answer.outcome, left=0 if first else 1,
                              active_ms=answer.active_ms))  # fmt: skip
        texts = (pair.first, pair.second)
        about = Subject(n, "pairwise", hash(pair.asked.prompt), tuple(map(hash, texts)), tuple(map(len, texts)),
                        tuple(map(marks, texts)))  # fmt: skip
        gathering.add(about, said)
    told = report(gathering, resamples=200)
    return told, {person.key: told.people[number[person.key]] for person in PEOPLE}


def kinds(figures):
    return [found["kind"] for found in figures["findings"]]


def test_who_always_takes_the_left_is_found(simulated):
    _, people = simulated
    assert kinds(people["gus"])[0] == "position"
    assert "Takes the left one" in people["gus"]["findings"][0]["text"]
    assert people["gus"]["left"]["low"] > 0.8


def test_who_loves_length_is_found(simulated):
    _, people = simulated
    assert kinds(people["hanna"])[0] == "length"
    assert "twice as long as the other, takes the longer one" in people["hanna"]["findings"][0]["text"]
    assert "position" not in kinds(people["hanna"])


def test_who_clicks_at_random_is_found(simulated):
    _, people = simulated
    assert {"random", "fast"} <= set(kinds(people["ivan"]))
    assert people["ivan"]["reliability"]["weight"] < 0.25
    assert {"position", "length"}.isdisjoint(kinds(people["ivan"]))


def test_who_is_careful_is_left_in_peace(simulated):
    told, people = simulated
    for careful in ("ada", "bruno", "clara", "emil", "flora"):
        assert kinds(people[careful]) == [], careful
        assert people[careful]["reliability"]["weight"] > 0.6
    assert people["flora"]["degree"]["noise"] < people["emil"]["degree"]["noise"] < people["ivan"]["degree"]["noise"]
    assert told.body["found"] == 3
    assert any("3 of 8 raters" in said["title"] for said in worth(told.body))
