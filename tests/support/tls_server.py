"""A web server on loopback behind TLS, with a certificate made on the spot, that misbehaves."""

import contextlib
import datetime as dt
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# The name that the certificate is for; nobody can own it.
HOST = "songs.example"

Reply = Callable[[ssl.SSLSocket], None]


@dataclass
class TlsServer:
    """Answers each path as a test wants, and remembers what was asked.

    Attributes:
        certificate: File of its certificate, to be trusted.
        replies: What to do for a path; the connection is closed after it.
        asked: Whole requests, in order.
    """

    port: int
    certificate: Path
    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def url(self, path: str, host: str = HOST) -> str:
        return f"https://{host}:{self.port}{path}"

    def trust(self) -> ssl.SSLContext:
        """A context that trusts this server and nobody else."""
        return ssl.create_default_context(cafile=str(self.certificate))


@contextlib.contextmanager
def open_tls_server(folder: Path) -> Iterator[TlsServer]:
    """Serve until the end of the block."""
    certificate, key = _made(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(10)
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with contextlib.suppress(OSError):
                link = context.wrap_socket(
                    self.request, server_side=True, suppress_ragged_eofs=True
                )
                with link:
                    asked = b""
                    while not asked.endswith(b"\r\n\r\n"):
                        got = link.recv(4096)
                        if not got:
                            return
                        asked += got
                    live.asked.append(asked.decode("latin-1"))
                    live.replies[live.asked[-1].split(" ")[1].split("?")[0]](link)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        live = TlsServer(server.server_address[1], certificate)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield live
        finally:
            server.shutdown()


def whole(body: bytes, *headers: str, status: str = "200 OK") -> Reply:
    """An honest answer."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]

    def reply(link: ssl.SSLSocket) -> None:
        link.sendall("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body)
        with contextlib.suppress(OSError):
            link.unwrap()

    return reply


def raw(*pieces: bytes, every_s: float = 0.0, polite: bool = False) -> Reply:
    """These bytes and no more; `polite` says good-bye as TLS asks for."""
    paused = threading.Event()

    def reply(link: ssl.SSLSocket) -> None:
        for piece in pieces:
            link.sendall(piece)
            if every_s:
                paused.wait(every_s)
        if polite:
            link.unwrap()
        else:
            socket.socket.shutdown(link, socket.SHUT_RDWR)

    return reply


def _made(folder: Path) -> tuple[Path, Path]:
    """A certificate for HOST that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=12))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths
