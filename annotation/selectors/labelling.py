"""What the labelling page shows: an item ready to read, the sitting so far, the answers given in it.

Nothing here names a source, an item or a completion: what is shown is known by its lease's token, its texts stand in
shown order, and true order does not leave the server.
"""

from dataclasses import dataclass, field, replace
from statistics import quantiles

from annotation.assignment import idle_after_seconds
from annotation.interfaces import interface
from annotation.interfaces.answers import Facts
from annotation.models import Assignment, Instruction, ItemCompletion, Judgment, Project, Sitting, Task

LETTERS = "ABCDEFGHI"
PUT_ASIDE = (Judgment.Outcome.SKIP, Judgment.Outcome.BROKEN)


@dataclass(frozen=True)
class Turn:
    role: str
    text: str
    last: bool


@dataclass(frozen=True)
class Side:
    """A response in its place; `place` counts from 1 in the order shown."""

    letter: str
    text: str
    place: int

    @property
    def key(self) -> str:
        return self.letter.lower()


@dataclass(frozen=True)
class Shown:
    """One item as one person sees it. `given` is the answer that stands, in shown order; `extra` what its way adds."""

    token: str
    template: str
    turns: list[Turn]
    sides: list[Side]
    idle_after_seconds: int
    active_ms: int = 0
    draft: dict = field(default_factory=dict)
    outcome: str = ""
    given: dict = field(default_factory=dict)
    comment: str = ""
    extra: dict = field(default_factory=dict)
    task: Task | None = None


@dataclass(frozen=True)
class Progress:
    """The sitting so far, in the order of judging: `done` or `aside` each."""

    marks: list[str]
    active_ms: int

    @property
    def done(self) -> int:
        return len(self.marks)


def shown_of(lease: Assignment, settings, judgment: Judgment | None = None) -> Shown:
    """The item of a lease whose item and prompt are loaded, under the task's settings. One query."""
    way = interface(lease.item.interface)
    texts = dict(ItemCompletion.objects.filter(item=lease.item_id).values_list("index", "completion__text"))
    messages = lease.item.prompt.messages
    sides = [
        Side(letter, texts[index], place)
        for place, (letter, index) in enumerate(zip(LETTERS, lease.shown_order, strict=False), start=1)
    ]
    turns = [
        Turn(str(message["role"]), str(message["content"]), number == len(messages))
        for number, message in enumerate(messages, start=1)
    ]
    words = sum(len(part.text.split()) for part in (*turns, *sides))
    answer = {}
    if judgment:
        answer = {
            "outcome": judgment.outcome,
            "given": given_of(judgment),
            "comment": judgment.comment,
        }
    facts = Facts(
        lease.shown_order,
        lambda: [texts[index] for index in sorted(texts)],
        messages,
        category=lease.item.prompt.category,
    )
    return Shown(
        token=str(lease.token),
        template=way.TEMPLATE,
        turns=turns,
        sides=sides,
        idle_after_seconds=idle_after_seconds(words),
        active_ms=lease.active_ms,
        draft=lease.draft,
        extra=way.bench(facts, settings) if hasattr(way, "bench") else {},
        **answer,
    )


def given_of(judgment: Judgment) -> dict:
    """The answer as it was given, in shown order; empty where there is none."""
    if judgment.outcome != Judgment.Outcome.ANSWER:
        return {}
    return {"scale": judgment.scale, **judgment.shown_value}


def answered(project: Project, *, user, token) -> Shown | None:
    """An item that this person answered in an open sitting, with the answer that stands."""
    judgment = (
        Judgment.objects.filter(
            assignment__token=token,
            rater__user=user,
            item__project=project,
            sitting__ended_at=None,
            withdrawn=False,
        )
        .select_related("assignment__item__prompt", "sitting__task")
        .first()
    )
    if judgment is None:
        return None
    shown = shown_of(judgment.assignment, settings_of(judgment.sitting), judgment)
    return replace(shown, task=judgment.sitting.task)


def settings_of(sitting: Sitting):
    """The settings that the sitting's items are judged under."""
    task = sitting.task or Task()
    return interface(task.interface).settings(task.settings)


def progress_of(sitting: Sitting) -> Progress:
    """One query, whatever the length of the sitting."""
    given = standing(sitting).order_by("judged_at", "pk").values_list("outcome", "active_ms")
    marks = ["aside" if outcome in PUT_ASIDE else "done" for outcome, _ in given]
    return Progress(marks, sum(ms or 0 for _, ms in given))


def standing(sitting: Sitting):
    return Judgment.objects.filter(sitting=sitting, withdrawn=False)


def guide_of(project: Project) -> Instruction | None:
    return project.instructions.order_by("-number").first()


@dataclass(frozen=True)
class Said:
    """One answer as it reads in a list."""

    token: str
    topic: str
    words: str
    side: str
    comment: str
    judgment: Judgment


def answers_of(sitting: Sitting, *, limit: int = 500) -> list[Said]:
    """The answers that stand in the sitting, newest first. One query."""
    rows = standing(sitting).select_related("assignment", "item__prompt").order_by("-judged_at", "-pk")
    return [said(judgment) for judgment in rows[:limit]]


def said(judgment: Judgment) -> Said:
    """A judgment with its assignment and prompt loaded, in words."""
    way, given = interface(judgment.item.interface), given_of(judgment)
    return Said(
        token=str(judgment.assignment.token) if judgment.assignment else "",
        topic=topic(judgment.item.prompt.messages),
        words=way.sentence(judgment.outcome, given),
        side=way.side(given),
        comment=judgment.comment,
        judgment=judgment,
    )


def topic(messages: list[dict], length: int = 60) -> str:
    """The first words of the last user turn."""
    asked = next((str(turn["content"]) for turn in reversed(messages) if turn["role"] == "user"), "")
    line = " ".join(asked.split())
    return line if len(line) <= length else line[:length].rsplit(" ", 1)[0] + " …"


@dataclass(frozen=True)
class Spread:
    """The middle of some durations in seconds: median and the middle half. None below four."""

    median: float
    low: float
    high: float


def spread(seconds: list[float]) -> Spread | None:
    if len(seconds) < 4:
        return None
    low, median, high = quantiles(seconds, n=4, method="inclusive")
    return Spread(median, low, high)


@dataclass(frozen=True)
class Summary:
    """The figures at the end of a sitting."""

    answered: int
    both_bad: int
    skipped: int
    flagged: int
    surplus: int
    left: int
    decisive: int
    active_ms: int
    per_pair: Spread | None


def summary_of(sitting: Sitting) -> Summary:
    """One query."""
    rows = list(standing(sitting))
    count = {outcome: sum(row.outcome == outcome for row in rows) for outcome in Judgment.Outcome.values}
    decisive = [row for row in rows if row.strength]
    # The left side was preferred when its true index is the preferred one.
    left = sum(row.shown_order[0] == row.value.get("preferred") for row in decisive)
    return Summary(
        answered=count["answer"],
        both_bad=count["both_bad"],
        skipped=count["skip"],
        flagged=count["broken"],
        surplus=sum(row.surplus for row in rows),
        left=left,
        decisive=len(decisive),
        active_ms=sum(row.active_ms or 0 for row in rows),
        per_pair=spread([row.active_ms / 1000 for row in rows if row.active_ms and row.outcome not in PUT_ASIDE]),
    )
