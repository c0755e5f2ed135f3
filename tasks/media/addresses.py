"""Addresses on the net: what songs may be fetched from, and which machines may be asked.

Source: IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890 and its updates);
RFC 3056 (6to4), RFC 4380 (Teredo), RFC 6052 (NAT64).
"""

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from tasks.errors import BadInputError, TransientError

_LONGEST_URL = 4096
_HTTPS_PORT = 443
# Letters that may not stand in an address; browsers and libraries disagree on what they mean.
_CONTROLS = re.compile(r"[\x00-\x20\x7f\\]")
# Only here do machines of the public IPv6 net live.
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
# In the public ranges by their number, but not public, or another address in disguise: Azure's
# host agent, protocol assignments, 6to4 relays, 6to4, Teredo, ORCHID, documentation.
_NEVER = tuple(
    ipaddress.ip_network(each)
    for each in (
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "2002::/16",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
    )
)


@dataclass(frozen=True)
class WebAddress:
    """A checked https address.

    Attributes:
        host: Name or number, in ASCII.
        target: Path and query, as a request names them.
    """

    host: str
    port: int
    target: str

    @property
    def shown(self) -> str:
        """The address for messages: without its query, which may hold a password."""
        return f"https://{self.authority}{self.target.partition('?')[0]}"

    @property
    def authority(self) -> str:
        """Host, and port if it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _HTTPS_PORT else f"{host}:{self.port}"


def is_address(source: str) -> bool:
    """Whether a text means an address on the net rather than a path or a key."""
    return source.lower().startswith(("https:", "http:")) or "://" in source


def title_of(source: str) -> str:
    """What a song is called by its path, key or address: the last name in it, without ending.

    Args:
        source: A path, a store key or an address; its query is not shown.
    """
    if is_address(source):
        source = unquote(source.partition("?")[0].partition("#")[0])
    return PurePosixPath(source).stem


def read_address(url: str) -> WebAddress:
    """Take an https address apart.

    Raises:
        BadInputError: Not https, with a user or password in it, or no address at all.
    """
    shown = repr(re.sub(r"//[^/]*@", "//…@", re.split(r"[?#]", url)[0])[:200])
    if len(url) > _LONGEST_URL or _CONTROLS.search(url):
        raise BadInputError(
            f"address {shown} is longer than {_LONGEST_URL} letters, or holds blanks or control "
            "characters; copy it again"
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _HTTPS_PORT
        host = host.encode("idna").decode()  # refuses labels that no name service takes
    except (ValueError, UnicodeError) as error:
        raise BadInputError(f"{shown} is not an address that can be read ({error})") from error
    if "@" in parts.netloc:
        raise BadInputError(
            f"the address on {host!r} holds a user name or password; songs are fetched without: "
            "use an address that opens by itself, or save the song to a file"
        )
    if parts.scheme.lower() != "https":
        raise BadInputError(
            f"address {shown}: songs are fetched by https only, so that nobody changes them on "
            "their way; use https://, or save the song to a file and give its path"
        )
    if not host:
        raise BadInputError(f"address {shown} names no host; it begins https://host/")
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return WebAddress(host, port, f"{target}?{query}" if query else target)


def is_public(address: str) -> bool:
    """Whether a numeric address belongs to the open net: no private, local or disguised one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found not in _PUBLIC_V6:
        return False
    special = found.is_multicast or found.is_reserved or found.is_loopback or found.is_link_local
    return found.is_global and not special and not any(found in net for net in _NEVER)


def resolve_host(host: str, port: int, timeout_s: float) -> tuple[str, ...]:
    """Numeric addresses of a host, in the order in which they should be tried.

    Raises:
        BadInputError: There is no such host.
        TransientError: The name service does not answer.
    """
    found: list[str] = []
    faults: list[OSError] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(str(answer[4][0]) for answer in answers)
        except OSError as error:
            faults.append(error)

    # The system's own call cannot be given a time limit.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(timeout_s)
    fault = faults[0] if faults else None
    if fault is not None and fault.errno in (socket.EAI_NONAME, socket.EAI_FAIL):
        raise BadInputError(f"there is no host {host!r}; check the address") from fault
    if fault is not None or not found:
        raise TransientError(f"the address of {host!r} was not found in time; try again") from fault
    return tuple(dict.fromkeys(found))
