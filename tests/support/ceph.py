"""A real S3 server of one's own: Ceph's gateway over one monitor and one disk in memory.

Everything runs on loopback, as whoever runs the tests, and dies with its parent. A start takes a
second, half a second of CPU and 140 MB, so that each test process can have its own. Ceph keeps
deleted data for two hours unless told; here it is gone within seconds.
"""

import contextlib
import functools
import itertools
import json
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from minio import Minio

from deployments.farm.services import wait_until
from support.farm import free_port

PACKAGES = "ceph-mon ceph-osd radosgw ceph-common"
_PROGRAMS = (
    *("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin"),
    *("ceph", "ceph-authtool", "monmaptool", "setpriv"),
)
_START_S, _STOP_S = 60.0, 20.0
# What the disk in memory may hold, bytes.
_DISK = 3 << 30
_CAPS = {
    "mon.": {"mon": "allow *"},
    "client.admin": {"mon": "allow *", "osd": "allow *"},
    "client.rgw": {"mon": "allow rw", "osd": "allow rwx"},
    "osd.0": {"mon": "allow profile osd", "osd": "allow *"},
}
_CONFIG = """\
[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{mon_port}/0
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = {place}/keyring
auth allow insecure global id reclaim = false
mon data = {place}/mon
osd data = {place}/osd
rgw data = {place}/rgw
run dir = {place}/run
admin socket = {place}/run/$name.asok
log file = {place}/log/$name.log
pid file =
osd objectstore = memstore
memstore device bytes = {disk}
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd heartbeat grace = 600
# How long a gateway that was killed is waited for by the next one.
osd client watch timeout = 3
objecter tick interval = 1
mon allow pool size one = true
mon warn on pool no redundancy = false
mon data avail warn = 2
mon data avail crit = 1
# One monitor has nobody to wait for: a second less for each pool.
paxos propose interval = 0.02
paxos min wait = 0.01
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:{port} tcp_nodelay=1
rgw thread pool size = 32
rgw gc obj min wait = 2
rgw gc processor period = 3
rgw gc processor max time = 3
rgw lc debug interval = {day_s}
"""


@dataclass(frozen=True)
class S3User:
    """Who may ask the server."""

    name: str
    access_key: str
    secret_key: str

    @property
    def arn(self) -> str:
        """The name that bucket policies know."""
        return f"arn:aws:iam:::user/{self.name}"


class Ceph:
    """A cluster in a folder."""

    def __init__(self, place: Path, *, day_s: int) -> None:
        self.place, self.port, self._day_s = place, free_port(), day_s
        self._environment = {**os.environ, "CEPH_CONF": str(place / "ceph.conf")}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._numbers = itertools.count(1)

    @functools.cached_property
    def owner(self) -> S3User:
        """Who owns the buckets."""
        return self.make_user("owner")

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the gateway."""
        return "127.0.0.1", self.port

    @property
    def endpoint(self) -> str:
        """The gateway as settings name it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def access_key(self) -> str:
        """Of the user who owns the buckets."""
        return self.owner.access_key

    @property
    def secret_key(self) -> str:
        """Of the user who owns the buckets."""
        return self.owner.secret_key

    def make_user(self, name: str) -> S3User:
        """A new user without rights in the buckets of others."""
        told = ("user", "create", f"--uid={name}", f"--display-name={name}")
        made = json.loads(self._run("radosgw-admin", *told))
        keys = made["keys"][0]
        return S3User(name, keys["access_key"], keys["secret_key"])

    def client(self, user: S3User | None = None) -> Minio:
        """Plain minio-py, to look behind the store's back."""
        who = user or self.owner
        return Minio(
            f"127.0.0.1:{self.port}",
            access_key=who.access_key,
            secret_key=who.secret_key,
            secure=False,
            region="us-east-1",
        )

    def make_bucket(self) -> str:
        """A new bucket of the owner's; returns its name."""
        name = f"songfilm-{next(self._numbers)}"
        self.client().make_bucket(name)
        return name

    def settings(self, bucket: str, *, user: S3User | None = None) -> dict[str, str]:
        """Variables of the environment that make a bucket somebody's store."""
        who = user or self.owner
        return {
            "SONGFILM_STORE": f"s3://{bucket}/films",
            "SONGFILM_S3_ENDPOINT": self.endpoint,
            "SONGFILM_S3_ACCESS_KEY": who.access_key,
            "SONGFILM_S3_SECRET_KEY": who.secret_key,
        }

    def start(self) -> None:
        """Make the cluster and start it."""
        for name in ("mon", "osd", "rgw", "run", "log"):
            (self.place / name).mkdir()
        fsid, mon_port = str(uuid.uuid4()), free_port()
        config = _CONFIG.format(
            fsid=fsid,
            mon_port=mon_port,
            place=self.place,
            disk=_DISK,
            port=self.port,
            day_s=self._day_s,
        )
        (self.place / "ceph.conf").write_text(config)
        self._start_cluster(fsid, mon_port)
        self.start_gateway()

    def start_gateway(self) -> None:
        """Start the gateway and wait until it takes connections; it dies with this thread."""
        self._start("radosgw", "-n", "client.rgw")
        wait_until(lambda: self._listens() or self._ended(), timeout_s=_START_S, poll_s=0.02)
        assert not self._ended(), f"{self._ended()} ended:\n{self._tails()}"
        assert self._listens(), f"the gateway does not listen:\n{self._tails()}"

    def stop_gateway(self) -> None:
        """End the gateway at once: what it was doing is left as it is."""
        process = self._processes.pop("radosgw")
        process.kill()
        process.wait(_STOP_S)

    def stop(self) -> None:
        """End everything that runs."""
        while self._processes:
            process = self._processes.popitem()[1]
            process.kill()
            process.wait(_STOP_S)

    def _start_cluster(self, fsid: str, mon_port: int) -> None:
        """Monitor, then the disk that it knows."""
        keyring, monmap = self.place / "keyring", self.place / "monmap"
        keyring.touch()
        for name, caps in _CAPS.items():
            options = [word for cap in caps.items() for word in ("--cap", *cap)]
            self._run("ceph-authtool", str(keyring), "--gen-key", "-n", name, *options)
        shutil.copy(keyring, self.place / "osd" / "keyring")
        where = f"[v2:127.0.0.1:{mon_port}/0]"
        self._run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", where, str(monmap))
        told = ("--monmap", str(monmap), "--keyring", str(keyring))
        self._run("ceph-mon", "--mkfs", "-i", "a", *told)
        self._start("ceph-mon", "-i", "a")
        disk = str(uuid.uuid4())
        self._run("ceph", "--connect-timeout", f"{_START_S:.0f}", "osd", "new", disk)
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk)
        self._start("ceph-osd", "-i", "0")

    def _start(self, program: str, *options: str) -> None:
        """Start a process that does not outlive this one, however this one ends."""
        with (self.place / "log" / f"{program}.out").open("ab") as log:
            self._processes[program] = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", program, "-f", *options],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _run(self, *command: str) -> str:
        """Run a program to its end and return what it says."""
        done = subprocess.run(
            command,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_START_S,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}\n{self._tails()}"
        return done.stdout

    def _listens(self) -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection(self.address, timeout=1).close()
            return True
        return False

    def _ended(self) -> list[str]:
        return [name for name, each in self._processes.items() if each.poll() is not None]

    def _tails(self) -> str:
        """Ends of what the processes said."""
        logs = sorted((self.place / "log").glob("*.out"))
        return "\n".join(f"{log.name}:\n{log.read_text()[-1500:]}" for log in logs)


@contextlib.contextmanager
def running_ceph(*, day_s: int = 0) -> Iterator[Ceph]:
    """A new cluster; skips the test where Ceph is not installed.

    Args:
        day_s: Seconds that the rules which let objects expire take for a day; 0 is a real one.
    """
    missing = [name for name in _PROGRAMS if not shutil.which(name)]
    if missing:
        pytest.skip(f"no {', '.join(missing)} on this machine (Debian: apt-get install {PACKAGES})")
    place = Path(tempfile.mkdtemp(prefix="songfilm-ceph-"))
    ceph = Ceph(place, day_s=day_s)
    try:
        ceph.start()
        yield ceph
    finally:
        ceph.stop()
        shutil.rmtree(place)
