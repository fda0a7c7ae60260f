"""Whether anybody works on a queue of work. The app that knows workers tells, so that this one never hears of them."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Silence:
    """Nobody works on the queue: since when, and what to do about it."""

    title: str
    text: str
    command: str = ""


_look: list[Callable[[str], Silence | None]] = []


def register(look: Callable[[str], Silence | None]) -> None:
    """`look(queue)` says what is wrong with the queue, None if somebody works on it."""
    _look.append(look)


def silence_of(queue: str) -> Silence | None:
    """The first thing that anybody knows to be wrong with the queue."""
    return next((found for look in _look if (found := look(queue))), None)
