"""AgentCache as a second memory: what it is asked and told, and how little its faults matter."""

import json
import logging
import time
from dataclasses import replace

import pytest
from pydantic import SecretStr
from support.agent_cache import KEY, agent_cache
from support.clips import FOX, make_clip, make_wanted, name_of

from tasks.storage import agent_cache as door
from tasks.storage.agent_cache import AgentCache
from tasks.storage.clip_library import ClipLibrary
from tasks.storage.clip_shelf import ClipShelf
from tasks.storage.local import LocalStore


@pytest.fixture
def service(monkeypatch):
    monkeypatch.setattr(door, "_resting", {})
    for limit in ("_CONNECT_S", "_READ_S", "_WHOLE_S"):
        monkeypatch.setattr(door, limit, 0.3)
    with agent_cache() as live:
        yield live


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "store")


@pytest.fixture
def client(service):
    return AgentCache(url=service.url, key=SecretStr(KEY), tenant="shared", ttl_s=7_776_000)


@pytest.fixture
def library(store, client):
    return ClipLibrary(ClipShelf(store, tenant="shared", days=90), service=client)


def told(library, store, **changes):
    """Let a film make a clip, and forget it in the store's own index."""
    clip = make_clip(store, **changes)
    made = library.keep(make_wanted(shot_id="shot_001", film_run="film-a"), clip)
    for info in list(store.list("clips")):
        store.delete(info.key)
    return made


def test_service_is_told_and_asked_in_its_own_words(library, store, service):
    told(library, store)
    library.look_up(make_wanted(), ask=True)
    (set_path, new, _), (get_path, asked, headers) = service.asked
    assert (set_path, get_path) == ("/api/cache/set", "/api/cache/get")
    assert (new["ttl"], new["provider"], new["model"]) == (7_776_000, "songfilm", "prompted")
    assert json.loads(new["response"])["fingerprint"] == name_of(FOX)
    assert asked["messages"] == new["messages"]
    assert asked["messages"][1] == {"role": "user", "content": FOX}
    assert name_of(FOX) in asked["messages"][0]["content"]
    assert headers["Authorization"] == f"Bearer {KEY}"


def test_clip_that_the_service_remembers_is_a_hit_and_listed_again(library, store, service):
    told(library, store)
    clip, faults = library.look_up(make_wanted(), ask=True)
    assert (clip.cache, clip.saved_usd, clip.shot_id, faults) == ("hit", 0.5, "shot_007", ())
    service.known.clear()
    assert library.look_up(make_wanted())[0] is not None


def test_service_is_asked_only_on_a_miss_and_only_when_wanted(library, store, service):
    told(library, store)
    assert library.look_up(make_wanted())[0] is None
    assert [path for path, *_ in service.asked] == ["/api/cache/set"]
    library.look_up(make_wanted(), ask=True)
    library.look_up(make_wanted(), ask=True)
    assert [path for path, *_ in service.asked] == ["/api/cache/set", "/api/cache/get"]


def test_film_that_reuses_nothing_does_not_ask(library, store, service):
    told(library, store)
    assert replace(library, reuse=False).look_up(make_wanted(), ask=True) == (None, ())
    assert len(service.asked) == 1


def test_hit_without_a_file_in_our_store_is_a_miss(library, store):
    store.delete(told(library, store).file.key)
    assert library.look_up(make_wanted(), ask=True) == (None, ())


def test_other_tenant_is_not_answered(library, store, client):
    told(library, store)
    shelf = ClipShelf(store, tenant="other", days=90)
    other = ClipLibrary(shelf, service=replace(client, tenant="other"))
    assert other.look_up(make_wanted(), ask=True) == (None, ())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"fingerprint": "0" * 64}, id="another clip"),
        pytest.param({"key": "songs/secret.mp3"}, id="a file of another kind"),
        pytest.param({"frames": -1}, id="no clip at all"),
    ],
)
def test_hit_that_cannot_be_the_clip_is_refused(library, store, service, change):
    told(library, store)
    (name, text), *_ = service.known.items()
    clip = json.loads(text)
    store.put_bytes("songs/secret.mp3", b"x" * clip["file"]["size"])
    clip["file"] |= {key: value for key, value in change.items() if key == "key"}
    clip |= {key: value for key, value in change.items() if key != "key"}
    service.known[name] = json.dumps(clip)
    found, faults = library.look_up(make_wanted(), ask=True)
    assert found is None
    assert "AgentCache" in faults[0]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("500", "status 500"),
        ("429", "status 429"),
        ("401", "SONGFILM_AGENT_CACHE_KEY"),
        ("hang", "did not answer"),
        ("drip", "did not end its answer"),
        ("huge", "more than 256 kB"),
        ("garbage", "no JSON"),
        ("list", "no JSON object"),
        ("moved", "status 307"),
    ],
)
def test_fault_is_one_warning_and_a_miss(library, service, caplog, fault, said):
    service.fault = fault
    with caplog.at_level(logging.DEBUG):
        begun = time.monotonic()
        found, faults = library.look_up(make_wanted(), ask=True)
        again = library.look_up(make_wanted(), ask=True)
    assert (found, again) == (None, (None, ()))
    assert len(faults) == 1
    assert said in faults[0]
    assert time.monotonic() - begun < 2.0
    assert [path for path, *_ in service.asked] == ["/api/cache/get"] * 2
    warned = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.name for record in warned] == ["tasks.storage.agent_cache"]
    assert KEY not in caplog.text


def test_one_fault_is_tried_again_and_not_told(library, store, service):
    told(library, store)
    service.fault, service.faults_left = "500", 1
    clip, faults = library.look_up(make_wanted(), ask=True)
    assert clip is not None
    assert faults == ()


def test_service_that_rests_is_asked_again_later(library, service, monkeypatch):
    monkeypatch.setattr(door, "_REST_S", 0.05)
    service.fault, service.faults_left = "500", 2
    assert library.look_up(make_wanted(), ask=True)[1]
    assert library.look_up(make_wanted(), ask=True) == (None, ())
    time.sleep(0.06)
    library.look_up(make_wanted(), ask=True)
    assert len(service.asked) == 3


def test_wrong_key_is_told_without_the_key(store, service, client, caplog):
    wrong = replace(client, key=SecretStr("ac_wrong_77"), url=service.url.replace("//", "//u:pw@"))
    library = ClipLibrary(ClipShelf(store, tenant="shared", days=90), service=wrong)
    _, faults = library.look_up(make_wanted(), ask=True)
    assert "SONGFILM_AGENT_CACHE_KEY" in faults[0]
    for secret in ("ac_wrong_77", "u:pw"):
        assert secret not in faults[0] + caplog.text
    assert "ac_wrong_77" not in repr(wrong)


def test_clip_says_that_the_service_was_not_told_and_other_films_do_not(library, store, service):
    service.fault = "500"
    made = library.keep(make_wanted(shot_id="shot_001", film_run="film-a"), make_clip(store))
    assert len(made.warnings) == 1
    assert made.fallback is None
    assert library.look_up(make_wanted(shot_id="shot_001", film_run="film-a"))[0] == made
    assert library.look_up(make_wanted())[0].warnings == ()


def test_no_service_at_all_is_one_warning(store, monkeypatch):
    monkeypatch.setattr(door, "_resting", {})
    gone = AgentCache(url="http://127.0.0.1:9/api", key=None, tenant="shared", ttl_s=60)
    library = ClipLibrary(ClipShelf(store, tenant="shared", days=90), service=gone)
    assert "did not answer" in library.look_up(make_wanted(), ask=True)[1][0]


def test_address_that_is_none_is_one_warning(store, monkeypatch):
    monkeypatch.setattr(door, "_resting", {})
    gone = AgentCache(url="agentcache", key=None, tenant="shared", ttl_s=60)
    assert "http:// or https://" in gone.tell(make_clip(store))
