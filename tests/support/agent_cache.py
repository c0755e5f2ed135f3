"""An AgentCache service on loopback: remembers what it is told, and breaks on request."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "ac_test_3f9c1d"


class Service:
    """The service's memory, what reached it, and how it breaks."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.asked: list[tuple[str, dict, dict[str, str]]] = []
        self.fault: str | None = None  # status, hang, drip, huge, garbage, list, moved, other
        self.faults_left = 10**6
        self.url = ""

    def answer(self, path: str, payload: dict) -> tuple[int, bytes]:
        """Status and body of a whole answer."""
        name = json.dumps([payload[part] for part in ("provider", "model", "messages")])
        if path == "/api/cache/set":
            self.known[name] = payload["response"]
            return 200, b'{"success": true}'
        if name in self.known:
            return 200, json.dumps({"hit": True, "response": self.known[name]}).encode()
        return 200, b'{"hit": false}'


class _Server(ThreadingHTTPServer):
    """Serves one service."""

    service: Service


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        service = self.server.service
        payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        service.asked.append((self.path, payload, dict(self.headers)))
        if service.fault and service.faults_left > 0:
            service.faults_left -= 1
            self._break(service.fault)
        elif self.headers.get("Authorization") != f"Bearer {KEY}":
            self._send(401, b'{"error": "invalid key"}')
        else:
            self._send(*service.answer(self.path, payload))

    def _break(self, fault: str) -> None:
        if fault == "hang":
            time.sleep(1.0)
        elif fault == "drip":
            self._send(200, b" " * 10, pause_s=0.1)
        elif fault == "moved":
            self._send(307, b"", Location="/elsewhere")
        elif fault.isdigit():
            self._send(int(fault), b'{"error": "broken"}')
        else:
            bodies = {"garbage": b"<html>", "list": b"[]", "huge": b" " * 2_000_000}
            self._send(200, bodies[fault])

    def _send(self, status: int, body: bytes, *, pause_s: float = 0.0, **headers: str) -> None:
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        parts = [body[k : k + 1] for k in range(len(body))] if pause_s else [body]
        with contextlib.suppress(OSError):
            for part in parts:
                self.wfile.write(part)
                time.sleep(pause_s)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def agent_cache() -> Iterator[Service]:
    """Serve until the block ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    service = server.service = Service()
    service.url = f"http://127.0.0.1:{server.server_port}/api"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
