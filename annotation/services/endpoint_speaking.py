"""Endpoints that answer what feedback jobs ask, several questions at a time."""

import math
import queue
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from annotation.endpoints import Client, EndpointFailed, Token
from annotation.endpoints.errors import LASTING
from annotation.judging.asking import Ask, Reply, SpeakerFailed
from annotation.judging.sampling import again
from annotation.models import Endpoint, Source
from annotation.services.endpoints import client_of

TOP = 20  # the most that the protocol gives
TICK_SECONDS = 1.0
NO_LOGPROBS = "The endpoint gives no log-probabilities. Make a judge that reads a written verdict or rating."
NOT_AMONG = "None of {options} is among the likeliest first tokens of the answer."


class EndpointSpeaker:
    """The chat completions protocol. Log-probabilities of options are read off the first token of an answer."""

    def __init__(self, client_with, parallel: int, sampling: dict):
        self.client_with, self.parallel, self.sampling = client_with, parallel, sampling

    @classmethod
    def of(cls, source: Source, sampling: dict) -> "EndpointSpeaker":
        """For the endpoint behind a source. Raises SpeakerFailed if it is retired or there is none."""
        endpoint = Endpoint.objects.filter(source=source).first()
        if endpoint is None or endpoint.retired_at is not None:
            raise SpeakerFailed(f"{source.name} is retired, or no endpoint: nobody asks it any more.")
        return cls(lambda **options: client_of(endpoint, **options), endpoint.parallel, sampling)

    def answers(self, asks: Mapping[int, Ask]) -> Iterator[list[tuple[int, Reply]]]:
        """As they come; an empty list each second without one. Raises SpeakerFailed for what every row would meet."""
        stopped, answered = threading.Event(), queue.SimpleQueue()
        try:
            client = self.client_with(cancelled=stopped.is_set)
        except EndpointFailed as failed:
            raise SpeakerFailed(str(failed)) from failed
        with client, ThreadPoolExecutor(self.parallel, thread_name_prefix="endpoint") as pool:
            try:
                for key, ask in asks.items():
                    pool.submit(lambda key=key, ask=ask: answered.put((key, *self._answer(client, ask))))
                left = len(asks)
                while left:
                    try:
                        key, reply, failed = answered.get(timeout=TICK_SECONDS)
                    except queue.Empty:
                        yield []
                        continue
                    if failed is not None:
                        raise SpeakerFailed(str(failed))
                    left -= 1
                    yield [(key, reply)]
            finally:
                stopped.set()
                pool.shutdown(wait=False, cancel_futures=True)

    def _answer(self, client: Client, ask: Ask) -> tuple[Reply, Exception | None]:
        """The reply, or the failure that ends everything. Never raises: nobody would hear it in a thread."""
        try:
            return (self._chosen(client, ask) if ask.options else self._said(client, ask)), None
        except EndpointFailed as failed:
            return Reply(refused=str(failed)), failed if failed.kind in LASTING else None
        except Exception as bug:  # handed to the thread that waits, which raises
            return Reply(refused="The site made a mistake."), bug

    def _said(self, client: Client, ask: Ask) -> Reply:
        sampling = again(self.sampling, ask.attempt)
        reply = client.chat(
            ask.messages,
            max_tokens=sampling["max_new_tokens"],
            temperature=sampling["temperature"],
            seed=sampling["seed"],
        )
        return Reply(text=reply.text.replace("\x00", "\N{REPLACEMENT CHARACTER}"), truncated=reply.truncated)

    def _chosen(self, client: Client, ask: Ask) -> Reply:
        reply = client.chat(ask.messages, max_tokens=1, temperature=0, logprobs=True, top_logprobs=TOP)
        if not reply.tokens:
            return Reply(refused=NO_LOGPROBS)
        found = options_among(reply.tokens[0], ask.options)
        return Reply(logprobs=found) if found else Reply(refused=NOT_AMONG.format(options=", ".join(ask.options)))


def options_among(first: Token, options: tuple[str, ...]) -> dict[str, float]:
    """Log-probability of each option as the first token of an answer.

    Spellings that differ in space around them count together (" A" and "A"). What is not among the likeliest is at
    most as likely as the least of those; that is taken for it, so that no option gets a probability of nothing. Empty
    where none is among them.
    """
    seen = dict(first.top) or {first.text: first.logprob}
    found = {option: [value for text, value in seen.items() if text.strip() == option] for option in options}
    if not any(found.values()):
        return {}
    least = min(seen.values())
    return {option: _together(values) if values else least for option, values in found.items()}


def _together(values: list[float]) -> float:
    top = max(values)
    return top + math.log(sum(math.exp(value - top) for value in values))
