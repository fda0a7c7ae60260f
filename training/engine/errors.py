"""Trouble that people can mend: it ends a run with a `failed` event of this kind, and says what to do.

Anything else that is raised is a bug.
"""

from typing import Any

KINDS = ("spec", "data", "model", "memory", "disk", "not_a_number", "reward", "bug")


class EngineError(Exception):
    def __init__(self, kind: str, message: str, problems: list[dict[str, Any]] | None = None):
        if kind not in KINDS:
            raise ValueError(f"{kind} is not a kind of failure")
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.problems = problems or []


class Superseded(Exception):
    """Another attempt may write now: leave at once, and write nothing."""
