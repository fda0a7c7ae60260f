"""What every importer speaks: neutral records, rows left out, and problems with their place. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

ROLES = ("system", "user", "assistant")
MAX_TEXT = 1_000_000  # characters in one message
MAX_COMMENT = 10_000


class RowProblem(Exception):
    """A row that cannot be read: the JSON path of the fault, and what is wrong there."""

    def __init__(self, path: str, message: str):
        super().__init__(f"{path}: {message}")
        self.path, self.message = path, message


@dataclass(frozen=True)
class Place:
    """Where in an upload: the file and the row (the line, or the place in an array), counted from 1."""

    file: str
    row: int


@dataclass(frozen=True)
class Answer:
    """One completion. `source` names its author within the data set; empty where the data does not say."""

    text: str
    source: str = ""
    sampling: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What a rater said. `strength` is signed from the first answer's side; `kind` is a Rater.Kind.

    `value` is the interface's whole answer in true order. `shown` is the order the answers stood in, where the data
    tells it: [1, 0] says that the second stood left.
    """

    rater: str = ""
    kind: str = "imported"
    scale: int | None = None
    strength: int | None = None
    value: dict = field(default_factory=dict)
    outcome: str = "answer"
    reason: str = ""
    comment: str = ""
    shown: tuple[int, ...] = ()
    at: datetime | None = None
    active_ms: int | None = None


@dataclass(frozen=True)
class Record:
    """A prompt, with answers and a verdict where the data has them.

    `key` tells apart two records that say the same on purpose (one judge who voted twice); without it the second
    is a duplicate.
    """

    messages: list[dict]
    answers: tuple[Answer, ...] = ()
    interface: str = "pairwise"
    verdict: Verdict | None = None
    category: str = ""
    tags: tuple[str, ...] = ()
    reference: str = ""
    key: str = ""


@dataclass(frozen=True)
class LeftOut:
    """A row that was understood and is not taken, with the reason; the import goes on."""

    reason: str


@dataclass(frozen=True)
class Problem:
    """A row that was not understood."""

    path: str
    message: str
