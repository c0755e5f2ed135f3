"""Encrypted connections to checked addresses that end at a deadline, however slowly bytes drip."""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.errors import TransientError

# Longest silence of a server, seconds.
_SILENCE_S = 30.0
# What OpenSSL says, by its versions, when the answer to its greeting is no TLS.
_NO_TLS = ("wrong version number", "record layer failure", "unknown protocol", "http request")


@dataclass(frozen=True)
class Allowance:
    """How much may come, and until when.

    Attributes:
        end_s: In seconds of the monotonic clock.
        told_s: The same as people gave it, seconds.
    """

    max_bytes: int
    end_s: float
    told_s: float

    def left_s(self) -> float:
        """Seconds until the end.

        Raises:
            TransientError: None.
        """
        left = self.end_s - time.monotonic()
        if left <= 0:
            raise self.over()
        return left

    def over(self) -> TransientError:
        """What to say when time is up."""
        return TransientError(f"the song took longer than {self.told_s:g} s to come")


@contextlib.contextmanager
def connected(
    addresses: tuple[str, ...], port: int, *, name: str, trusted: ssl.SSLContext, limits: Allowance
) -> Iterator[ssl.SSLSocket]:
    """An encrypted connection to a server that proved its name.

    Args:
        addresses: Checked ones, in the order in which they are tried; nothing is looked up.
        port: Of the server.
        name: What its certificate must be for.
        trusted: Whose certificates count.
        limits: When the connection is cut.

    Raises:
        TransientError: No answer, or the deadline has passed.
    """
    with _plain(addresses, port, limits) as link:
        # A stream that ends without a good-bye was cut off, by a fault or by somebody.
        secure = trusted.wrap_socket(
            link, server_hostname=name, do_handshake_on_connect=False, suppress_ragged_eofs=False
        )
        with secure, _cut_at_the_end(secure, limits):
            secure.do_handshake()
            yield secure


def speaks_no_tls(error: Exception) -> bool:
    """Whether the other side answered a greeting in TLS with something else, such as plain http."""
    return any(word in str(error).lower().replace("_", " ") for word in _NO_TLS)


@contextlib.contextmanager
def _plain(addresses: tuple[str, ...], port: int, limits: Allowance) -> Iterator[socket.socket]:
    """A connection to the first of some checked addresses that answers."""
    fault: OSError | None = None
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        link = socket.socket(family, socket.SOCK_STREAM)
        with link:
            link.settimeout(min(_SILENCE_S, limits.left_s()))
            try:
                link.connect((address, port))
            except OSError as error:
                fault = error
                continue
            link.settimeout(_SILENCE_S)
            yield link
            return
    why = (fault and fault.strerror) or "no answer"
    raise TransientError(
        f"no connection ({why}); this machine must reach the net itself: proxies are not used"
    ) from fault


@contextlib.contextmanager
def _cut_at_the_end(link: socket.socket, limits: Allowance) -> Iterator[None]:
    """Shut a connection at the deadline; whatever fails after that failed for it."""
    late = threading.Event()

    def cut() -> None:
        late.set()
        with contextlib.suppress(OSError):
            # Not the method of the TLS socket, which would go on in plain text.
            socket.socket.shutdown(link, socket.SHUT_RDWR)

    timer = threading.Timer(limits.left_s(), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        if late.is_set():
            raise limits.over() from error
        raise
    finally:
        timer.cancel()
