"""What may go wrong with an endpoint, in words that people read and kinds that programs do."""

from enum import StrEnum


class Failure(StrEnum):
    ADDRESS = "address"  # it may not be called, or is no address
    KEY = "key"  # the worker has no key of that name, or the endpoint refuses it
    UNREACHABLE = "unreachable"  # nobody answers there
    SILENT = "silent"  # somebody does, and then says nothing
    BROKEN = "broken"  # the answer ended in the middle, or is not one
    BUSY = "busy"  # too many requests, or an error of its own
    REQUEST = "request"  # it does not take this request
    CANCELLED = "cancelled"


# What another row, or the same a moment later, would meet again.
LASTING = frozenset({Failure.ADDRESS, Failure.KEY, Failure.UNREACHABLE})


class EndpointFailed(Exception):
    """The endpoint gave no answer. The text holds neither keys nor what the endpoint said at length."""

    def __init__(self, kind: Failure, message: str, *, again: bool = False, wait_seconds: float | None = None):
        super().__init__(message)
        self.kind, self.again, self.wait_seconds = kind, again, wait_seconds
