"""Which addresses the site may call for somebody: the public ones over HTTPS, and those that the operator names.

The name is resolved here and the connection goes to the address that was looked at, so that a name cannot point
elsewhere a moment later. Addresses of the link (169.254.169.254, where clouds keep credentials, among them) are never
called, whatever anybody names.
"""

import ipaddress
import socket
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from annotation.endpoints.errors import EndpointFailed, Failure

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
METADATA = frozenset(
    ipaddress.ip_address(text) for text in ("169.254.169.254", "100.100.100.200", "192.0.0.192", "fd00:ec2::254")
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")
LONGEST = 500


def problem_of(base_url: str, allowed: Iterable[str] = ()) -> str:
    """What is wrong with an address as it is written, empty if nothing is. Looks no name up."""
    if len(base_url) > LONGEST or any(ord(letter) <= 32 or ord(letter) > 126 for letter in base_url):
        return "Write the address in plain letters without spaces, such as https://api.example.org/v1."
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "This is not an address. It looks like https://api.example.org/v1."
    if parts.scheme not in ("http", "https") or not host or port == 0:
        return "The address must begin with https:// and name a host, such as https://api.example.org/v1."
    if parts.username or parts.password:
        return "Leave user name and password out of the address: a key is read from the worker's environment."
    if parts.query or parts.fragment:
        return "Leave out what follows ? or #: the address is where /chat/completions is added."
    named = is_named(host, port_of(base_url), allowed)
    if parts.scheme == "http" and not named:
        return "Unencrypted http:// is for hosts that the operator names in PLUMBLINE_ENDPOINT_HOSTS. Use https://."
    literal = _literal(host)
    return _refusal(literal, named=named) if literal else ""


def port_of(base_url: str) -> int:
    parts = urlsplit(base_url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def is_named(host: str, port: int, allowed: Iterable[str]) -> bool:
    """Whether the operator names this host, with this port or with any."""
    shown = f"[{host}]" if ":" in host else host
    names = {entry.lower() for entry in allowed}
    return bool(names & {host.lower(), shown.lower(), f"{shown}:{port}".lower()})


def addresses_of(host: str, port: int, allowed: Iterable[str]) -> Iterator[str]:
    """The addresses of a host that may be called, as they are looked up now.

    Raises EndpointFailed if the name is unknown or if any of its addresses may not be called.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        message = f"The name {host} is not known to the worker: it is mistyped, or the worker has no name service."
        raise EndpointFailed(Failure.UNREACHABLE, message) from None
    texts = list(dict.fromkeys(str(row[4][0]) for row in found))
    named = is_named(host, port, allowed)
    for text in texts:
        if refusal := _refusal(ipaddress.ip_address(text.partition("%")[0]), named=named):
            raise EndpointFailed(Failure.ADDRESS, refusal)
    yield from texts


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _refusal(address: Address, *, named: bool) -> str:
    """Why this address is not called, empty if it is."""
    address = _inner(address)
    if address in METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        return "This address belongs to the machine's own link or to nobody in particular; it is never called."
    if named:
        return ""
    if not address.is_global or address.is_reserved:
        return (
            "This address lies in a private network. The operator may name the host in PLUMBLINE_ENDPOINT_HOSTS "
            "if it is meant to be called."
        )
    return ""


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one wraps, which is where a packet would end."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
    if not wrapped and int(address) >> 32 == 0 and int(address) > 1:  # ::a.b.c.d, long out of use
        wrapped = ipaddress.IPv4Address(int(address))
    return wrapped or address
