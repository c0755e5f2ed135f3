"""A TCP proxy on loopback that does to HTTP what networks and servers do: breaks, cuts, is silent.

Requests are followed (head, then as many bytes as it announces), so that a fault can hit a certain
one; answers pass as they come. Each fault is counted when it strikes: a test that asks for one can
see that it happened.
"""

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator

from support.network_faults import Break, Fault, Held, LostReply, Refusal, RequestFault
from support.proxy_line import Line, reset


class Proxy:
    """A port of loopback that leads to a server, with faults on demand."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target, self._port = target, 0
        self._listener: socket.socket | None = None
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._lines: list[Line] = []
        self._faults: list[Fault] = []
        self._speaking = threading.Event()
        self._speaking.set()
        self.rate: float | None = None
        """Bytes a second of all connections and both directions together; None is no limit."""
        self.requests: list[str] = []
        """First lines of the requests so far."""
        self.carried = {"up": 0, "down": 0}
        """Bytes so far, in each direction."""

    @property
    def endpoint(self) -> str:
        """Where the proxy listens."""
        return f"http://127.0.0.1:{self._port}"

    # Faults ----------------------------------------------------------------------------------

    def break_up(self, after: int, *, times: int = 1) -> Fault:
        """Reset a connection when so many more bytes went to the server, so often."""
        return self._add(Break(times, after=after))

    def break_down(self, after: int, *, times: int = 1, orderly: bool = False) -> Fault:
        """Reset (or end) a connection when so many more bytes came from the server, so often."""
        return self._add(Break(times, after=after, up=False, orderly=orderly))

    def lose_reply(self, request: bytes, *, times: int = 1) -> Fault:
        """Let requests whose first line matches reach the server, and reset before it answers."""
        return self._add(LostReply(times, request=re.compile(request)))

    def refuse(
        self, request: bytes = b"", *, times: int, status: int = 503, code: str = "SlowDown"
    ) -> Fault:
        """Answer requests whose first line matches with an error of S3."""
        return self._add(Refusal(times, request=re.compile(request), status=status, code=code))

    def hold(self, request: bytes, *, times: int = 1) -> Fault:
        """Let only the head of requests whose first line matches reach the server."""
        return self._add(Held(times, request=re.compile(request)))

    def be_silent(self) -> None:
        """From now on take connections and bytes and never say anything."""
        self._speaking.clear()

    def speak(self) -> None:
        """End the silence."""
        self._speaking.set()

    def mend(self) -> None:
        """End all faults."""
        with self._lock:
            self._faults.clear()
        self.rate = None
        self.speak()

    # Up and down -----------------------------------------------------------------------------

    def start(self) -> None:
        """Listen, on the port of last time if there was one."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen(128)
        self._port, self._listener = listener.getsockname()[1], listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def stop(self) -> None:
        """As a server that dies: nobody listens any more, and live connections are reset."""
        listener, self._listener = self._listener, None
        if listener:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            lines, self._lines = self._lines, []
        for line in lines:
            line.reset()

    def go_down(self, seconds: float, *, after: int) -> threading.Thread:
        """Stop when so many bytes went to the server, and start again after some seconds.

        Returns:
            The thread that does so; it ends when the proxy listens again.
        """
        watch = self._add(Break(1, after=after))

        def outage() -> None:
            while not watch.struck and watch in self._faults:
                time.sleep(0.01)
            self.stop()
            time.sleep(seconds)
            self.start()

        thread = threading.Thread(target=outage, daemon=True)
        thread.start()
        return thread

    # What connections ask --------------------------------------------------------------------

    def announce(self, request: bytes) -> Fault | None:
        """Write a request's first line down; the fault that it meets, if any."""
        with self._lock:
            self.requests.append(request.decode("ascii", "replace"))
            for fault in self._faults:
                meets = isinstance(fault, RequestFault) and fault.request.search(request)
                if meets and fault.struck < fault.times:
                    fault.struck += 1
                    return fault
        return None

    def pass_on(self, size: int, *, up: bool) -> Break | None:
        """Wait as long as so many bytes take; the break that they meet, if any."""
        if rate := self.rate:
            with self._turn:
                time.sleep(size / rate)
        self._speaking.wait()
        with self._lock:
            self.carried["up" if up else "down"] += size
            for fault in self._faults:
                if not isinstance(fault, Break) or fault.up != up or fault.struck == fault.times:
                    continue
                fault.passed += size
                if fault.passed > fault.after:
                    fault.passed, fault.struck = 0, fault.struck + 1
                    return fault
        return None

    def _add(self, fault: Fault) -> Fault:
        with self._lock:
            self._faults.append(fault)
        return fault

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._target, timeout=10)
            except OSError:
                reset(client)
                continue
            server.settimeout(None)
            line = Line(self, client, server)
            with self._lock:
                self._lines.append(line)
            line.start()


@contextlib.contextmanager
def open_proxy(target: tuple[str, int]) -> Iterator[Proxy]:
    """A proxy that listens until the end of the block."""
    proxy = Proxy(target)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.mend()
        proxy.stop()
