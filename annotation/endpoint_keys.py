"""Keys of endpoints. They live in the worker's environment alone: no row, page, payload or log ever holds one.

`PLUMBLINE_ENDPOINT_KEY_<NAME>` holds a host and the key that may be sent to it, with a space between:
`PLUMBLINE_ENDPOINT_KEY_MAIN="api.example.org sk-…"`. Whoever adds an endpoint says the name; the key leaves for its
own host only, so that nobody can have it sent to theirs. Pure.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from annotation.endpoints import EndpointFailed, Failure

PREFIX = "PLUMBLINE_ENDPOINT_KEY_"
NAME = re.compile(r"[A-Z][A-Z0-9_]{0,39}")


def key_for(name: str, base_url: str, environment: Mapping[str, str]) -> str:
    """The key of that name, for that address. Raises EndpointFailed, naming the variable and never its value."""
    if not name:
        return ""
    variable = PREFIX + name
    host, _, key = environment.get(variable, "").strip().partition(" ")
    key = key.strip()
    if not host:
        raise EndpointFailed(
            Failure.KEY,
            f"The worker has no variable {variable}. The operator sets it to “host key” and starts it again.",
        )
    if not re.fullmatch(r"[\x21-\x7e]+", key):
        raise EndpointFailed(Failure.KEY, f"{variable} must hold a host, a space and the key, in plain letters.")
    if host.lower() != (urlsplit(base_url).hostname or "").lower():
        raise EndpointFailed(Failure.KEY, f"The key in {variable} is for another host; it is not sent to this one.")
    return key
