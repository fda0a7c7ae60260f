"""Oracles: tiny cases whose answer is known, run through the engine's own losses (ALGORITHMS.md, the (d) paragraphs).

One file for each name; its ROWS are functions that yield (what, expected, measured, tolerance). `run` gathers them.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from typing import Any

import torch


def names() -> list[str]:
    """Everything that can be verified here."""
    return [info.name for info in pkgutil.iter_modules(__path__) if info.name not in ("population", "tables")]


def run(wanted: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Rows of the wanted oracles (all of them when none is named): expected and measured, and whether they agree."""
    unknown = sorted(set(wanted) - set(names()))
    if unknown:
        raise ValueError(f"no oracle is called {', '.join(unknown)}; known are {', '.join(names())}")
    return [row for name in (wanted or names()) for row in _rows(name)]


def _rows(name: str) -> Iterator[dict[str, Any]]:
    module = importlib.import_module(f"training.engine.oracles.{name}")
    for what, expected, measured, tolerance in module.rows():
        yield {
            "method": name,
            "source": module.SOURCE,
            "oracle": what,
            "expected": _plain(expected),
            "measured": _plain(measured),
            "tolerance": tolerance,
            "passed": _near(expected, measured, tolerance),
        }


def _numbers(value: Any) -> torch.Tensor:
    return torch.as_tensor(value, dtype=torch.float64).detach()


def _plain(value: Any) -> Any:
    return _numbers(value).tolist()


def _near(expected: Any, measured: Any, tolerance: float) -> bool:
    first, second = _numbers(expected), _numbers(measured)
    return first.shape == second.shape and bool(((first - second).abs() <= tolerance).all())
