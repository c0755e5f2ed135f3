"""Songs come from public https servers only, whole, in time and no larger than allowed."""

import dataclasses
import http.server
import ssl
import time
from urllib.parse import quote

import pytest
from support.mailbox import open_server
from support.tls_server import HOST, open_tls_server, raw, whole

from tasks import cancellation
from tasks.errors import BadInputError, RunCancelledError, TransientError
from tasks.media.addresses import title_of
from tasks.media.download import Net, download_song

SONG = bytes(range(256)) * 1200
ENDLESS = b"10000\r\n" + b"\0" * 0x10000 + b"\r\n"
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with open_tls_server(tmp_path_factory.mktemp("tls")) as live:
        yield live


class Names:
    """A name service of the test's own, which counts how often it is asked."""

    def __init__(self, **answers):
        self.answers = {HOST: [("127.0.0.1",)], **answers}
        self.asked = []

    def __call__(self, host, port, timeout_s):
        self.asked.append(host)
        answers = self.answers[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]


class Plain(http.server.BaseHTTPRequestHandler):
    """Speaks http without TLS: a greeting of TLS is a bad request."""

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def names():
    return Names()


@pytest.fixture
def net(server, names):
    server.asked.clear()
    server.replies.clear()
    return Net(resolve=names, allowed=lambda at: at == "127.0.0.1", trusted=server.trust())


@pytest.fixture
def fetch(server, net, tmp_path):
    """Downloads a path of the server; whatever goes wrong, nothing is left."""
    folder = tmp_path / "songs"
    folder.mkdir()

    def get(path="/a/song.mp3", *, most=1_000_000, deadline_s=5.0, net=net, url=None):
        before = set(folder.iterdir())
        try:
            return download_song(
                url or server.url(path), folder, max_bytes=most, deadline_s=deadline_s, net=net
            )
        except Exception:
            assert set(folder.iterdir()) == before
            raise

    return get


def test_song_arrives_whole_under_its_own_name(server, fetch):
    server.replies["/a/my%20song.mp3"] = whole(SONG)
    path = fetch("/a/my%20song.mp3?token=x#part")
    assert path.name == "my song.mp3"
    assert path.read_bytes() == SONG
    asked = server.asked[0].lower()
    assert asked.startswith("get /a/my%20song.mp3?token=x http/1.1")
    assert "accept-encoding: identity" in asked
    assert f"host: {HOST}:{server.port}" in asked
    assert "cookie" not in asked
    assert "authorization" not in asked


def test_body_in_chunks_arrives_whole(server, fetch):
    chunks = b"5\r\nabcde\r\n3\r\nfgh\r\n0\r\n\r\n"
    server.replies["/a/song.mp3"] = raw(OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    assert fetch().read_bytes() == b"abcdefgh"


def test_proxies_of_the_environment_are_not_asked(server, fetch, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.replies["/a/song.mp3"] = whole(SONG)
    assert fetch().read_bytes() == SONG


def test_redirects_are_followed_and_cookies_are_not_kept(server, fetch):
    for step in range(5):
        server.replies[f"/{step}"] = whole(
            b"", f"Location: /{step + 1}", "Set-Cookie: id=1", status="302 Found"
        )
    server.replies["/5"] = whole(SONG, 'Content-Disposition: attachment; filename="far.flac"')
    assert fetch("/0").name == "far.flac"
    assert len(server.asked) == 6
    assert "cookie" not in "".join(server.asked).lower()


def test_more_than_five_redirects_are_refused(server, fetch):
    server.replies["/round"] = whole(b"", "Location: /round", status="301 Moved")
    with pytest.raises(BadInputError, match="more than 5 redirects"):
        fetch("/round")
    assert len(server.asked) == 6


@pytest.mark.parametrize("address", ["10.0.0.7", "169.254.169.254", "::1", "93.184.216.34"])
def test_redirect_to_a_host_that_is_not_public_is_refused(server, fetch, names, address):
    names.answers["inside.example"] = [(address,)]
    server.replies["/go"] = whole(b"", "Location: https://inside.example/x", status="307 Go")
    with pytest.raises(BadInputError, match=f"inside.example is {address}"):
        fetch("/go")
    assert len(server.asked) == 1


def test_redirect_to_http_or_elsewhere_is_refused(server, fetch):
    for place in ("http://songs.example/x.mp3", "file:///etc/passwd", "ftp://a/b", "//", ""):
        server.replies["/go"] = whole(b"", f"Location: {place}", status="302 Found")
        with pytest.raises(BadInputError, match=r"https only|names no host|redirects"):
            fetch("/go")


def test_name_that_changes_its_address_gains_nothing(server, fetch, names):
    """The second answer would lead inside; the connection keeps to the checked one."""
    names.answers[HOST] = [("127.0.0.1",), ("10.0.0.1",)]
    server.replies["/a/song.mp3"] = whole(SONG)
    assert fetch().read_bytes() == SONG
    assert names.asked == [HOST]
    server.replies["/go"] = whole(b"", "Location: /a/song.mp3", status="302 Found")
    names.answers[HOST] = [("127.0.0.1",), ("10.0.0.1",)]
    with pytest.raises(BadInputError, match=r"is 10\.0\.0\.1"):
        fetch("/go")


def test_port_that_speaks_plain_http_is_told_for_good(fetch):
    plain = http.server.HTTPServer(("127.0.0.1", 0), Plain)
    with open_server(plain), pytest.raises(BadInputError, match="does not speak https; correct"):
        fetch(url=f"https://{HOST}:{plain.server_address[1]}/a.mp3")


def test_host_with_one_private_address_among_public_ones_is_refused(server, fetch, names):
    names.answers[HOST] = [("127.0.0.1", "192.168.1.1")]
    with pytest.raises(BadInputError, match=r"192\.168\.1\.1"):
        fetch()
    assert server.asked == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0",
     "169.254.169.254", "[64:ff9b::a00:1]", "[2002:7f00:1::]"],
)  # fmt: skip
def test_without_a_tests_permission_this_machine_is_not_reached(fetch, server, host):
    with pytest.raises(BadInputError, match=r"not an address of the open net|no host"):
        fetch(url=f"https://{host}:{server.port}/a/song.mp3", net=Net(trusted=server.trust()))
    assert server.asked == []


def test_file_that_says_it_is_too_large_is_not_begun(server, fetch):
    server.replies["/a/song.mp3"] = raw(OK + b"Content-Length: 99000000\r\n\r\n")
    with pytest.raises(BadInputError, match=r"more than 1 MB.*SONGFILM_SONG_MAX_MB"):
        fetch()


@pytest.mark.parametrize("head", [b"Transfer-Encoding: chunked\r\n\r\n", b"\r\n"])
def test_file_that_grows_beyond_the_limit_is_stopped(server, fetch, head):
    server.replies["/a/song.mp3"] = raw(OK + head, *[ENDLESS] * 400)
    with pytest.raises(BadInputError, match=r"more than 0\.2 MB"):
        fetch(most=200_000)


def test_largest_file_is_taken(server, fetch):
    server.replies["/a/song.mp3"] = whole(SONG)
    assert fetch(most=len(SONG)).stat().st_size == len(SONG)
    with pytest.raises(BadInputError, match="more than"):
        fetch(most=len(SONG) - 1)


def test_packed_answer_is_refused(server, fetch):
    server.replies["/a/song.mp3"] = whole(b"\x1f\x8b" * 50, "Content-Encoding: gzip")
    with pytest.raises(BadInputError, match="'gzip'"):
        fetch()


@pytest.mark.parametrize(
    "slowly",
    [
        raw(OK, *[b"x"] * 40, every_s=0.05),
        raw(*[b"H"] * 40, every_s=0.05),
        raw(OK + b"Content-Length: 40\r\n\r\n", *[b"x"] * 40, every_s=0.05),
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 40, every_s=0.05),
    ],
    ids=["headers", "status", "body", "chunks"],
)
def test_dripping_server_is_left_at_the_deadline(server, fetch, slowly):
    server.replies["/a/song.mp3"] = slowly
    begun = time.monotonic()
    with pytest.raises(TransientError, match=r"took longer than 0\.2 s"):
        fetch(deadline_s=0.2)
    assert time.monotonic() - begun < 1.5


def test_deadline_counts_all_redirects(server, fetch):
    redirect = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /a/song.mp3\r\n\r\n"
    server.replies["/a/song.mp3"] = raw(*[redirect[k : k + 1] for k in range(9)], redirect[9:],
                                        every_s=0.02)  # fmt: skip
    with pytest.raises(TransientError, match=r"took longer than 0\.3 s"):
        fetch(deadline_s=0.3)


@pytest.mark.parametrize(
    "cut",
    [
        raw(OK + b"Content-Length: 5000\r\n\r\n" + b"x" * 4000),
        raw(OK + b"Content-Length: 5000\r\n\r\n" + b"x" * 4000, polite=True),
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"),
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", polite=True),
        raw(OK + b"\r\n" + b"x" * 4000),
        raw(b""),
        raw(OK),
    ],
    ids=["length", "length, polite", "chunks", "chunks, polite", "no good-bye", "nothing", "head"],
)
def test_cut_answer_is_no_song(server, fetch, cut):
    server.replies["/a/song.mp3"] = cut
    with pytest.raises(TransientError, match="run again"):
        fetch()


def test_certificate_of_another_name_is_refused(server, fetch, names):
    names.answers["other.example"] = [("127.0.0.1",)]
    server.replies["/a/song.mp3"] = whole(SONG)
    with pytest.raises(BadInputError, match=r"does not prove that it is other\.example"):
        fetch(url=server.url("/a/song.mp3", host="other.example"))
    assert server.asked == []


def test_certificate_that_nobody_trusts_is_refused(server, fetch, net):
    server.replies["/a/song.mp3"] = whole(SONG)
    with pytest.raises(BadInputError, match="does not prove"):
        fetch(net=dataclasses.replace(net, trusted=ssl.create_default_context()))
    assert server.asked == []


@pytest.mark.parametrize(
    "head",
    [
        b"X: " + b"y" * 100_000 + b"\r\n",
        b"".join(b"X%d: y\r\n" % k for k in range(500)),
        b"HTTP/1.1 100 Continue\r\n",
    ],
    ids=["one", "many", "odd"],
)
def test_huge_or_odd_headers_are_refused(server, fetch, head):
    answer = head if head.startswith(b"HTTP") else OK + head
    server.replies["/a/song.mp3"] = raw(answer * (1 + 3000 * head.startswith(b"HTTP")) + b"\r\n")
    with pytest.raises((BadInputError, TransientError)):
        fetch(deadline_s=2)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("404 Gone\x1b[31m", BadInputError),
        ("401 Who", BadInputError),
        ("206 Partial", BadInputError),
        ("204 Nothing", BadInputError),
        ("429 Later", TransientError),
        ("503 Busy", TransientError),
    ],
)
def test_refusal_of_the_server_is_told_with_its_number(server, fetch, status, kind):
    server.replies["/a/song.mp3"] = whole(b"sorry", status=status)
    with pytest.raises(kind, match=f"answered {status[:3]}") as told:
        fetch("/a/song.mp3?password=hidden")
    assert "hidden" not in str(told.value)
    assert "\x1b" not in str(told.value)


def test_server_that_is_not_there_may_be_asked_again(fetch, server):
    with pytest.raises(TransientError, match="no connection"):
        fetch(url=f"https://{HOST}:9/a.mp3")


def test_cancelled_download_leaves_nothing(server, fetch):
    server.replies["/a/song.mp3"] = whole(SONG)
    cancellation.request()
    try:
        with pytest.raises(RunCancelledError):
            fetch()
    finally:
        cancellation.clear()


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('filename="../../etc/cron.d/evil.mp3"', "evil.mp3"),
        ('filename="..\\\\..\\\\evil.wav"', "evil.wav"),
        ("filename*=UTF-8''J%C3%B3ga.mp3", "Jóga.mp3"),
        ('filename=".hidden.ogg"', "hidden.ogg"),
        ('filename=""', "song.mp3"),
        ("inline", "song.mp3"),
        ("filename*=UTF-8''a%00b%0Ac%E2%80%AEd.mp3", "ab cd.mp3"),
    ],
)
def test_name_that_the_server_gives_is_made_plain(server, fetch, header, name):
    server.replies["/a/song.mp3"] = whole(b"x", f"Content-Disposition: attachment; {header}")
    assert fetch().name == name


def test_name_of_an_address_is_made_plain(server, fetch):
    for path, name in (
        ("/..%2F..%2Fpasswd", "passwd"),
        ("/", "song"),
        ("/%E2%9C%A8.mp3", "✨.mp3"),
    ):
        server.replies[path] = whole(b"x")
        assert fetch(path).name == name
    assert title_of(server.url("/a/My%20song.mp3?key=a.b/c.d")) == "My song"


def test_query_never_reaches_a_message(server, fetch, names):
    names.answers["inside.example"] = [("10.0.0.1",)]
    with pytest.raises(BadInputError, match=r"inside\.example") as told:
        fetch(url=f"https://inside.example/x.mp3?sig={quote('hidden')}")
    assert "hidden" not in str(told.value)
