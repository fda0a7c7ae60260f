"""Models behind an address that speaks the chat completions protocol. Pure: no Django, no rows.

`Client(Facts(...)).chat(messages, ...)` answers whole, `.stream(...)` piece by piece; both raise EndpointFailed with
words for people. Which addresses may be called at all is the business of `addresses`.
"""

from annotation.endpoints.client import Client, Facts
from annotation.endpoints.errors import EndpointFailed, Failure
from annotation.endpoints.protocol import Piece, Reply, Token

__all__ = ["Client", "EndpointFailed", "Facts", "Failure", "Piece", "Reply", "Token"]
