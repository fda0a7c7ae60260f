"""Talks with one or two live models: turn by turn the better response, and at the end a rating. Pure.

The turns are kept on the server while the talk goes on, so an answer brings only the rating; what was said comes with
the facts. Which response stood left is drawn for every turn anew: sides of a turn are turned into true order by the
turn's own order. A talk yields a preference for every decided turn, with the conversation so far as its prompt, and as
a whole a rating, a thumb, and a demonstration where it was rated high enough.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from annotation.interfaces import pairwise
from annotation.interfaces.answers import FLAG_REASONS as FLAG_REASONS
from annotation.interfaces.answers import SKIP_REASONS as SKIP_REASONS
from annotation.interfaces.answers import Facts, Problems, outcome_words, whole
from annotation.interfaces.task_settings import read_settings, setting
from annotation.policy import Plan, Policy, Said, margin_of

NAME = "chat"
TITLE = "Chats"
NOUN = ("chat", "chats")
MEANING = "A talk with one or two live models, the better response chosen each turn."
TEMPLATE = "annotation/label/chat.html"
DOCK = "annotation/label/docks/chat.html"
STYLES = "css/pages/chat.css"
COMPLETIONS = (0, 0)
ONE_KEY = True
BOTH_BAD = False

RATINGS = {1: "Useless", 2: "Poor", 3: "Fair", 4: "Good", 5: "Excellent"}
UP, DOWN = 4, 2  # rated so or better is a thumb up, so or worse one down
MESSAGE_LIMIT = 20_000
KEPT = ("rating", "scale", "demonstration_from", "system")  # of an answer, the same in both orders


@dataclass(frozen=True)
class Settings:
    first: str = setting("", "First model", "Who answers. Blind: which side it stands on is drawn for every turn.")
    second: str = setting("", "Second model", "Empty: a talk with one model. The same model twice gives two samples.")
    scale: int = setting(
        8,
        "Scale",
        "For each turn. Even scales have no tie.",
        choices={2: "2 steps: A or B", 5: "5 steps, with a tie", 7: "7 steps, with a tie", 8: "8 steps, no tie"},
    )
    opening: str = setting(
        "topic",
        "The prompt is",
        "System turns are always given to the models.",
        choices={"topic": "a topic: the annotator writes the first message", "message": "the first message itself"},
    )
    least_turns: int = setting(1, "Turns at least", low=1, high=40)
    most_turns: int = setting(10, "Turns at most", low=1, high=40)
    temperature: float = setting(1.0, "Temperature", low=0.0, high=5.0)
    max_new_tokens: int = setting(256, "Longest response, in tokens", low=1, high=8192)
    demonstration_from: int = setting(
        4, "A demonstration from a rating of", "Talks rated lower yield none.", choices={3: "3", 4: "4", 5: "5"}
    )


SOURCES = ("first", "second")  # settings that name a live model


def settings(given: dict) -> Settings:
    """Raises InvalidSettings."""
    return read_settings(Settings, given)


@dataclass(frozen=True)
class Turn:
    """A message and what the models answered, in true order. `chosen` is the true index that goes on; None: open."""

    said: str
    answers: tuple[str, ...]
    order: tuple[int, ...] = (0, 1)
    grade: int | None = None  # as shown
    scale: int | None = None
    chosen: int | None = None

    @property
    def strength(self) -> int | None:
        """Signed from the first model's side; None where nothing was compared."""
        return pairwise.strength({"grade": self.grade, "scale": self.scale}, self.order)

    @property
    def text(self) -> str:
        """The response that the talk went on with."""
        return self.answers[self.chosen]


def sentence_of_turn(turn: Turn) -> tuple[str, str]:
    """How a choice reads, and the side it was for: ("B slightly better", "b"); empty where nothing was compared."""
    if turn.grade is None:
        return "", ""
    given = {"grade": turn.grade, "scale": turn.scale}
    words, side = pairwise.sentence("answer", given), pairwise.side(given)
    if not side:
        words = f"Tie; the talk goes on with {'AB'[list(turn.order).index(turn.chosen)]}"
    return words, side


@dataclass(frozen=True)
class Talk:
    """A conversation as the server kept it. `waiting`: responses of the last turn that nobody has chosen between."""

    system: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = ()
    waiting: bool = False


def messages_of(system: Sequence[str], turns: Sequence[Turn], last: str | None = None) -> list[tuple[str, str]]:
    """(role, content) of the conversation so far; `last` is a message that waits for its answer."""
    found = [("system", text) for text in system]
    for turn in turns:
        found += [("user", turn.said), ("assistant", turn.answers[turn.chosen])]
    return [*found, ("user", last)] if last is not None else found


def dock(settings: Settings) -> dict:
    """What the dock's template draws."""
    return {"cells": pairwise.cells(settings.scale) if settings.second else [], "ratings": list(RATINGS.items())}


def keys(settings: Settings) -> list[tuple[str, str]]:
    """The keys of the answer, each with what it does."""
    two = [(f"1 – {settings.scale}", "Which response is better; the talk goes on with it")] if settings.second else []
    return [
        ("Enter", "Send the message; with Shift a new line"),
        ("M", "Write the next message"),
        *two,
        ("R", "Ask again where no response came"),
        ("E", "End the talk and rate it"),
        ("1 – 5", "The rating, once the talk is ended"),
    ]


def bench(facts: Facts, settings: Settings) -> dict:  # noqa: ARG001
    """What the bench's template draws beyond the prompt."""
    letters = "AB" if settings.second else "A"
    return {"topic": settings.opening == "topic", "letters": letters, "count": len(letters)}


def form(post) -> dict:
    """The answer in the plain form of a page without JavaScript."""
    return {"rating": post.get("rating")}


def given(payload: dict, settings: Settings, facts: Facts, problems: Problems) -> dict:
    """The rating, and the talk as the server kept it."""
    talk, rating = facts.talk or Talk(), whole(payload.get("rating"))
    if talk.waiting:
        problems.add("turns", "The last message waits: choose a response, or take the message back.")
    elif len(talk.turns) < settings.least_turns:
        more = settings.least_turns - len(talk.turns)
        problems.add("turns", f"Talk first: {more} more turn{'s' if more > 1 else ''} before it can be rated.")
    if rating not in RATINGS:
        problems.add("rating", f"Rate the talk from 1 to {len(RATINGS)}.")
    turns = [_shown(turn) for turn in talk.turns]
    kept = {"rating": rating, "scale": settings.scale, "demonstration_from": settings.demonstration_from}
    return kept | {"system": list(talk.system), "turns": turns}


def _shown(turn: Turn) -> dict:
    """A turn with its responses in the order they stood."""
    answers = [turn.answers[index] for index in turn.order if index < len(turn.answers)]
    return {"said": turn.said, "order": list(turn.order), "answers": answers, "grade": turn.grade,
            "scale": turn.scale, "chosen": list(turn.order).index(turn.chosen)}  # fmt: skip


def true_value(given: dict, order: Sequence[int]) -> dict:  # noqa: ARG001 (each turn has an order of its own)
    """The whole answer in true order, for the record."""
    turns = []
    for shown in given["turns"]:
        places = shown["order"][: len(shown["answers"])]
        answers = [text for _, text in sorted(zip(places, shown["answers"], strict=True))]
        turns.append(
            {
                "said": shown["said"],
                "answers": answers,
                "order": shown["order"],
                "strength": pairwise.strength(shown, shown["order"]),
                "scale": shown["scale"],
                "chosen": shown["order"][shown["chosen"]],
            }
        )
    return {name: given[name] for name in KEPT} | {"turns": turns}


def shown_value(value: dict, order: Sequence[int]) -> dict:  # noqa: ARG001
    """The answer as it was given: the inverse of `true_value`."""
    turns = []
    for true in value["turns"]:
        grade = None
        if true["strength"] is not None:
            grade = pairwise.shown_value({"strength": true["strength"], "scale": true["scale"]}, true["order"])["grade"]
        turn = Turn(true["said"], tuple(true["answers"]), tuple(true["order"]), grade, true["scale"], true["chosen"])
        turns.append(_shown(turn))
    return {name: value[name] for name in KEPT} | {"turns": turns}


def sentence(outcome: str, given: dict) -> str:
    """How an answer reads to the one who gave it: "Good, after 3 turns"."""
    if outcome != "answer" or given.get("rating") not in RATINGS:
        return outcome_words(outcome)
    count = len(given.get("turns", ()))
    return f"{RATINGS[given['rating']]}, after {count} turn{'' if count == 1 else 's'}"


def side(given: dict) -> str:  # noqa: ARG001
    return ""


def plans(format: str, policy: Policy, said: Sequence[Said], left_out: Counter) -> list[Plan]:
    """The rows that the talks of an item become: each talk stands for itself, whatever others said."""
    found: list[Plan] = []
    for voice in said:
        if voice.outcome != "answer" or not voice.value:
            continue
        make = _MADE.get(format)
        rows = make(policy, voice, _turns(voice)) if make else []
        found += rows
        if not rows:
            left_out["other_format" if make is None else "tie" if format == "preference" else "not_liked"] += 1
    return found


def _turns(voice: Said) -> list[Turn]:
    return [
        Turn(turn["said"], tuple(turn["answers"]), tuple(turn["order"]), None, turn["scale"], turn["chosen"])
        for turn in voice.value["turns"]
    ]


def _told(voice: Said) -> tuple[tuple[int, int], ...]:
    return ((voice.id, voice.revision),)


def _before(voice: Said, turns: Sequence[Turn], place: int) -> tuple[tuple[str, str], ...]:
    """The prompt of a turn: the conversation that led to it, and its message."""
    return tuple(messages_of(voice.value["system"], turns[:place], turns[place].said))


def _compared(policy: Policy, voice: Said, turns: Sequence[Turn]):
    """(place, strength) of every turn where two responses stood; weaker ones than decide are ties."""
    for place, kept in enumerate(voice.value["turns"]):
        if kept["strength"] is not None and len(turns[place].answers) == 2:
            yield place, kept["strength"] if abs(kept["strength"]) >= policy.minimum else 0


def _preference(policy: Policy, voice: Said, turns: list[Turn]) -> list[Plan]:
    rows = []
    for place, strength in _compared(policy, voice, turns):
        asked, texts = _before(voice, turns, place), turns[place].answers
        if strength:
            margin = 0.0 if policy.margins == "none" else margin_of(policy.margins, turns[place].scale, strength)
            pair = texts if strength > 0 else texts[::-1]
            rows.append(Plan(_told(voice), -1, -1, margin=margin, texts=pair, messages=asked))
        elif policy.ties == "half":
            rows += [
                Plan(_told(voice), -1, -1, weight=0.5, texts=pair, messages=asked) for pair in (texts, texts[::-1])
            ]
    return rows


def _ranked(policy: Policy, voice: Said, turns: list[Turn]) -> list[Plan]:
    return [
        Plan(
            _told(voice),
            -1,
            texts=turns[place].answers,
            messages=_before(voice, turns, place),
            ranks=(1, 1) if not strength else (1, 2) if strength > 0 else (2, 1),
        )
        for place, strength in _compared(policy, voice, turns)
    ]


def _whole(voice: Said, turns: Sequence[Turn], **more) -> list[Plan]:
    """The talk as one row: all of it but the last response, and that one."""
    last = turns[-1]
    return [
        Plan(
            _told(voice),
            -1,
            texts=(last.answers[last.chosen],),
            messages=_before(voice, turns, len(turns) - 1),
            **more,
        )
    ]


def _completion(_policy: Policy, voice: Said, turns: list[Turn]) -> list[Plan]:
    return _whole(voice, turns) if voice.value["rating"] >= voice.value["demonstration_from"] else []


def _unpaired(_policy: Policy, voice: Said, turns: list[Turn]) -> list[Plan]:
    rating = voice.value["rating"]
    return [] if DOWN < rating < UP else _whole(voice, turns, label=rating >= UP)


def _rated(_policy: Policy, voice: Said, turns: list[Turn]) -> list[Plan]:
    return _whole(voice, turns, rating=(voice.value["rating"] - 1) / (len(RATINGS) - 1))


_MADE = {
    "preference": _preference,
    "ranked": _ranked,
    "prompt_completion": _completion,
    "unpaired_preference": _unpaired,
    "rated": _rated,
}
