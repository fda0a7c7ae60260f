"""The pair on the screen: the lease's prompt and its two answers, in the order drawn for this person."""

from dataclasses import dataclass

from annotation.assignment import idle_after_seconds
from annotation.models import Assignment
from evaluation.models import Comparison
from evaluation.rendering import side_by_side
from evaluation.selectors.contenders import Contender, of_comparison
from evaluation.selectors.reading import scores_of


@dataclass(frozen=True)
class Sheet:
    """One answer. `contender` and `scores` are None and empty while the vote is blind."""

    letter: str
    html: str
    text: str
    contender: Contender | None
    scores: list[tuple[str, float | None]]

    @property
    def words(self) -> int:
        return len(self.text.split())


@dataclass(frozen=True)
class Bout:
    """What is on the screen; `token` proves the lease."""

    token: str
    messages: list[dict]
    sheets: list[Sheet]
    comment: str
    idle_after_seconds: int
    active_ms: int


def bout_of(comparison: Comparison, lease: Assignment, *, opened: bool) -> Bout:
    entries = list(lease.item.entries.select_related("completion"))
    shown = [entries[index].completion for index in lease.shown_order]
    people, scores = {}, {}
    if opened:
        people = {contender.source: contender for contender in of_comparison(comparison)}
        scores = scores_of(comparison, [completion.pk for completion in shown])
    messages = lease.item.prompt.messages
    words = sum(len(text.split()) for text in (*(turn["content"] for turn in messages), *(one.text for one in shown)))
    htmls = side_by_side([one.text for one in shown])
    return Bout(
        token=str(lease.token),
        messages=messages,
        sheets=[
            Sheet(letter, html, one.text, people.get(one.source_id), scores.get(one.pk, []))
            for letter, html, one in zip("ab", htmls, shown, strict=True)
        ],
        comment=lease.draft.get("comment", ""),
        idle_after_seconds=idle_after_seconds(words),
        active_ms=lease.active_ms,
    )
