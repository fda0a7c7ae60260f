"""An item as exporters see it: prompt, completions in true order, and everything that was said of it. Pure."""

from dataclasses import dataclass, field

from annotation.interfaces.answers import SKIP_REASONS


@dataclass(frozen=True)
class Voice:
    """One judgment. `strength` counts from the first completion; `value` is the whole answer in true order."""

    id: int
    rater: str
    kind: str
    outcome: str
    scale: int | None = None
    strength: int | None = None
    value: dict = field(default_factory=dict)
    shown: tuple[int, ...] = ()
    reason: str = ""
    comment: str = ""
    active_ms: int | None = None
    at: str = ""

    @property
    def why(self) -> str:
        """The comment, with the reason in words before it."""
        return ". ".join(part for part in (SKIP_REASONS.get(self.reason, self.reason), self.comment) if part)


@dataclass(frozen=True)
class Exported:
    id: int
    interface: str
    messages: list[dict]
    texts: list[str]
    sources: list[str]
    category: str = ""
    tags: tuple[str, ...] = ()
    reference: str = ""
    voices: tuple[Voice, ...] = ()


def asked(messages: list[dict]) -> str:
    """The prompt as one text: the user's words alone, or a transcript where there is more."""
    if len(messages) == 1:
        return messages[0]["content"]
    return "\n\n".join(f"{turn['role'].capitalize()}: {turn['content']}" for turn in messages)
