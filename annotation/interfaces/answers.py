"""What every way to label shares: an answer, what an item's facts are, how both are refused. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

SKIP_REASONS = {
    "subject": "I do not know the subject",
    "language": "I do not read the language",
    "unclear": "The task is unclear",
    "distressing": "I would rather not read this",
    "other": "Something else",
}
FLAG_REASONS = {
    "broken": "The text is broken or cut off",
    "identical": "Both replies are the same",
    "unsafe": "Unsafe or illegal",
    "private": "Private data of a real person",
    "identity": "A reply says which model wrote it",
    "other": "Something else",
}
COMMENT_LIMIT = 10_000


class InvalidAnswer(ValueError):
    """The answer does not fit. `problems` name field and remedy."""

    def __init__(self, problems: list[dict]):
        super().__init__("; ".join(problem["message"] for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Answer:
    """What was said, in shown order. `given` is the interface's own part, empty unless `outcome` is `answer`."""

    outcome: str
    given: dict = field(default_factory=dict)
    reason: str = ""
    comment: str = ""


class Facts:
    """The item that an answer is about: `order`, true indices in the order shown, its texts, read when needed, and the
    category of its prompt."""

    def __init__(
        self,
        order: list[int],
        load: Callable[[], list[str]] = list,
        messages: list[dict] | None = None,
        talk: Callable[[], object] = lambda: None,
        *,
        category: str = "",
    ):
        self.order, self._load, self.messages, self._talk = list(order), load, messages or [], talk
        self.category = category

    @cached_property
    def texts(self) -> list[str]:
        """The completions in true order."""
        return self._load()

    @cached_property
    def talk(self):
        """What the server kept of a conversation with live models (chat.Talk), None where there was none."""
        return self._talk()

    @property
    def shown(self) -> list[str]:
        """The completions in the order shown."""
        return [self.texts[index] for index in self.order]


class Problems(list):
    """Problems of an answer, each with the field it is about."""

    def add(self, path: str, message: str) -> None:
        self.append({"path": path, "message": message})


def read_answer(way, payload: dict, settings, facts: Facts) -> Answer:
    """The answer in `payload`, its own part read by the interface `way`. Raises InvalidAnswer with every problem."""
    problems, given = Problems(), {}
    outcome, reason = str(payload.get("outcome")), str(payload.get("reason") or "")
    comment = clean_text(payload.get("comment"))
    outcomes = {"answer", "skip", "broken"} | ({"both_bad"} if way.BOTH_BAD else set())
    if outcome == "answer":
        given = way.given(payload, settings, facts, problems)
    elif outcome not in outcomes:
        words = "both bad, skip or flag" if way.BOTH_BAD else "skip or flag"
        problems.add("outcome", f"Answer, or choose {words}.")
    reasons = {"skip": way.SKIP_REASONS, "broken": way.FLAG_REASONS}.get(outcome)
    if reasons is None:
        reason = ""
    elif reason not in reasons:
        problems.add("reason", "Choose a reason from the list.")
    if len(comment) > COMMENT_LIMIT:
        problems.add("comment", f"The comment has {len(comment):,} characters; {COMMENT_LIMIT:,} fit.")
    if problems:
        raise InvalidAnswer(problems)
    return Answer(outcome, given, reason, comment)


def clean_text(value) -> str:
    """Text as it can be stored: no NUL, no space around it."""
    return str(value or "").replace("\x00", "").strip()


def whole(value) -> int | None:
    """A whole number, or None; `True` is none."""
    if isinstance(value, bool):
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def outcome_words(outcome: str) -> str:
    """How an outcome without an answer reads."""
    return {"both_bad": "Both bad", "skip": "Skipped", "broken": "Flagged"}.get(outcome, "No answer")
