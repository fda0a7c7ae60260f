"""What every kind of job says of itself, and the tools with which it does so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from annotation.judging.asking import Ask, Ended, Reply
from annotation.models import FeedbackJob, FeedbackRow


@dataclass(frozen=True)
class Bound:
    """A script with what it is about: what comes next after these steps, and how an answer is kept as a step."""

    next: Callable[[Sequence[dict]], Ask | Ended]
    step: Callable[[Sequence[dict], Reply], dict]


class Kind(Protocol):
    """`bind` reads what the rows need, in a few queries whatever their number. `settle` makes of ended rows what
    stays (judgments, completions), in the transaction that ends them. `finish` runs when no row waits; True says that
    it made more of them."""

    def bind(self, job: FeedbackJob, rows: Sequence[FeedbackRow]) -> Mapping[int, Bound]: ...
    def settle(self, job: FeedbackJob, rows: Sequence[FeedbackRow]) -> None: ...
    def finish(self, job: FeedbackJob) -> bool: ...
