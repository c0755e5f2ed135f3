"""One connection through the proxy: requests are followed on their way up, answers pass."""

import contextlib
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Protocol

from support.network_faults import Break, Fault, Held, LostReply, Refusal

_CHUNK = 64 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
_REFUSAL = b"<?xml version='1.0'?><Error><Code>%s</Code><Message>made by the test</Message></Error>"
# Linger for no time: closing sends a reset instead of an orderly end.
_RESET = struct.pack("ii", 1, 0)


class Rules(Protocol):
    """Who knows what is to go wrong."""

    def announce(self, request: bytes) -> Fault | None:
        """The fault that a request meets, by its first line."""

    def pass_on(self, size: int, *, up: bool) -> Break | None:
        """The break that so many bytes meet, after as long as they take."""


class Line:
    """One connection of a client, and ours to the server for it."""

    def __init__(self, proxy: Rules, client: socket.socket, server: socket.socket) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._losing = False

    def start(self) -> None:
        for work in (self._carry_up, self._carry_down):
            threading.Thread(target=self._until_lost, args=(work,), daemon=True).start()

    def reset(self) -> None:
        for side in (self._client, self._server):
            reset(side)

    def end(self) -> None:
        for side in (self._client, self._server):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def _until_lost(self, work: Callable[[], None]) -> None:
        with contextlib.suppress(OSError):
            work()
        self.end()

    def _carry_up(self) -> None:
        """Requests, one after another."""
        held = b""
        while True:
            while b"\r\n\r\n" not in held:
                if not (more := self._client.recv(_CHUNK)):
                    return
                held += more
            head, _, rest = held.partition(b"\r\n\r\n")
            found = _LENGTH.search(head)
            left = int(found[1]) if found else 0
            fault = self._proxy.announce(head.split(b"\r\n", 1)[0])
            self._losing = isinstance(fault, LostReply)
            for number, chunk in enumerate(self._request(head + b"\r\n\r\n", rest[:left], left)):
                stays = isinstance(fault, Refusal) or (isinstance(fault, Held) and number > 0)
                if not stays and not self._forward(chunk):
                    return
            if isinstance(fault, Refusal):
                self._refuse(fault)
                return
            while isinstance(fault, Held) and self._client.recv(_CHUNK):
                continue
            held = rest[left:]

    def _request(self, head: bytes, begun: bytes, length: int) -> Iterator[bytes]:
        """A request's bytes as they come."""
        yield head
        if begun:
            yield begun
        left = length - len(begun)
        while left:
            chunk = self._client.recv(min(_CHUNK, left))
            if not chunk:
                raise ConnectionAbortedError("the client left")
            left -= len(chunk)
            yield chunk

    def _forward(self, chunk: bytes) -> bool:
        """Pass a chunk to the server; whether the connection still stands."""
        if self._proxy.pass_on(len(chunk), up=True):
            self.reset()
            return False
        self._server.sendall(chunk)
        return True

    def _carry_down(self) -> None:
        """Answers, as they come."""
        while chunk := self._server.recv(_CHUNK):
            if self._losing:
                self.reset()
                return
            met = self._proxy.pass_on(len(chunk), up=False)
            if met is None:
                self._client.sendall(chunk)
                continue
            # Some of what was said still arrives.
            self._client.sendall(chunk[: len(chunk) // 2])
            if not met.orderly:
                self.reset()
            return

    def _refuse(self, fault: Refusal) -> None:
        body = _REFUSAL % fault.code.encode()
        head = f"HTTP/1.1 {fault.status} Refused\r\nContent-Type: application/xml\r\n"
        head += f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        self._client.sendall(head.encode() + body)


def reset(side: socket.socket) -> None:
    """Close a connection as if its other end had vanished."""
    with contextlib.suppress(OSError):
        side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        # Wakes who reads from it; closing alone would not.
        side.shutdown(socket.SHUT_RD)
        side.close()
