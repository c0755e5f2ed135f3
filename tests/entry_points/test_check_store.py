"""`songfilm check` tells in words whether store and catalogue will do."""

import pytest
from support.s3 import running_moto

from deployments.check import look
from tasks.storage import open_store
from tasks.storage.catalogue.upgrade import NEWEST
from tasks.storage.minio import address as addresses
from tasks.storage.minio.store import MinioStore
from tasks.storage.store import UnreachableError


@pytest.fixture(scope="module")
def moto():
    with running_moto() as server:
        yield server


@pytest.fixture
def bucket(moto, tmp_path, monkeypatch):
    """Address of a new bucket that the settings lead to."""
    monkeypatch.setattr(addresses, "_open", {})
    for name, value in {
        "SONGFILM_HOME": str(tmp_path / "home"),
        "SONGFILM_S3_ENDPOINT": moto.endpoint,
        "SONGFILM_S3_ACCESS_KEY": moto.access_key,
        "SONGFILM_S3_SECRET_KEY": moto.secret_key,
    }.items():
        monkeypatch.setenv(name, value)
    return f"s3://{moto.make_bucket()}/films"


def finding(name, store):
    return next(each for each in look(store) if each.name == name)


def test_bucket_that_will_do_is_told_with_its_server(bucket, moto):
    found = finding("store", bucket)
    assert found.state == "ok"
    assert found.found == f"{bucket} on {moto.endpoint}, writable"
    assert not list(open_store(bucket).list("check"))
    assert "GB free" in finding("disk", bucket).found


def test_folder_that_will_do_is_left_as_it_was(tmp_path):
    assert finding("store", str(tmp_path / "store")).state == "ok"
    assert not any(path.is_file() for path in (tmp_path / "store").rglob("*"))


def test_missing_bucket_says_how_to_make_it(bucket):
    found = finding("store", "s3://nowhere")
    assert found.state == "missing"
    assert "no bucket 'nowhere'" in found.found
    assert "python -m deployments.bucket" in found.advice


def test_missing_keys_are_named(bucket, monkeypatch):
    monkeypatch.setenv("SONGFILM_S3_SECRET_KEY", "")
    assert "SONGFILM_S3_SECRET_KEY" in finding("store", bucket).found


def test_server_that_ignores_conditions_will_not_do(bucket, monkeypatch):
    put = MinioStore.put_bytes
    monkeypatch.setattr(
        MinioStore, "put_bytes", lambda store, key, data, *, if_absent: put(store, key, data)
    )
    found = finding("store", bucket)
    assert found.state == "missing"
    assert "If-None-Match" in found.found
    assert not list(open_store(bucket).list("check"))


def test_trial_object_goes_even_when_it_cannot_be_read(bucket, monkeypatch):
    def silent(_store, key):
        raise UnreachableError(f"no answer for {key}")

    monkeypatch.setattr(MinioStore, "get_bytes", silent)
    assert "no answer for check/" in finding("store", bucket).found
    assert not list(open_store(bucket).list("check"))


def test_catalogue_is_told_with_its_place_and_version(tmp_path, monkeypatch):
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path))
    monkeypatch.delenv("SONGFILM_CATALOGUE_URL", raising=False)
    found = finding("catalogue", str(tmp_path / "store"))
    assert found.state == "ok"
    assert found.found == (
        f"{tmp_path}/catalogue.db answers, version {NEWEST}, for this machine alone"
    )


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://me:hunter2@host/db", "SONGFILM_CATALOGUE_URL is not understood"),
        ("postgresql://me:hunter2@127.0.0.1:1/db", "postgresql://127.0.0.1:1/db did not answer"),
    ],
)
def test_catalogue_that_cannot_be_used_says_what_to_set(tmp_path, monkeypatch, url, said):
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path))
    monkeypatch.setenv("SONGFILM_CATALOGUE_URL", url)
    found = finding("catalogue", str(tmp_path / "store"))
    assert found.state == "missing"
    assert said in found.found
    assert "hunter2" not in found.found
    assert "SONGFILM_CATALOGUE_URL" in found.advice
