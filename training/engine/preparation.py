"""From snapshot rows to encoded rows: what is too long is dropped, cut or refused, and everything is counted."""

import collections
import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from training.engine.chat import Encoder, Turn
from training.engine.errors import EngineError
from training.engine.training_settings import TrainingSettings


@dataclasses.dataclass(frozen=True)
class Encoded:
    """One row as tokens: a turn for each of its completions (none for prompts alone), and its other columns."""

    prompt: list[int]
    turns: tuple[Turn, ...]
    row: Mapping[str, Any]

    @property
    def length(self) -> int:
        """Tokens of its longest side."""
        sides = [len(turn.prompt) + len(turn.completion) for turn in self.turns]
        return max(sides, default=len(self.prompt))

    @property
    def completion_tokens(self) -> int:
        return sum(len(turn.completion) for turn in self.turns)

    @property
    def weight(self) -> float:
        return float(self.row.get("weight", 1.0))


@dataclasses.dataclass
class Prepared:
    """The rows of one split, and how many of them are not as they were."""

    rows: list[Encoded] = dataclasses.field(default_factory=list)
    dropped: int = 0
    truncated: int = 0
    reasons: collections.Counter = dataclasses.field(default_factory=collections.Counter)

    def report(self) -> dict[str, Any]:
        return {
            "rows": len(self.rows),
            "dropped": self.dropped,
            "truncated": self.truncated,
            "reasons": dict(self.reasons),
        }


def prepare(
    rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...], encoder: Encoder, training: TrainingSettings
) -> Prepared:
    """`columns` are those that hold a completion: ("chosen", "rejected"), ("completion",) or none."""
    made = Prepared()
    too_long = 0
    for row in rows:
        encoded = _encode(row, columns, encoder)
        if not all(turn.clean for turn in encoded.turns):
            made.reasons["prompt is not a beginning of the whole"] += 1
        if encoded.length <= training.max_length:
            made.rows.append(encoded)
            continue
        too_long += 1
        _shorten(encoded, training, made)
    if too_long and training.truncation == "refuse":
        raise EngineError(
            "data",
            f"{too_long} rows are longer than max_length, {training.max_length} tokens, and truncation is set to "
            "refuse. Raise max_length, or choose drop or truncate.",
        )
    return made


def _encode(row: Mapping[str, Any], columns: tuple[str, ...], encoder: Encoder) -> Encoded:
    turns = tuple(encoder.turn(row["prompt"], row[column]) for column in columns)
    if not turns:
        return Encoded(encoder.prompt(row["prompt"]), (), row)
    border = min(len(turn.prompt) for turn in turns)  # both answers of a pair are cut at the same place
    turns = tuple(_moved(turn, border) for turn in turns)
    return Encoded(turns[0].prompt, turns, row)


def _moved(turn: Turn, border: int) -> Turn:
    if len(turn.prompt) == border:
        return turn
    whole = turn.prompt + turn.completion
    return Turn(whole[:border], whole[border:], clean=False)


def _shorten(encoded: Encoded, training: TrainingSettings, made: Prepared) -> None:
    room = training.max_length - len(encoded.prompt)
    if training.truncation == "drop" or room < 1 or not encoded.turns:
        made.dropped += 1
        made.reasons["prompt alone is too long" if room < 1 else "longer than max_length"] += 1
        return
    turns = tuple(dataclasses.replace(turn, completion=turn.completion[:room]) for turn in encoded.turns)
    made.truncated += 1
    made.reasons["end cut off at max_length"] += 1
    made.rows.append(dataclasses.replace(encoded, turns=turns))
