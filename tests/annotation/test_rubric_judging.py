"""How a judge is asked for the score of an item, and how its reply is read."""

import pytest

from annotation.judging.asking import Ask, Ended, Reply
from annotation.judging.rubric import RETRIES, Scored, Scoring, read
from annotation.judging.rules import Rule

ASKED = [{"role": "user", "content": "2 + 3?"}]
GOOD = 'Well: {"reasoning": "It {adds} up.", "score": 0.75, "confidence": 0.5}'


def scoring(**fields) -> Scoring:
    return Scoring(ASKED, "It is 5.", "The number is right.", **fields)


def played(one: Scoring, *replies) -> tuple[list[Ask], Ended]:
    """Every ask, and how it ended."""
    steps, asks = [], []
    for reply in [*replies, None]:
        said = one.next(steps)
        if isinstance(said, Ended):
            return asks, said
        asks.append(said)
        steps.append(one.step(steps, reply if isinstance(reply, Reply) else Reply(text=reply)))
    raise AssertionError("it asked for more")


def test_an_item_without_a_critique_prompt_is_scored_at_once():
    (ask,), ended = played(scoring(reference="5"), GOOD)
    assert (ended.state, ended.value) == ("done", 0.75)
    assert ended.result == {"confidence": 0.5, "reasoning": "It {adds} up.", "critique": ""}
    system, user = (turn["content"] for turn in ask.messages)
    assert "how confident" in system
    for part in ("2 + 3?", "It is 5.", "[Known answer]\n5\n", "The number is right."):
        assert part in user
    assert user.index('"reasoning"') < user.index('"score"') < user.index('"confidence"')


def test_the_critique_comes_first_and_goes_into_the_score():
    asks, ended = played(scoring(critique_prompt="You are a strict critic."), "Too short.", GOOD)
    assert asks[0].messages[0] == {"role": "system", "content": "You are a strict critic."}
    assert "The number is right." not in asks[0].messages[1]["content"], "the critic looks at the answer, not the item"
    assert "[Critique]\nToo short.\n" in asks[1].messages[1]["content"]
    assert ended.result["critique"] == "Too short."


def test_what_cannot_be_read_is_asked_again_and_then_left_out():
    asks, ended = played(scoring(), "no idea", '{"score": 2, "confidence": 1}', GOOD)
    assert [ask.attempt for ask in asks] == [0, 1, 2]
    assert ended.state == "done"
    asks, ended = played(scoring(), *["no idea"] * (RETRIES + 1))
    assert (len(asks), ended.state, ended.value) == (RETRIES + 1, "unread", None)
    assert ended.result["said"] == "no idea"


def test_a_refusal_ends_it():
    _, ended = played(scoring(), Reply(refused="No connection."))
    assert (ended.state, ended.result) == ("refused", {"why": "No connection."})
    _, ended = played(scoring(critique_prompt="Strict."), "")
    assert ended.result["why"] == "The judge left its critique empty."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"reasoning": "r", "score": 1, "confidence": 0}', Scored(1.0, 0.0, "r")),
        ('```json\n{"score": 0.25, "confidence": 1.0}\n```', Scored(0.25, 1.0, "")),
        ("[[10]]", Scored(1.0, 1.0)),
        ("[[1]]", Scored(0.0, 1.0)),
        ('{"score": "0.5", "confidence": 1}', None),
        ('{"score": true, "confidence": 1}', None),
        ('{"score": NaN, "confidence": 1}', None),
        ('{"score": 0.5}', None),
        ("[0.5, 1]", None),
        ("", None),
    ],
)
def test_reading(text, expected):
    assert read(text) == expected


def test_a_rule_scores_where_it_rates_and_refuses_where_it_only_compares():
    one = scoring(reference="5")
    reply = Rule("exact").reply(one.next([]))
    assert played(one, reply)[1].value == 1.0
    refused = played(one, Rule("longer").reply(one.next([])))[1]
    assert refused.state == "refused"
    assert "compares answers" in refused.result["why"]
