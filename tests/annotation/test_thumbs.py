"""Thumbs: reading them, and what they become."""

import pytest
from django.http import QueryDict

from annotation.interfaces import interface, thumbs
from annotation.interfaces.answers import Facts, InvalidAnswer, read_answer
from annotation.interfaces.task_settings import InvalidSettings
from annotation.policy import Plan, Policy, Said, put_aside

REASONS = thumbs.settings({"reasons": ["too long", "wrong"]})
DEFAULT = thumbs.Settings()


def read(payload: dict, settings=DEFAULT) -> dict:
    return read_answer(thumbs, {"outcome": "answer", **payload}, settings, Facts([0])).given


def test_an_answer_is_read():
    assert read({"label": True}) == {"label": True}
    assert read({"label": False, "reasons": ["wrong", "too long"]}, REASONS) == {
        "label": False,
        "reasons": ["too long", "wrong"],
    }


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({}, "label"), ({"label": "up"}, "label"), ({"label": 1}, "label"),
        ({"label": True, "reasons": ["ugly"]}, "reasons"), ({"label": True, "reasons": "wrong"}, "reasons"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(payload, path):
    with pytest.raises(InvalidAnswer) as caught:
        read(payload, REASONS)
    assert [problem["path"] for problem in caught.value.problems] == [path]


def test_both_bad_and_a_skip():
    with pytest.raises(InvalidAnswer, match="skip or flag"):
        read_answer(thumbs, {"outcome": "both_bad"}, REASONS, Facts([0]))
    assert read_answer(thumbs, {"outcome": "skip", "reason": "subject"}, REASONS, Facts([0])).outcome == "skip"


def test_true_and_shown_are_the_same():
    for value in ({"label": True}, {"label": False, "reasons": ["wrong"]}):
        assert thumbs.shown_value(thumbs.true_value(value, [0]), [0]) == value


def test_words_keys_and_the_plain_form():
    assert thumbs.sentence("answer", {"label": False, "reasons": ["wrong"]}) == "Thumbs down: wrong"
    assert thumbs.sentence("answer", {"label": True}) == "Thumbs up"
    assert [key for key, _ in thumbs.keys(REASONS)] == ["1", "2", "3", "4"]
    assert thumbs.form(QueryDict("label=down&reasons=wrong")) == {"label": False, "reasons": ["wrong"]}
    assert thumbs.form(QueryDict("")) == {"label": None, "reasons": []}


def test_seven_reasons_at_most():
    with pytest.raises(InvalidSettings, match="There are 8; keys are there for 7"):
        thumbs.settings({"reasons": list("abcdefgh")})


def said(*labels):
    return [Said(n, 1, "answer", None, None, label=label, value={"label": label}) for n, label in enumerate(labels, 1)]


def rows(format, voices, **policy):
    left_out = put_aside(voices)
    return thumbs.plans(format, Policy(**policy), voices, left_out), +left_out


def test_every_format():
    assert rows("unpaired_preference", said(True, False))[0] == [
        Plan(((1, 1),), 0, label=True),
        Plan(((2, 1),), 0, label=False),
    ]
    assert rows("prompt_completion", said(True, False)) == ([Plan(((1, 1),), 0)], {"not_liked": 1})
    assert rows("preference", said(True)) == ([], {"not_a_pair": 1})
    assert rows("ranked", said(True)) == ([], {"other_format": 1})


def test_several_thumbs_become_one():
    for several in ("majority", "mean"):
        [plan], _ = rows("unpaired_preference", said(True, False, True), several=several)
        assert plan == Plan(((1, 1), (2, 1), (3, 1)), 0, label=True)
        assert rows("unpaired_preference", said(True, False), several=several) == ([], {"tie": 2})


def test_behaviour_counts_only_where_the_policy_says_so():
    voice = Said(1, 1, "answer", None, None, label=False, value={"label": False, "implicit": "regenerated"})
    assert rows("unpaired_preference", [voice]) == ([], {"implicit": 1})
    assert rows("unpaired_preference", [voice], implicit="thumbs")[0] == [Plan(((1, 1),), 0, label=False)]


def test_the_registry_knows_it():
    assert interface("thumbs") is thumbs
