"""Asks an endpoint for answers: whole or in pieces, again after what may pass, never longer than was said."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from annotation.endpoints.errors import EndpointFailed, Failure
from annotation.endpoints.protocol import Piece, Reply, events, request_body, whole
from annotation.endpoints.transport import Wire, patient, without

TRIES = 3
WHOLE_TIMES = 10  # a whole answer may take so many times the longest silence


@dataclass(frozen=True)
class Facts:
    """An endpoint as a client needs it. `allowed` are the hosts that the operator names."""

    base_url: str
    model: str
    key: str = ""
    timeout_seconds: float = 60.0
    allowed: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Facts({self.base_url!r}, {self.model!r})"  # the key is in no traceback


class Client:
    """For several requests, from several threads. Close it, or use it in a `with`.

    `cancelled()` is asked between pieces; `sleep(seconds)` is how it waits before it tries again.
    """

    def __init__(
        self,
        facts: Facts,
        *,
        cancelled: Callable[[], bool] = lambda: False,
        sleep: Callable[[float], object] = time.sleep,
        tries: int = TRIES,
    ):
        self.facts, self.cancelled, self.sleep, self.tries = facts, cancelled, sleep, tries
        self.limit_name = "max_tokens"
        self.wire = Wire(facts.base_url, key=facts.key, allowed=facts.allowed, silence_seconds=facts.timeout_seconds)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_exception) -> None:
        self.wire.close()

    def chat(self, messages: list[dict], *, on_piece: Callable[[str], object] | None = None, **asked) -> Reply:
        """The answer to `messages`. Asked may be: max_tokens, temperature, top_p, seed, stop, logprobs, top_logprobs.

        With `on_piece` it is streamed and each piece of text handed on; it is tried again only while none was.
        Raises EndpointFailed.
        """
        started = time.monotonic()
        reply = Reply()

        def once() -> None:
            for piece in self.stream(messages, **asked) if on_piece else self._whole(messages, **asked):
                _take(reply, piece, started)
                if on_piece and piece.text:
                    on_piece(piece.text)

        def careful() -> None:
            try:
                once()
            except EndpointFailed as failed:
                failed.again = not reply.text and (failed.again or self._renamed(failed))
                raise

        patient(careful, tries=self.tries, sleep=self._pause)
        reply.seconds = time.monotonic() - started
        return reply

    def stream(self, messages: list[dict], **asked) -> Iterator[Piece]:
        """Pieces as they come, without a second try."""
        try:
            with self._posted(messages, stream=True, **asked) as chunks:
                for piece in events(chunks):
                    if self.cancelled():
                        raise EndpointFailed(Failure.CANCELLED, "Cancelled.")
                    yield piece
        except EndpointFailed as failed:
            failed.args = (without(str(failed), self.facts.key),)  # a server may quote it in the middle of a stream
            raise

    def _whole(self, messages: list[dict], **asked) -> Sequence[Piece]:
        with self._posted(messages, **asked) as chunks:
            return [whole(b"".join(chunks))]

    def _posted(self, messages: list[dict], **asked):
        if self.cancelled():
            raise EndpointFailed(Failure.CANCELLED, "Cancelled.")
        until = time.monotonic() + WHOLE_TIMES * self.facts.timeout_seconds
        body = request_body(self.facts.model, messages, limit_name=self.limit_name, **asked)
        return self.wire.post(body, until=until)

    def _renamed(self, failed: EndpointFailed) -> bool:
        """Some models take the limit under its newer name alone, and say so."""
        if failed.kind != Failure.REQUEST or "max_completion_tokens" not in str(failed):
            return False
        before, self.limit_name = self.limit_name, "max_completion_tokens"
        return before != self.limit_name

    def _pause(self, seconds: float) -> None:
        self.sleep(seconds)
        if self.cancelled():
            raise EndpointFailed(Failure.CANCELLED, "Cancelled.")


def _take(reply: Reply, piece: Piece, started: float) -> None:
    if piece.text and not reply.text:
        reply.first_seconds = time.monotonic() - started
    reply.text += piece.text
    reply.tokens.extend(piece.tokens)
    reply.finish = piece.finish or reply.finish
