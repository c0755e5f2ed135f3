"""Shares open exactly what was shared, until they end or are taken back."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient
from support.stored_films import PICTURE, REPORT, store_film

from deployments.studio.app import create_app
from tasks.errors import BadInputError
from tasks.settings import Settings
from tasks.storage.keys import film_key, share_key
from tasks.storage.local import LocalStore
from tasks.storage.shares import (
    list_shares,
    make_share,
    revoke_share,
    share_link,
    share_token,
)
from tasks.storage.store import UnreachableError, to_json

RUN = "0b9f6d1e-77aa-4cf1-9f2e-0123456789ab"
SECRET = b"a secret that nobody guesses"
NOW = datetime.now(UTC)
WEEK = timedelta(days=7)


class Bucket:
    """A store far away: it gives bytes and makes addresses, and has no files here."""

    def __init__(self, root):
        self._store = LocalStore(root)
        for name in ("stat", "list", "get_bytes", "put_bytes", "put_file"):
            setattr(self, name, getattr(self._store, name))

    def url(self, key, *, expires_s, filename=None, media_type=None, download=False):
        return (
            f"https://bucket.example/{key}?for={expires_s}&name={filename}&type={media_type}"
            f"&save={int(download)}"
        )


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "store")


@pytest.fixture
def bucket(tmp_path):
    return Bucket(tmp_path / "store")


@pytest.fixture
def manifest(store, tmp_path):
    return store_film(store, RUN, tmp_path, stand_in="procedural stands in: out of memory")


def open_web(store, tmp_path, **more):
    settings = Settings(
        home=tmp_path / "home",
        secret=SecretStr(SECRET.decode()),
        PREFECT_API_URL=None,
        _env_file=None,
        **more,
    )
    return TestClient(create_app(settings, store), follow_redirects=False)


@pytest.fixture
def web(store, manifest, tmp_path):
    with open_web(store, tmp_path) as client:
        yield client


@pytest.fixture
def far(bucket, manifest, tmp_path):
    with open_web(bucket, tmp_path) as client:
        yield client


def shared(store, **wishes):
    given = {"film": RUN, "now": NOW, "expires": NOW + WEEK, **wishes}
    return make_share(store, **given)


def path_of(share, part=""):
    return urlsplit(share_link(share, base_url="http://studio", secret=SECRET)).path + part


def test_link_is_short_and_survives_a_chat(store):
    link = share_link(shared(store), base_url="https://films.example", secret=SECRET)
    assert re.fullmatch(r"https://films\.example/share/[a-z2-7]{26}-[a-z2-7]{26}", link)


POSTER = b"\xff\xd8poster"


@pytest.mark.parametrize("wishes", [{}, {"with_report": True}])
def test_poster_stands_for_a_film_until_it_plays(store, web, wishes):
    share = shared(store, **wishes)
    assert "poster=" not in web.get(path_of(share)).text
    assert web.get(path_of(share, "/poster")).status_code == 404
    store.put_bytes(film_key(RUN, "demo-song.poster.jpg"), POSTER)
    page = web.get(path_of(share))
    assert f"poster='{path_of(share)}/poster'" in page.text
    assert "img-src 'self'" in page.headers["content-security-policy"]
    seen = web.get(path_of(share, "/poster"))
    assert (seen.content, seen.headers["content-type"]) == (POSTER, "image/jpeg")
    revoke_share(store, share.id, now=NOW)
    assert web.get(path_of(share, "/poster")).status_code == 410


@pytest.mark.parametrize("wishes", [{"shot": "shot_001"}, {"report": True}])
def test_poster_goes_with_films_only(store, web, wishes):
    store.put_bytes(film_key(RUN, "demo-song.poster.jpg"), POSTER)
    assert web.get(path_of(shared(store, **wishes), "/poster")).status_code == 404


def test_poster_of_a_bucket_comes_from_there(store, far):
    store.put_bytes(film_key(RUN, "demo-song.poster.jpg"), POSTER)
    share = shared(store)
    assert far.get(path_of(share, "/poster")).headers["location"].startswith("https://bucket.ex")
    policy = far.get(path_of(share)).headers["content-security-policy"]
    assert "img-src 'self' https://bucket.example" in policy


def test_shared_film_gives_player_download_and_report(store, web):
    share = shared(store, note="Cut <b>two</b>, with the new ending", with_report=True)
    page = web.get(path_of(share))
    assert page.status_code == 200
    assert "<h1>demo song</h1>" in page.text
    assert "Cut &lt;b&gt;two&lt;/b&gt;" in page.text
    played = web.get(path_of(share, "/film"))
    assert played.content == PICTURE
    assert played.headers["content-type"] == "video/mp4"
    assert played.headers["content-disposition"].startswith("inline")
    assert web.get(path_of(share, "/film"), headers={"range": "bytes=5-9"}).content == PICTURE[5:10]
    saved = web.get(path_of(share, "/film?download=1"))
    assert saved.headers["content-disposition"] == 'attachment; filename="demo-song.mp4"'
    report = web.get(path_of(share, "/report"))
    assert report.text == REPORT
    assert "sandbox" in report.headers["content-security-policy"]


def test_every_address_on_a_page_begins_with_its_share(store, web):
    for share in (shared(store, with_report=True), shared(store, shot="shot_001")):
        page = web.get(path_of(share)).text
        addresses = re.findall(r"(?:href|src)='([^']*)'", page)
        assert addresses
        assert all(address.startswith(path_of(share, "/")) for address in addresses)
        assert "signature=" not in page


def test_shared_page_tells_nothing_of_how_the_film_was_made(store, web):
    page = web.get(path_of(shared(store))).text
    for inside in (RUN, "out of memory", "Recipe", "Manifest", "Sync report", "procedural"):
        assert inside not in page


def test_film_is_shared_without_its_report_unless_it_is_asked_for(store, web):
    share = shared(store)
    assert "Report" not in web.get(path_of(share)).text
    assert web.get(path_of(share, "/report")).status_code == 404
    assert web.get(path_of(share, "/film")).status_code == 200


def test_shared_clip_gives_that_clip_alone(store, web, manifest):
    share = shared(store, shot="shot_001")
    page = web.get(path_of(share))
    assert "shot_001" in page.text
    assert not re.search(r"shot_00[2-9]", page.text)
    clip = web.get(path_of(share, "/clip"))
    assert clip.content == b"clip"
    assert clip.headers["content-disposition"] == 'inline; filename="shot_001.mp4"'
    for other in ("/film", "/report", "/recipe", "/shot_002"):
        assert web.get(path_of(share, other)).status_code == 404


def test_shared_report_is_the_report_alone(store, web):
    share = shared(store, report=True)
    page = web.get(path_of(share))
    assert page.text == REPORT
    assert "sandbox" in page.headers["content-security-policy"]
    assert web.get(path_of(share, "/film")).status_code == 404
    assert web.get(path_of(share, "/clip")).status_code == 404


def test_recipe_and_manifest_are_never_shared(store, web):
    share = shared(store)
    for part in ("recipe", "manifest", "sync_report", "song", "analysis", "clip", "Manifest"):
        assert web.get(path_of(share, f"/{part}")).status_code == 404


@pytest.mark.parametrize("wish", [{}, {"shot": "shot_001"}, {"report": True}])
def test_revoked_share_opens_nothing_from_the_next_request_on(store, web, wish):
    share = shared(store, **wish)
    doors = [path_of(share, part) for part in ("", "/film", "/report", "/clip")]
    open_before = [door for door in doors if web.get(door).status_code == 200]
    assert open_before
    revoke_share(store, share.id, now=NOW)
    for door in doors:
        answer = web.get(door)
        assert answer.status_code == 410
        assert "This link was taken back" in answer.text


@pytest.mark.parametrize("part", ["", "/film", "/report"])
def test_ended_share_says_so(store, web, part):
    share = shared(store, expires=NOW - timedelta(seconds=1))
    answer = web.get(path_of(share, part))
    assert answer.status_code == 410
    assert "This link has ended" in answer.text


def test_changed_link_is_refused(store, web):
    share = shared(store)
    other = shared(store)
    good = share_token(share.id, SECRET)
    ids, signature = good.split("-")
    changed = [
        ids,
        f"{ids}-",
        f"{other.id}-{signature}",
        f"{ids}-{'a' * 26}",
        good[:-1],
        good[:-1] + ("a" if good[-1] != "a" else "b"),
        good + "a",
        good.upper(),
        f"{good}%00",
        share_token(share.id, b"another secret of somebody else"),
        "..%2F..%2Ffilms",
    ]
    for token in changed:
        for part in ("", "/film"):
            answer = web.get(f"/share/{token}{part}")
            assert answer.status_code in (403, 404), token
            assert PICTURE not in answer.content
    assert web.get(f"/share/{share.id}-{'a' * 26}").status_code == 403


def test_share_that_was_swept_is_told(store, web):
    share = shared(store)
    store.delete(share_key(share.id))
    assert web.get(path_of(share)).status_code == 404


def test_each_share_is_bound_to_its_own_record(store, web):
    """Two shares of one film end independently."""
    first, second = shared(store), shared(store)
    revoke_share(store, first.id, now=NOW)
    assert web.get(path_of(first, "/film")).status_code == 410
    assert web.get(path_of(second, "/film")).status_code == 200


def test_browsers_keep_nothing_of_a_share(store, web):
    share = shared(store)
    for part in ("", "/film", "/report"):
        assert web.get(path_of(share, part)).headers["cache-control"] == "no-store"


def test_bucket_gives_the_film_for_minutes_under_its_name(bucket, far):
    share = shared(bucket)
    answer = far.get(path_of(share, "/film"))
    assert answer.status_code == 302
    assert answer.headers["cache-control"] == "no-store"
    where = urlsplit(answer.headers["location"])
    assert where.path == f"/{film_key(RUN, 'demo-song.mp4')}"
    asked = {name: values[0] for name, values in parse_qs(where.query).items()}
    assert asked == {"for": "600", "name": "demo-song.mp4", "type": "video/mp4", "save": "0"}
    saved = far.get(path_of(share, "/film?download=1")).headers["location"]
    assert saved.endswith("&save=1")


def test_address_of_the_bucket_never_outlives_the_share(bucket, far):
    share = shared(bucket, expires=datetime.now(UTC) + timedelta(seconds=40))
    where = far.get(path_of(share, "/film")).headers["location"]
    assert 0 < int(parse_qs(urlsplit(where).query)["for"][0]) <= 40


def test_revoked_share_makes_no_address_of_the_bucket(bucket, far):
    share = shared(bucket)
    revoke_share(bucket, share.id, now=NOW)
    for part in ("", "/film", "/film?download=1", "/report"):
        assert far.get(path_of(share, part)).status_code == 410


def test_pages_of_a_bucket_are_shown_by_the_studio_under_its_policy(bucket, far):
    """The bucket's own address would show a page without any policy."""
    for share, part in (
        (shared(bucket, with_report=True), "/report"),
        (shared(bucket, report=True), ""),
    ):
        shown = far.get(path_of(share, part))
        assert shown.status_code == 200
        assert shown.text == REPORT
        assert "sandbox" in shown.headers["content-security-policy"]
        assert shown.headers["content-type"].startswith("text/html")
    saved = far.get(path_of(shared(bucket, with_report=True), "/report?download=1"))
    assert saved.headers["location"].endswith("&save=1")


def test_store_that_does_not_answer_is_told_as_such(bucket, far):
    share = shared(bucket)

    def away(_key):
        raise UnreachableError("the store does not answer")

    bucket.get_bytes = away
    answer = far.get(path_of(share))
    assert answer.status_code == 503
    assert "try again in a minute" in answer.text.lower()


def test_proxy_folder_is_kept_on_shared_pages(store, manifest, tmp_path):
    with open_web(store, tmp_path, studio_url="https://films.example/studio/") as web:
        share = shared(store)
        assert f"src='/studio{path_of(share, '/film')}'" in web.get(path_of(share)).text


def test_shares_are_listed_newest_first_with_their_state(store):
    old = shared(store, now=NOW - WEEK, expires=NOW - timedelta(days=1))
    new = shared(store, shot="shot_002")
    gone = shared(store, now=NOW - timedelta(days=2))
    revoke_share(store, gone.id, now=NOW)
    store.put_bytes("shares/broken.json", b"{}")
    assert [(share.id, share.state(NOW)) for share in list_shares(store)] == [
        (new.id, "open"),
        (gone.id, "revoked"),
        (old.id, "ended"),
    ]


def test_revoking_takes_an_id_or_the_whole_link_and_may_be_said_twice(store):
    share = shared(store)
    link = share_link(share, base_url=f"https://{'films' * 6}.example", secret=SECRET)
    assert revoke_share(store, link, now=NOW).revoked_at is None
    assert revoke_share(store, share.id, now=NOW + WEEK).revoked_at == NOW
    for unknown in ("a" * 26, "nothing", "../../films"):
        with pytest.raises(BadInputError, match="there is no share"):
            revoke_share(store, unknown, now=NOW)


def test_ids_are_never_used_twice_and_hold_128_bits(store):
    ids = {shared(store).id for _ in range(50)}
    assert len(ids) == 50
    assert all(len(each) == 26 for each in ids)


def test_share_of_nothing_sensible_is_refused(store):
    for wish in ({"shot": "../x"}, {"shot": ""}):
        with pytest.raises(BadInputError, match="cannot be shared"):
            shared(store, **wish)
    with pytest.raises(BadInputError, match="has 301 characters, and 300 are shown"):
        shared(store, note="a" * 301)
    with pytest.raises(BadInputError, match="two links"):
        shared(store, shot="shot_001", report=True)
    assert list(store.list("shares")) == []


def test_record_is_the_truth_about_a_share(store, web):
    """Whoever may write shares can give a link more time; the link stays the same."""
    share = shared(store, expires=NOW - timedelta(days=1))
    longer = share.model_copy(update={"expires": NOW + WEEK})
    store.put_bytes(share_key(share.id), to_json(longer).encode())
    assert web.get(path_of(share)).status_code == 200
