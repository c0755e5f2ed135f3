"""An ``s3://`` address opens one store a process, or says what is wrong with it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tasks.errors import BadInputError
from tasks.storage import open_store
from tasks.storage.minio import address as addresses
from tasks.storage.minio.store import MinioStore

SECRET = "not-to-be-told"


@pytest.fixture
def address(moto, tmp_path, monkeypatch):
    """Address of a new bucket whose server the settings name."""
    for name, value in {
        "SONGFILM_HOME": str(tmp_path),
        "SONGFILM_S3_ENDPOINT": moto.endpoint,
        "SONGFILM_S3_ACCESS_KEY": moto.access_key,
        "SONGFILM_S3_SECRET_KEY": SECRET,
    }.items():
        monkeypatch.setenv(name, value)
    return f"s3://{moto.make_bucket()}"


@pytest.fixture
def checked(monkeypatch):
    """How often a bucket was asked for."""
    asked, check = [], MinioStore.check
    monkeypatch.setattr(MinioStore, "check", lambda store: (asked.append(store), check(store)))
    return asked


def test_address_opens_the_folder_of_the_bucket_that_it_names(address):
    open_store(f"{address}/team/films").put_bytes("a/b", b"x")
    assert open_store(f"{address}/team/films/").get_bytes("a/b") == b"x"
    assert [item.key for item in open_store(address).list("team")] == ["team/films/a/b"]


def test_process_opens_a_store_once(address, checked):
    with ThreadPoolExecutor(4) as threads:
        stores = set(threads.map(open_store, [address] * 8))
    assert len({open_store(address) for _ in range(3)} | stores) <= 4
    assert open_store(address) is open_store(address)
    assert len(checked) <= 4


def test_forked_process_does_not_use_its_parents_connections(address, monkeypatch):
    first = open_store(address)
    monkeypatch.setattr("os.getpid", lambda: -1)
    assert open_store(address) is not first


def test_other_settings_open_another_store(address, monkeypatch):
    first = open_store(address)
    monkeypatch.setenv("SONGFILM_CACHE_GB", "1")
    assert open_store(address) is not first
    monkeypatch.delenv("SONGFILM_CACHE_GB")
    assert open_store(address) is first


def test_home_that_cannot_be_written_is_told(address, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path / "file"))
    with pytest.raises(BadInputError, match=r"file/cache .*SONGFILM_HOME .*SONGFILM_CACHE_GB"):
        open_store(address)
    monkeypatch.setenv("SONGFILM_CACHE_GB", "0")
    open_store(address).put_bytes("a/b", b"x")


def test_no_more_stores_are_kept_open_than_told(address, checked, monkeypatch):
    monkeypatch.setattr(addresses, "_MOST_OPEN", 2)
    monkeypatch.setattr(addresses, "_open", {})
    for name in "abc":
        open_store(f"{address}/{name}")
    assert len(addresses._open) == 2
    open_store(f"{address}/c")
    assert len(checked) == 3


@pytest.mark.parametrize("name", ["ENDPOINT", "ACCESS_KEY", "SECRET_KEY"])
def test_missing_setting_is_named(address, monkeypatch, name):
    monkeypatch.setenv(f"SONGFILM_S3_{name}", "")
    with pytest.raises(BadInputError, match=f"empty: SONGFILM_S3_{name}$") as told:
        open_store(address)
    assert SECRET not in str(told.value)


@pytest.mark.parametrize(
    "url",
    [
        *["s3://", "s3:///a", "s3:bucket", "s3://Films", "s3://a", "s3://films?x=1"],
        *["s3://user:pass@films/a", "s3://films:9000/a", "s3://films/../x", "s3://films/a b"],
        "s3://films/a//b",
    ],
)
def test_address_that_names_no_bucket_is_refused(address, url):
    with pytest.raises(BadInputError, match="s3://bucket/prefix") as told:
        open_store(url)
    assert "pass" not in str(told.value)


@pytest.mark.parametrize(
    "endpoint",
    ["s3.example.org", "ftp://x", "http://", "http://h:x", "https://h/path", "http://u:pass@h"],
)
@pytest.mark.parametrize("setting", ["S3_ENDPOINT", "S3_PUBLIC_ENDPOINT"])
def test_endpoint_that_is_no_address_is_refused(address, monkeypatch, setting, endpoint):
    monkeypatch.setenv(f"SONGFILM_{setting}", endpoint)
    with pytest.raises(BadInputError, match=rf"SONGFILM_{setting} .*http://host:port") as told:
        open_store(address)
    assert "pass" not in str(told.value)


def test_missing_bucket_says_how_to_make_it(address):
    with pytest.raises(BadInputError, match=r"no bucket 'nowhere'.*python -m deployments\.bucket"):
        open_store("s3://nowhere")


@pytest.mark.parametrize(
    ("endpoint", "warnings"),
    [
        ("http://s3.example.org:9000", 1),
        ("https://s3.example.org", 0),
        ("http://localhost:9000", 0),
        ("http://127.0.0.2:9000", 0),
        ("http://[::1]:9000", 0),
    ],
)
def test_songs_in_the_open_are_warned_of_once(address, monkeypatch, caplog, endpoint, warnings):
    monkeypatch.setenv("SONGFILM_S3_ENDPOINT", endpoint)
    monkeypatch.setattr(addresses, "_warned", set())
    monkeypatch.setattr(MinioStore, "check", lambda _store: None)
    open_store(f"{address}/a")
    open_store(f"{address}/b")
    assert sum("unencrypted" in message for message in caplog.messages) == warnings
