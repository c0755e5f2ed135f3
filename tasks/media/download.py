"""Fetch a song from the net, without being led anywhere else.

The host's addresses are looked up once, every one must be public, and the connection goes to one
of those: a name that points elsewhere a moment later cannot move it. Redirects are followed by
hand, each checked anew. No proxy, cookie or password of this machine is ever used.
"""

import contextlib
import http.client
import re
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from urllib.parse import unquote, urljoin

from tasks import cancellation
from tasks.errors import BadInputError, NoSpaceError, TransientError
from tasks.media.addresses import WebAddress, is_public, read_address, resolve_host
from tasks.media.connection import Allowance, connected, speaks_no_tls
from tasks.media.file_names import plain_file_name
from tasks.media.whole_file import whole_file

_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_CHUNK_BYTES = 1 << 16
_HEADERS = {
    "accept": "audio/*, */*;q=0.1",
    "accept-encoding": "identity",
    "connection": "close",
    "user-agent": "songfilm",
}


@dataclass(frozen=True)
class Net:
    """How hosts are found and judged; tests bring their own, nothing else does."""

    resolve: Callable[[str, int, float], tuple[str, ...]] = resolve_host
    allowed: Callable[[str], bool] = is_public
    trusted: ssl.SSLContext = field(default_factory=ssl.create_default_context)


def download_song(
    url: str, folder: Path, *, max_bytes: int, deadline_s: float, net: Net | None = None
) -> Path:
    """Fetch a file; what is in it is for the caller to judge.

    Args:
        url: An https address.
        folder: Where the file goes, under the name that address or server give it.
        max_bytes: Most that is taken.
        deadline_s: Longest time for everything, redirects included, seconds.
        net: Other ways to find and judge hosts, for tests.

    Returns:
        The file; on any error nothing is left of it.

    Raises:
        BadInputError: An address that is not allowed, does not exist or holds too much.
        TransientError: The network failed, or it took too long.
    """
    net = net or Net()
    limits = Allowance(max_bytes, time.monotonic() + deadline_s, deadline_s)
    at = read_address(url)
    for _ in range(_MOST_REDIRECTS + 1):
        with _told(at), _asked(at, net, limits) as answer:
            if answer.status not in _REDIRECTS:
                return _kept(answer, at, folder, limits)
            following = answer.getheader("location") or ""
        # Resolved against our own reading of the address, and judged like a first one.
        at = read_address(urljoin(f"https://{at.authority}{at.target}", following))
    raise BadInputError(f"{at.shown} is the end of more than {_MOST_REDIRECTS} redirects")


@contextlib.contextmanager
def _told(at: WebAddress) -> Iterator[None]:
    """Network faults as errors of ours, with the address."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise BadInputError(
            f"{at.shown}: the server does not prove that it is {at.host} "
            f"({error.verify_message}); nothing was fetched"
        ) from error
    except ssl.SSLError as error:
        if not speaks_no_tls(error):
            raise TransientError(f"{at.shown}: TLS failed ({error.reason}); run again") from error
        raise BadInputError(
            f"{at.shown}: port {at.port} of {at.host} does not speak https; correct the address"
        ) from error
    except (http.client.IncompleteRead, ConnectionError, TimeoutError) as error:
        raise TransientError(
            f"{at.shown}: the connection broke ({type(error).__name__}); run again"
        ) from error
    except http.client.HTTPException as error:
        raise BadInputError(
            f"{at.shown}: the server does not answer as a web server should "
            f"({type(error).__name__}); save the song to a file and give its path"
        ) from error
    except NoSpaceError:
        raise
    except TransientError as error:
        raise TransientError(f"{at.shown}: {error}; run again") from error


@contextlib.contextmanager
def _asked(at: WebAddress, net: Net, limits: Allowance) -> Iterator[http.client.HTTPResponse]:
    """The answer of a host whose addresses were checked; cut off at the deadline."""
    addresses = net.resolve(at.host, at.port, limits.left_s())
    refused = next((each for each in addresses if not net.allowed(each)), None)
    if refused is not None:
        which = refused if at.host == refused else f"{at.host} is {refused}, which"
        raise BadInputError(
            f"{at.shown}: {which} is not an address of the open net; songs are fetched from "
            "public servers only"
        )
    with connected(addresses, at.port, name=at.host, trusted=net.trusted, limits=limits) as link:
        connection = http.client.HTTPConnection(at.host, at.port)
        connection.sock = link
        connection.request("GET", at.target, headers={"host": at.authority, **_HEADERS})
        with contextlib.closing(connection.getresponse()) as answer:
            yield answer


def _kept(
    answer: http.client.HTTPResponse, at: WebAddress, folder: Path, limits: Allowance
) -> Path:
    """The body as a file.

    Raises:
        BadInputError: No file there, compressed, or too large.
        TransientError: The server is busy, or the body was cut off.
    """
    if answer.status == 429 or answer.status >= 500:
        raise TransientError(f"the server answered {answer.status}")
    if answer.status != 200:
        raise BadInputError(
            f"{at.shown}: the server answered {answer.status} "
            f"({http.client.responses.get(answer.status, 'unknown')}); the address must open the "
            "song without signing in"
        )
    packed = answer.getheader("content-encoding", "identity").strip().lower()
    if packed not in ("", "identity"):
        raise BadInputError(
            f"{at.shown}: the server sends {packed[:40]!r} although plain bytes were asked for; "
            "save the song to a file and give its path"
        )
    path = folder / _name(answer.headers, at)
    promised = answer.length
    _refuse_large(promised or 0, at, limits)
    with whole_file(path) as part, part.open("xb") as file:
        size = 0
        while chunk := answer.read(_CHUNK_BYTES):
            cancellation.check()
            size += len(chunk)
            _refuse_large(size, at, limits)
            file.write(chunk)
        limits.left_s()
        if promised is not None and size != promised:
            raise TransientError(f"only {size} of {promised} bytes came")
    return path


def _refuse_large(size: int, at: WebAddress, limits: Allowance) -> None:
    if size > limits.max_bytes:
        raise BadInputError(
            f"{at.shown} holds more than {limits.max_bytes / 1e6:g} MB, the largest song that is "
            "taken (SONGFILM_SONG_MAX_MB)"
        )


def _name(headers: Message, at: WebAddress) -> str:
    """A plain file name: the one that the server gives, else the last of the address."""
    told = headers.get_filename()
    if not told or not Path(told).suffix:
        told = unquote(at.target.partition("?")[0]).rpartition("/")[2] or told or ""
    return plain_file_name(re.split(r"[/\\]", told)[-1])
