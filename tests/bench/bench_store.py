"""The S3 store beside plain minio-py on a real server: 200 MB up and down, 500 small objects.

Run by `python -m tests.bench store`. Both sides do the same work in turn, each time in a process of
its own, whose CPU time (all threads) and peak memory (above what it had before) are told; seconds
on the wall are those of both and the server on one machine. Plain is `fput_object`, `fget_object`,
`put_object` and `get_object` with their defaults, which check no digest of what was stored; ours
checks every byte. A figure is the median over the rounds of ours over plain.
"""

import argparse
import hashlib
import io
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from minio import Minio
from support.ceph import Ceph, running_ceph

MB = 1_000_000
LARGE, SMALL, COUNT = 200 * MB, 2_000, 500
FIGURES = {
    "store_put_ratio": "put",
    "store_get_ratio": "get",
    "store_small_ratio": "small",
}
# Where a side finds what was stored before; the other names are those of its own writes.
THERE, NEW = "films/there.mp4", "films/new.mp4"

Spent = dict[str, float]


def main() -> None:
    """Measure all figures, or one side's work when told so."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--side", choices=("ours", "plain"), help=argparse.SUPPRESS)
    parser.add_argument("--work", choices=tuple(FIGURES.values()), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.side:
        work = (our_work if told.side == "ours" else plain_work)(told.folder)[told.work]
        print(json.dumps(spent_by(work)))
        return
    with running_ceph() as ceph, tempfile.TemporaryDirectory(prefix="songfilm-bench-") as folder:
        measure(ceph, Path(folder), told.rounds)


def measure(ceph: Ceph, folder: Path, rounds: int) -> None:
    """Let both sides work in turn and print the figures."""
    bucket = ceph.make_bucket()
    environment = {**os.environ, **ceph.settings(bucket), "SONGFILM_HOME": str(folder / "home")}
    path = folder / "large"
    path.write_bytes(np.random.default_rng(1).bytes(LARGE))
    ceph.client().fput_object(bucket, f"films/{THERE}", str(path))
    for figure, work in FIGURES.items():
        took: dict[str, list[Spent]] = {"ours": [], "plain": []}
        for number in range(2 * rounds):
            # Whoever comes second finds the server warmer: they take turns in that, too.
            side = ("ours", "plain")[(number + number // 2) % 2]
            command = [sys.executable, __file__, "--side", side, "--work", work]
            done = subprocess.run(
                [*command, "--folder", str(folder)],
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            took[side].append(json.loads(done.stdout))
            empty(ceph, bucket)
        show(figure, took, rounds, digest_cpu_s=round(digest_s(path), 3))


def digest_s(path: Path) -> float:
    """CPU seconds of one pass of SHA-256 over the large file, for comparison."""
    begun = time.process_time()
    with path.open("rb") as file:
        hashlib.file_digest(file, "sha256")
    return time.process_time() - begun


def our_work(folder: Path) -> dict[str, Callable[[], None]]:
    """Pieces of work of the store."""
    from tasks.storage import open_store

    store = open_store()

    def small() -> None:
        for number in range(COUNT):
            store.put_bytes(f"clips/{number}.json", small_bytes(number))
        for number in range(COUNT):
            assert store.get_bytes(f"clips/{number}.json") == small_bytes(number)

    return {
        "put": lambda: check(store.put_file(NEW, folder / "large").size),
        "get": lambda: check(store.get_file(THERE, folder / "back").size),
        "small": small,
    }


def plain_work(folder: Path) -> dict[str, Callable[[], None]]:
    """The same pieces of minio-py."""
    client = Minio(
        os.environ["SONGFILM_S3_ENDPOINT"].removeprefix("http://"),
        os.environ["SONGFILM_S3_ACCESS_KEY"],
        os.environ["SONGFILM_S3_SECRET_KEY"],
        secure=False,
        region="us-east-1",
    )
    bucket, prefix = os.environ["SONGFILM_STORE"].removeprefix("s3://").split("/")
    there, new, back = f"{prefix}/{THERE}", f"{prefix}/{NEW}", str(folder / "back")

    def small() -> None:
        for number in range(COUNT):
            data = small_bytes(number)
            client.put_object(bucket, f"{prefix}/clips/{number}.json", io.BytesIO(data), len(data))
        for number in range(COUNT):
            answer = client.get_object(bucket, f"{prefix}/clips/{number}.json")
            assert answer.read() == small_bytes(number)
            answer.close()
            answer.release_conn()

    def put() -> None:
        client.fput_object(bucket, new, str(folder / "large"))

    def get() -> None:
        client.fget_object(bucket, there, back)
        check((folder / "back").stat().st_size)

    return {"put": put, "get": get, "small": small}


def small_bytes(number: int) -> bytes:
    """What a small object holds."""
    return f"{number:>{SMALL}}".encode()


def check(size: int) -> None:
    """A transfer that was cut measures nothing."""
    assert size == LARGE, size


def spent_by(work: Callable[[], None]) -> Spent:
    """CPU and wall seconds of a piece of work, and the memory that it took on top."""
    before_mb, before = memory_mb("VmRSS"), resource.getrusage(resource.RUSAGE_SELF)
    begun = time.monotonic()
    work()
    wall_s = time.monotonic() - begun
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu_s": cpu_s, "wall_s": wall_s, "peak_mb": memory_mb("VmHWM") - before_mb}


def memory_mb(name: str) -> float:
    """A line of what Linux says about this process's memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith(f"{name}:"))


def empty(ceph: Ceph, bucket: str) -> None:
    """Remove what a side wrote, and give the server time to forget it."""
    client = ceph.client()
    for found in client.list_objects(bucket, recursive=True):
        if found.object_name != f"films/{THERE}":
            client.remove_object(bucket, found.object_name)
    time.sleep(3)


def show(figure: str, took: dict[str, list[Spent]], rounds: int, **beside: float) -> None:
    """Print a figure as a line, with the medians of both sides."""
    pairs = zip(took["ours"], took["plain"], strict=True)
    ratio = statistics.median(ours["cpu_s"] / plain["cpu_s"] for ours, plain in pairs)
    beside |= {
        f"{side}_{name}": round(statistics.median(each[name] for each in spent), 3)
        for side, spent in took.items()
        for name in spent[0]
    }
    line = {"figure": figure, "value": round(ratio, 3), "unit": "ratio", "n": rounds}
    print(json.dumps({**line, "beside": beside}), flush=True)


if __name__ == "__main__":
    main()
