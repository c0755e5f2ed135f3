"""Two machines that share nothing but a bucket on a real S3 server and the Prefect server."""

import re
import zlib

import pytest
from support.farm import kill
from support.proxy import open_proxy
from support.songs import write_click_song

from deployments.bucket import changes
from deployments.bucket_policies import Role
from deployments.farm.services import wait_until
from tasks.assembly.task import open_manifest
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.keys import song_key
from tasks.storage.minio.address import bucket_of
from tasks.storage.store import file_sha256

pytestmark = pytest.mark.services

FILE_SENT = rb"PUT /\S+/blobs/"
SHOTS = [f"shot_{number:03d}" for number in range(1, 40)]


class Machine:
    """A folder that no other machine sees, and the store as workers there reach it."""

    def __init__(self, home, access, counted, **variables):
        self.home = home
        own = {"SONGFILM_HOME": home, "PREFECT_HOME": home / "prefect", "TMPDIR": home / "tmp"}
        (home / "tmp").mkdir(parents=True)
        self.environment = {
            **{name: str(path) for name, path in own.items()},
            **counted.environment,
            **access,
            **variables,
        }

    def has(self, kind):
        """Whether some file of a kind lies in its folder."""
        return any(self.home.rglob(kind))


@pytest.fixture
def access(ceph, monkeypatch, request):
    """What workers are told of a new bucket: its address and keys that may do a worker's work."""
    name = f"farm-{zlib.crc32(request.node.name.encode())}"
    owner = ceph.settings(name)
    settings = Settings.model_validate(
        {key.removeprefix("SONGFILM_").lower(): value for key, value in owner.items()}
    )
    worker = ceph.make_user(f"worker-of-{name}")
    bucket, prefix = bucket_of(settings.store_url, settings)
    # On Ceph, what a worker writes is its own: the bucket's owner reads it by a role, too.
    given = {Role.WORKER: [worker.arn], Role.ROOT: [ceph.owner.arn]}
    for change in changes(bucket, prefix, clip_days=settings.clip_days, principals=given):
        change.make()
    # The test itself looks as the owner does.
    for variable, value in owner.items():
        monkeypatch.setenv(variable, value)
    return ceph.settings(name, user=worker)


@pytest.fixture
def song(farm, access, tmp_path):
    """Key of a song that only the bucket has."""
    path = write_click_song(tmp_path / "clicks.wav", 24.0)
    key = song_key(file_sha256(path), path.name)
    open_store().put_file(key, path, move=True)
    return key


def finished(farm, run):
    """The manifest of a film that is whole in the store."""
    ended = farm.wait(run, timeout_s=240)
    assert ended["state_type"] == "COMPLETED", f"{ended['state']['message']}\n{farm.tails()}"
    manifest = open_manifest(run, store=None)
    assert manifest.output.path.startswith(f"films/{run}/")
    return manifest


def check_film(manifest, folder):
    """Every byte of the film and its clips is in the store."""
    store = open_store()
    output = manifest.output
    store.get_file(output.path, folder / "film.mp4", sha256=output.sha256)
    assert (folder / "film.mp4").stat().st_size == output.size
    for shot in manifest.shots:
        assert store.get_bytes(shot.clip.key)


def test_two_machines_make_one_film_and_one_dies_while_it_sends_a_clip(
    farm, ceph, counted, access, song, tmp_path
):
    counted.forget()
    counted.slow(1.0, *SHOTS)
    with open_proxy(ceph.address) as proxy:
        far = {"SONGFILM_S3_ENDPOINT": proxy.endpoint}
        dying = Machine(tmp_path / "dying", access, counted, **far)
        other = Machine(tmp_path / "other", access, counted)
        # The head of its first clip leaves, the bytes do not arrive.
        held = proxy.hold(FILE_SENT)
        name = farm.start_worker("cpu", 0, **dying.environment)
        farm.start_worker("cpu", 1, **other.environment)
        with farm.staffed("films", **other.environment):
            run = farm.film(song, seed=17)
            assert wait_until(lambda: held.struck, timeout_s=120, poll_s=0.05), farm.tails()
            kill(farm.worker(name).pid)
            farm.stop_worker(name)
            proxy.mend()
            # It comes back with an empty disk.
            again = Machine(tmp_path / "again", access, counted, **far)
            farm.start_worker("cpu", 0, **again.environment)
            manifest = finished(farm, run)
    check_film(manifest, tmp_path)
    calls = counted.calls
    assert len(calls) == len(manifest.shots)
    assert sum(calls.values()) <= len(calls) + 1, calls
    assert sent(proxy) < len(calls), "one machine made all of it"
    assert not ceph.client()._list_multipart_uploads(bucket_name(access)).uploads
    assert not any(machine.has("data") for machine in (dying, other, again)), "a store of its own"
    told = f"{farm.read(run)} {farm.children(run)} {farm.artifacts(run)} {farm.tails()}"
    assert access["SONGFILM_S3_SECRET_KEY"] not in told


def sent(proxy):
    """Files whose sending has begun."""
    return sum(bool(re.match(FILE_SENT.decode(), line)) for line in proxy.requests)


def bucket_name(access):
    return access["SONGFILM_STORE"].split("/")[2]
