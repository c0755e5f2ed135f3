"""A mail server and a webhook of a test's own, on loopback, that keep what they are given."""

import base64
import contextlib
import email
import http.server
import json
import queue
import socketserver
import ssl
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from typing import Any


class Mailbox(socketserver.ThreadingTCPServer):
    """Speaks enough SMTP for one sender: EHLO, STARTTLS, AUTH PLAIN, mails."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, *, tls: ssl.SSLContext | None = None, password: str | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.tls, self.password = tls, password
        self.mails: queue.Queue[EmailMessage] = queue.Queue()
        self.refusing = False
        self.encrypted: list[bool] = []

    @property
    def port(self) -> int:
        return self.server_address[1]

    def next(self, timeout_s: float = 10.0) -> EmailMessage:
        """The oldest mail that was not read."""
        return self.mails.get(timeout=timeout_s)


class _Talk(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self._say("220 mailbox")
        secure = False
        while line := self.rfile.readline().decode().strip():
            word, _, rest = line.partition(" ")
            match word.upper():
                case "EHLO":
                    offers = ["mailbox", "AUTH PLAIN"]
                    offers += ["STARTTLS"] if self.server.tls and not secure else []
                    for offer in offers:
                        self._say(f"250-{offer}")
                    self._say("250 8BITMIME")
                case "STARTTLS" if self.server.tls:
                    self._say("220 go on")
                    try:
                        self._wrap(self.server.tls)
                    except OSError:
                        return
                    secure = True
                case "AUTH":
                    _, user, password = base64.b64decode(rest.split()[1]).decode().split("\0")
                    good = password == self.server.password
                    self._say("235 welcome" if good else f"535 {user} may not: {password}")
                case "MAIL" if self.server.refusing:
                    self._say("451 later")
                case "DATA":
                    self._say("354 go on")
                    self._take(secure)
                    self._say("250 kept")
                case "QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("250 fine")

    def _take(self, secure: bool) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.server.encrypted.append(secure)
        self.server.mails.put(email.message_from_bytes(b"".join(lines), policy=default))

    def _wrap(self, context: ssl.SSLContext) -> None:
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class Hook(http.server.ThreadingHTTPServer):
    """Takes webhooks: headers and bodies, and answers what `status` says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Take)
        self.posts: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()
        self.status = 204

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook/secret-path"

    def next(self, timeout_s: float = 10.0) -> tuple[dict[str, str], dict[str, Any]]:
        """The oldest post that was not read: headers in small letters, and the JSON."""
        headers, body = self.posts.get(timeout=timeout_s)
        return headers, json.loads(body)


class _Take(http.server.BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.posts.put(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def open_server(server: Any) -> Iterator[Any]:
    """Serve in a thread of its own until the end of the block."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
