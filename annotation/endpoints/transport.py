"""One POST to an endpoint: connections to addresses that were looked at, no redirect, no proxy, limits on everything.

Failures are told in our own words: what a library or a server says may hold the request with its key.
"""

import json
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache

import httpcore2

from annotation.endpoints.addresses import addresses_of
from annotation.endpoints.errors import EndpointFailed, Failure
from annotation.endpoints.protocol import clean

CONNECT_SECONDS = 5.0
MOST_BYTES = 8 * 1024 * 1024
ERROR_BYTES = 16 * 1024
RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


class LookedAt(httpcore2.NetworkBackend):
    """Connects to what `addresses_of` lets through, one address after another."""

    def __init__(self, allowed: Iterable[str]):
        self.allowed, self.plain = tuple(allowed), httpcore2.SyncBackend()

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        failed = None
        for address in addresses_of(host.strip("[]"), port, self.allowed):
            try:
                return self.plain.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore2.ConnectError("no address")


@cache
def trust() -> ssl.SSLContext:
    """Certificates as the machine trusts them (SSL_CERT_FILE and SSL_CERT_DIR are honoured)."""
    return ssl.create_default_context()


class Wire:
    """Where to send to, with which key, and how long silence may last."""

    def __init__(self, base_url: str, *, key: str, allowed: Iterable[str], silence_seconds: float):
        self.url = base_url.rstrip("/") + "/chat/completions"
        self.key, self.silence_seconds, self.closed = key, silence_seconds, False
        self.pool = httpcore2.ConnectionPool(
            ssl_context=trust(),
            max_connections=64,
            keepalive_expiry=30.0,
            network_backend=LookedAt(allowed),
        )

    def close(self) -> None:
        self.closed = True
        self.pool.close()

    @contextmanager
    def post(self, body: dict, *, until: float) -> Iterator[Iterator[bytes]]:
        """The bytes of a good answer as they come. Raises EndpointFailed for every other.

        `until` is when it must be over, by time.monotonic.
        """
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json"}
        headers |= {"Accept-Encoding": "identity", "User-Agent": "plumbline"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        wait = {"connect": CONNECT_SECONDS, "read": self.silence_seconds, "write": CONNECT_SECONDS, "pool": 30.0}
        content = json.dumps(body, ensure_ascii=False).encode()
        with (
            _in_words(self.silence_seconds),
            self.pool.stream("POST", self.url, headers=headers, content=content, extensions={"timeout": wait}) as reply,
        ):
            try:
                if reply.status != 200:
                    raise self._refused(reply)
                yield limited(reply.iter_stream(), until=until)
            finally:
                if self.closed:  # by another thread, while this one was still connecting
                    reply.extensions["network_stream"].close()

    def _refused(self, reply) -> EndpointFailed:
        said = _said(reply, self.key)
        told = f" It says: {said}" if said else ""
        status = reply.status
        if status in (401, 403):
            return EndpointFailed(Failure.KEY, f"The endpoint refuses the key (status {status}).{told}")
        if 300 <= status < 400:
            return EndpointFailed(
                Failure.ADDRESS,
                f"The endpoint sends elsewhere (status {status}); redirects are not followed. "
                "Give the address it really has.",
            )
        if status == 404:
            return EndpointFailed(
                Failure.ADDRESS, f"There is no /chat/completions, or no such model, at this address (404).{told}"
            )
        if status in RETRIED:
            busy = "has too many requests" if status == 429 else f"has an error of its own (status {status})"
            return EndpointFailed(Failure.BUSY, f"The endpoint {busy}.{told}", again=True, wait_seconds=_wait_of(reply))
        return EndpointFailed(Failure.REQUEST, f"The endpoint does not take the request (status {status}).{told}")


def limited(chunks: Iterable[bytes], *, until: float, most: int = MOST_BYTES) -> Iterator[bytes]:
    """The chunks while they are neither too much nor too late."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise EndpointFailed(Failure.BROKEN, f"The answer is longer than {most // 2**20} MiB; it was cut off.")
        if time.monotonic() > until:
            raise EndpointFailed(Failure.SILENT, "The answer took longer than the whole time allowed for one.")
        yield chunk


@contextmanager
def _in_words(silence_seconds: float):
    try:
        yield
    except httpcore2.ConnectTimeout:
        message = f"Nobody answers at the address within {CONNECT_SECONDS:g} s."
        raise EndpointFailed(Failure.UNREACHABLE, message, again=True) from None
    except httpcore2.ConnectError:
        message = "Nobody answers at the address: the connection is refused, or its certificate is not trusted."
        raise EndpointFailed(Failure.UNREACHABLE, message, again=True) from None
    except httpcore2.TimeoutException:
        message = f"The endpoint took the request and then said nothing for {silence_seconds:g} s."
        raise EndpointFailed(Failure.SILENT, message, again=True) from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError):
        message = "The connection broke off before the answer was complete."
        raise EndpointFailed(Failure.BROKEN, message, again=True) from None


def _said(reply, key: str) -> str:
    """The first words of an error, without the key and on one line."""
    try:
        read = b"".join(limited(reply.iter_stream(), until=time.monotonic() + CONNECT_SECONDS, most=ERROR_BYTES))
        text = read.decode("utf-8", "replace")
    except (EndpointFailed, httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError):
        return ""
    try:
        row = json.loads(text)
    except ValueError:
        return ""  # a page for people, or nothing
    error = row.get("error", row) if isinstance(row, dict) else ""
    text = error.get("message", "") if isinstance(error, dict) else error
    return without(" ".join(clean(str(text)).split()), key)[:200]


def without(text: str, key: str) -> str:
    """The text without the key, and without what servers leave of one when they quote it."""
    if not key:
        return text
    for part in (key, key[:8], key[-4:]) if len(key) >= 12 else (key,):
        text = text.replace(part, "…")
    return text


def _wait_of(reply) -> float | None:
    headers = {name.lower(): value for name, value in reply.headers}
    try:
        return max(0.0, float(headers.get(b"retry-after", b"")))
    except ValueError:
        return None


def patient(call: Callable, *, tries: int, sleep: Callable[[float], object], longest_seconds: float = 20.0):
    """`call()` again after failures that may pass, with growing pauses; the last failure is raised."""
    for attempt in range(1, tries + 1):
        try:
            return call()
        except EndpointFailed as failed:
            if not failed.again or attempt == tries:
                raise
            pause = failed.wait_seconds if failed.wait_seconds is not None else 0.5 * 2 ** (attempt - 1)
            if pause > longest_seconds:
                raise
            sleep(pause)
    raise AssertionError("tries is at least one")
