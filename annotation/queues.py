"""Kinds of queues: what a queue is called, what its judgments count as, and where its sittings lead. Pure.

`label` and `task:<key>` are the project's own tasks. Other apps register theirs (`compare:<id>`) when they are ready,
so that this one never hears of them.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class QueueKind:
    """`title(queue)` names it without giving the sources away; `after(project, queue)` is a link that the page at
    the end of a sitting offers, (address, words), where what was blind is revealed. `blind(queue, user)` says whether
    that person's answers there are blind; without it all are."""

    prefix: str
    origin: str
    title: Callable[[str], str]
    after: Callable | None = None
    reveals: bool = False
    blind: Callable | None = None


_KINDS: dict[str, QueueKind] = {}


def register(kind: QueueKind) -> None:
    _KINDS[kind.prefix] = kind


def kind_of(queue: str) -> QueueKind | None:
    """The kind of `queue`, None if no app knows such a queue."""
    return _KINDS.get(queue.partition(":")[0])


def title_of(queue: str) -> str:
    """What pages call a queue."""
    kind = kind_of(queue)
    return kind.title(queue) if kind else {"import": "Imported", "capture": "Captured"}.get(queue, queue)


def _task(queue: str) -> str:
    return queue.partition(":")[2].replace("-", " ").capitalize()


register(QueueKind(prefix="label", origin="label", title=lambda _queue: "Pairs"))
register(QueueKind(prefix="task", origin="label", title=_task))
