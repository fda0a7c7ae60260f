"""Long iterables in pieces that one SQL statement can hold. Pure."""

from collections.abc import Iterable, Iterator
from itertools import islice


def chunked(iterable: Iterable, size: int) -> Iterator[list]:
    """Lists of up to `size`, in order."""
    iterator = iter(iterable)
    while piece := list(islice(iterator, size)):
        yield piece
