"""The chat completions protocol: what is asked, and what comes back, whole or as server-sent events.

Nothing that arrives is trusted to have the shape it should have.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from annotation.endpoints.errors import EndpointFailed, Failure

LONGEST_LINE = 1024 * 1024


@dataclass(frozen=True)
class Token:
    """A token of the answer, its log-probability, and the likeliest tokens in its place."""

    text: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Piece:
    """What came in one go."""

    text: str = ""
    tokens: tuple[Token, ...] = ()
    finish: str = ""


@dataclass
class Reply:
    """A whole answer. `first_seconds` is how long the first piece took; `truncated` that a limit ended it."""

    text: str = ""
    finish: str = ""
    tokens: list[Token] = field(default_factory=list)
    first_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def truncated(self) -> bool:
        return self.finish == "length"


def request_body(model: str, messages: list[dict], *, limit_name: str = "max_tokens", **asked) -> dict[str, Any]:
    """The body of a request; what is None is left out and so the endpoint's own default."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": turn["role"], "content": turn["content"]} for turn in messages],
    }
    asked = {limit_name if name == "max_tokens" else name: value for name, value in asked.items()}
    return body | {name: value for name, value in asked.items() if value is not None}


def whole(data: bytes) -> Piece:
    """The answer of a request that was not streamed."""
    piece = _piece(_object(data), "message")
    if piece is None:
        raise _broken("The endpoint's answer holds no choice.")
    return piece


def events(chunks: Iterable[bytes]) -> Iterator[Piece]:
    """The pieces of a stream. Raises EndpointFailed if it ends without having said so."""
    ended = False
    for data in _data(chunks):
        if data == b"[DONE]":
            return
        row = _object(data)
        if error := row.get("error"):
            said = error.get("message", "") if isinstance(error, dict) else error
            raise EndpointFailed(Failure.BUSY, f"The endpoint broke the answer off. It says: {clean(str(said))[:200]}")
        piece = _piece(row, "delta")
        if piece is not None:
            ended = ended or bool(piece.finish)
            yield piece
    if not ended:
        raise EndpointFailed(Failure.BROKEN, "The connection broke off before the answer was complete.", again=True)


def _data(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The data of each event. One line each is all that this protocol has."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).replace(b"\r\n", b"\n").split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise _broken("The endpoint sends something that is not a stream of events.")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()
    if rest.startswith(b"data:"):
        yield rest[5:].strip()


def _object(data: bytes) -> dict:
    try:
        row = json.loads(data)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise _broken("The endpoint's answer is not of the chat completions protocol.")
    return row


def _piece(row: dict, part: str) -> Piece | None:
    choices = row.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return None
    choice = choices[0]
    said = choice.get(part)
    text = said.get("content") if isinstance(said, dict) else None
    if text is not None and not isinstance(text, str):
        raise _broken("The endpoint answers with something that is not text.")
    return Piece(clean(text or ""), _tokens(choice.get("logprobs")), str(choice.get("finish_reason") or ""))


def clean(text: str) -> str:
    """Text as files and databases can hold it: no NUL, no half of a character."""
    return (
        text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
    )


def _tokens(given: Any) -> tuple[Token, ...]:
    rows = given.get("content") if isinstance(given, dict) else None
    found = []
    for row in rows if isinstance(rows, list) else ():
        if one := _likely(row):
            top = row.get("top_logprobs")
            others = tuple(filter(None, map(_likely, top))) if isinstance(top, list) else ()
            found.append(Token(*one, others))
    return tuple(found)


def _likely(row: Any) -> tuple[str, float] | None:
    if not isinstance(row, dict) or not isinstance(row.get("token"), str):
        return None
    value = row.get("logprob")
    return (clean(row["token"]), float(value)) if isinstance(value, int | float) else None


def _broken(message: str) -> EndpointFailed:
    return EndpointFailed(Failure.BROKEN, message)
