"""Films open by links that we signed, for as long as we said, and nothing else opens."""

import html
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient
from support.stored_films import PICTURE, REPORT, store_film

from deployments.studio.app import create_app
from tasks.errors import BadInputError
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.keys import BadKeyError, export_key, film_key, manifest_key
from tasks.storage.links import derived_token, file_link, film_link
from tasks.storage.local import LocalStore
from tasks.storage.store import to_json

RUN = "0b9f6d1e-77aa-4cf1-9f2e-0123456789ab"
SECRET = b"a secret that nobody guesses"
FILM = film_key(RUN, "demo-song.mp4")


@pytest.fixture
def store(tmp_path):
    return open_store(str(tmp_path / "store"))


@pytest.fixture
def manifest(store, tmp_path):
    return store_film(store, RUN, tmp_path, stand_in="procedural stands in: out of memory")


def settings(tmp_path, **more):
    return Settings(
        home=tmp_path / "home",
        secret=SecretStr(SECRET.decode()),
        PREFECT_API_URL=None,
        _env_file=None,
        **more,
    )


@pytest.fixture
def web(store, manifest, tmp_path):
    with TestClient(create_app(settings(tmp_path), store), follow_redirects=False) as client:
        yield client


def page_link(run_id=RUN, **changes):
    given = {"base_url": "", "secret": SECRET, "expires": int(time.time()) + 60, **changes}
    return film_link(run_id, **given)


def link(key=FILM, **changes):
    given = {"base_url": "", "secret": SECRET, "expires": int(time.time()) + 60, **changes}
    return file_link(key, **given)


def content(web, key=FILM, *, more="", **changes):
    """Follow the redirect of a link by hand."""
    found = web.get(link(key, **changes) + more)
    assert found.status_code == 302, found.text
    return found.headers["location"]


def test_link_leads_to_a_content_link_that_gives_the_film(web):
    found = web.get(content(web))
    assert found.status_code == 200
    assert found.content == PICTURE
    assert found.headers["content-type"] == "video/mp4"
    assert found.headers["content-disposition"] == 'inline; filename="demo-song.mp4"'


def test_download_comes_as_an_attachment(web):
    found = web.get(content(web, more="&download=1"))
    assert found.headers["content-disposition"] == 'attachment; filename="demo-song.mp4"'
    assert found.content == PICTURE


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [("bytes=0-0", 0, 1), ("bytes=300-999", 300, 1000), ("bytes=-7", -7, None)],
)
def test_range_gives_exactly_these_bytes(web, asked, begin, end):
    found = web.get(content(web), headers={"range": asked})
    assert found.status_code == 206
    assert found.content == PICTURE[begin:end]
    whole = len(PICTURE)
    first = begin % whole
    assert (
        found.headers["content-range"] == f"bytes {first}-{first + len(found.content) - 1}/{whole}"
    )


def test_range_behind_the_end_is_refused(web):
    found = web.get(content(web), headers={"range": f"bytes={len(PICTURE)}-"})
    assert found.status_code == 416


def test_head_tells_the_size_without_the_bytes(web):
    found = web.head(content(web))
    assert found.headers["content-length"] == str(len(PICTURE))
    assert found.headers["accept-ranges"] == "bytes"
    assert found.content == b""


@pytest.mark.parametrize("part", ["expires", "signature", "film", "key"])
def test_changed_link_is_refused(web, manifest, part):
    good = link(manifest.shots[0].clip.key, film=RUN)
    changed = {
        "expires": good.replace("expires=", "expires=9"),
        "signature": good.replace("signature=", "signature=A"),
        "film": good.replace(f"film={RUN}", "film=another"),
        "key": good.replace(manifest.shots[0].clip.key, manifest.song.key),
    }[part]
    assert changed != good
    found = web.get(changed)
    assert found.status_code == 403
    assert "This link does not open anything" in found.text


def test_link_without_signature_is_refused(web):
    assert web.get(f"/files/{FILM}").status_code == 403
    assert web.get(f"/content/{FILM}").status_code == 403
    assert web.get(f"/films/{RUN}").status_code == 403


@pytest.mark.parametrize("expires", ["", "-1", "1e9", "٣", "9" * 40, "0x10"])
def test_time_that_is_no_number_is_refused(web, expires):
    found = web.get(f"/files/{FILM}", params={"expires": expires, "signature": "x"})
    assert found.status_code == 403


def test_link_of_another_secret_is_refused(web):
    assert web.get(link(secret=b"another secret of somebody else")).status_code == 403


def test_signature_of_one_purpose_opens_no_other_door(web):
    """A page's link must not give the bytes, and a content link must not renew itself."""
    assert web.get(link().replace("/files/", "/content/")).status_code == 403
    assert web.get(content(web).replace("/content/", "/files/")).status_code == 403
    token = derived_token(SECRET, "notify")
    assert web.get(f"/films/{RUN}?expires=9999999999&signature={token}").status_code == 403


def test_ended_link_says_so(web):
    ended = int(time.time()) - 5
    for address in (link(expires=ended), link(expires=ended, purpose="content")):
        found = web.get(address)
        assert found.status_code == 410
        assert "This link has ended" in found.text
    assert web.get(page_link(expires=ended)).status_code == 410


def test_ended_link_with_a_wrong_signature_is_not_called_ours(web):
    ended = link(expires=int(time.time()) - 5).replace("signature=", "signature=A")
    assert web.get(ended).status_code == 403


def test_missing_film_is_told(web):
    found = web.get(link(film_key(RUN, "gone.mp4")))
    assert found.status_code == 404
    assert "not here any more" in found.text
    assert web.get(page_link("no-such-run")).status_code == 404
    assert web.get(link(f"films/{RUN}", purpose="content")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "../secret",
        "%2e%2e/secret",
        "films/../../secret",
        "films/%2e%2e%2f%2e%2e%2fsecret",
        "films//etc/passwd",
        "/etc/passwd",
        "films/",
        "films",
        "",
        "films/.hidden",
        "films/a\\b",
        "films/a%00b",
    ],
)
def test_path_tricks_open_nothing(web, path):
    for door in ("files", "content"):
        found = web.get(f"/{door}/{path}?expires=9999999999&signature=x")
        assert found.status_code in (403, 404), found.text


def test_blob_opens_only_as_a_part_of_its_film(web, store, manifest, tmp_path):
    clip = manifest.shots[0].clip
    found = web.get(content(web, clip.key, film=RUN))
    assert found.content == b"clip"
    assert found.headers["content-type"] == "video/mp4"
    assert manifest.shots[0].id in found.headers["content-disposition"]
    stranger = store.put_bytes("blobs/aa/" + "a" * 64, b"somebody else's").key
    assert web.get(link(stranger, film=RUN)).status_code == 404
    assert web.get(link(clip.key, film="another-run")).status_code == 404


def test_links_are_never_made_for_other_keys():
    for key in ("analyses/a.json", "clips/aa/a.json", "blobs/aa/" + "a" * 64, "films/../x"):
        with pytest.raises(BadKeyError, match="store key"):
            link(key)


def test_link_out_of_the_store_is_refused(web, store, tmp_path):
    outside = tmp_path / "outside.mp4"
    outside.write_bytes(b"private")
    store.path(FILM).with_name("escape.mp4").symlink_to(outside)
    found = web.get(link(film_key(RUN, "escape.mp4")))
    assert found.status_code == 404
    assert b"private" not in found.content


def test_report_is_shown_with_its_style_and_without_scripts(web):
    found = web.get(content(web, film_key(RUN, "demo-song.report.html")))
    assert found.text == REPORT
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    assert found.headers["content-disposition"].startswith("inline")
    policy = found.headers["content-security-policy"]
    assert "style-src 'unsafe-inline'" in policy
    assert "img-src data:" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "sandbox" in policy


def test_unknown_kind_of_file_is_only_downloaded(web, store):
    key = store.put_bytes(film_key(RUN, "page.svg"), b"<svg onload='alert(1)'/>").key
    found = web.get(content(web, key))
    assert found.headers["content-type"] == "application/octet-stream"
    assert found.headers["content-disposition"].startswith("attachment")


def test_every_answer_is_guarded(web):
    for address in (link(), page_link(), "/health", "/nothing", f"/files/{FILM}", content(web)):
        headers = web.get(address).headers
        assert headers["x-content-type-options"] == "nosniff", address
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"


def test_folders_are_not_listed(web):
    for path in ("/", "/files", "/files/", "/films", "/films/", "/content/films/"):
        assert web.get(path).status_code in (403, 404)


def test_film_page_shows_player_and_doors_that_open(web):
    found = web.get(page_link())
    assert found.status_code == 200
    assert "<h1>demo song</h1>" in found.text
    for label in ("Download", "Report", "Sync report", "Recipe", "Manifest"):
        assert f">{label}</a>" in found.text
    assert "out of memory" in found.text
    doors = [part.split("'")[0].replace("&amp;", "&") for part in found.text.split("='/files/")[1:]]
    assert len(doors) == 6
    for door in doors:
        redirected = web.get(f"/files/{door}")
        assert redirected.status_code == 302
        assert web.get(redirected.headers["location"]).status_code == 200


def test_film_page_gives_the_recipe_that_was_made_not_a_proposal(store, tmp_path, web):
    store.put_bytes(f"films/{RUN}/review/proposal-1.recipe.json", b"{}")
    page = web.get(page_link()).text
    assert "demo-song.recipe.json" in page
    assert "proposal-1" not in page


def test_film_page_escapes_what_it_shows(store, tmp_path, web):
    store_film(store, "evil", tmp_path, stand_in="<script>alert(1)</script>")
    found = web.get(page_link("evil"))
    assert "<script>alert" not in found.text
    assert "&lt;script&gt;alert" in found.text


def test_film_page_runs_no_script_but_its_own(web):
    policy = web.get(page_link()).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'sha256-" in policy
    assert "unsafe-inline" not in policy


def test_proxy_folder_is_kept_in_links(store, manifest, tmp_path):
    behind = settings(tmp_path, studio_url="https://films.example/studio/")
    with TestClient(create_app(behind, store), follow_redirects=False) as web:
        assert web.get(link()).headers["location"].startswith(f"/studio/content/{FILM}?")
        assert f"src='/studio/files/{FILM}?" in web.get(page_link()).text


def test_film_page_shows_the_poster(store, manifest, tmp_path):
    store.put_bytes(poster := FILM.replace(".mp4", ".poster.jpg"), b"\xff\xd8poster")
    with TestClient(create_app(settings(tmp_path), store)) as web:
        found = re.search(r"poster='([^']+)'", web.get(page_link()).text)
        assert found[1].startswith(f"/files/{poster}?")
        assert web.get(html.unescape(found[1])).content == b"\xff\xd8poster"


def test_film_page_lists_what_was_made_of_the_film(store, manifest, web):
    assert "Made of this film" not in web.get(page_link()).text
    store.put_bytes(export_key(RUN, "run-b", "demo-song-loop.mp4"), b"loop")
    store.put_bytes(export_key(RUN, "run-c", "demo-song-gif.gif"), b"GIF89a")

    page = web.get(page_link()).text

    assert f"src='/files/{FILM}?" in page
    doors = re.findall(r"<li><a href='([^']+)'>(demo-song-[\w.]+)</a></li>", page)
    assert sorted(name for _, name in doors) == ["demo-song-gif.gif", "demo-song-loop.mp4"]
    for door, name in doors:
        found = web.get(html.unescape(door), follow_redirects=True)
        assert found.content == (b"loop" if "loop" in name else b"GIF89a")
        assert name in found.headers["content-disposition"]


class Bucket(LocalStore):
    """A store that makes addresses of its own."""

    def url(self, key, *, expires_s, filename=None, media_type=None, download=False):
        told = {"for": expires_s, "name": filename, "type": media_type, "save": download}
        return f"https://bucket.example/{key}?{urlencode(told)}"


def test_store_with_own_addresses_is_redirected_to(manifest, tmp_path):
    bucket = Bucket(tmp_path / "store")
    with TestClient(create_app(settings(tmp_path), bucket), follow_redirects=False) as web:
        found = web.get(link())
        assert found.status_code == 302
        parts = urlsplit(found.headers["location"])
        assert (parts.netloc, parts.path) == ("bucket.example", f"/{FILM}")
        policy = web.get(page_link()).headers["content-security-policy"]
        assert "media-src 'self' https://bucket.example" in policy


def test_secret_is_made_once_for_its_owner_only(store, tmp_path):
    home = tmp_path / "home"
    made = Settings(home=home, PREFECT_API_URL=None, _env_file=None)
    with TestClient(create_app(made, store)):
        secret = (home / "secret").read_bytes()
    with TestClient(create_app(made, store)):
        assert (home / "secret").read_bytes() == secret
    assert (home / "secret").stat().st_mode & 0o777 == 0o600
    assert len(secret) >= 32


def test_short_secret_is_refused_without_being_told(store, tmp_path):
    short = Settings(home=tmp_path / "home", secret=SecretStr("hunter2"), _env_file=None)
    with pytest.raises(BadInputError, match="7 characters") as told:
        create_app(short, store)
    assert "hunter2" not in str(told.value)


def test_module_imports_no_room():
    """The studio runs beside the server for weeks: it stays small."""
    code = (
        "import sys, deployments.studio.__main__;"
        "heavy = {'prefect', 'numba', 'librosa', 'scipy', 'av', 'fastapi'};"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_film_page_tells_what_was_used_again_and_saved(store, tmp_path, web):
    film = store_film(store, "film-b", tmp_path)
    reused = {"cache": "hit", "saved_usd": 1.25, "saved_s": 240.0, "near_of": "0" * 64}
    shots = tuple(
        shot.model_copy(update=reused if number == 0 else {"cache": "miss", "cost": 0.5})
        for number, shot in enumerate(film.shots)
    )
    told = film.model_copy(update={"shots": shots})
    store.put_bytes(manifest_key("film-b"), to_json(told).encode())
    body = web.get(page_link("film-b")).text
    assert f"clips from the store<b>1 of {len(shots)}, 1 of them of similar words</b>" in body
    assert "saved<b>$1.25 and 4 min of rendering</b>" in body
    assert f"rendering<b>${0.5 * (len(shots) - 1):.2f}</b>" in body
    assert "saved<b>" not in web.get(page_link()).text
