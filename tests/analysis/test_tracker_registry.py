"""Beat trackers are found by name, or an error says what to do."""

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tasks import cancellation
from tasks.analysis import tracker as registry
from tasks.analysis.backends import essentia
from tasks.analysis.backends.beat_this import BeatThisTracker
from tasks.analysis.tracker import TRACKERS, TrackerError, known_trackers, load_tracker
from tasks.errors import BadInputError, MissingDependencyError, RunCancelledError

SAMPLES = np.full(22050, 0.1, np.float32)


def test_an_unknown_tracker_names_the_known_ones():
    with pytest.raises(BadInputError, match=r"'fingers' is unknown.*beat_this, essentia, librosa"):
        load_tracker("fingers")


def test_trackers_of_other_packages_are_found(tmp_path, monkeypatch):
    info = tmp_path / "foot-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: foot\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[songfilm.beat_trackers]\nfoot = foot:Foot\n")
    (tmp_path / "foot.py").write_text("class Foot:\n    name = 'foot'\n")
    monkeypatch.syspath_prepend(tmp_path)
    registry._announced.cache_clear()
    try:
        assert load_tracker("foot").name == "foot"
        assert set(known_trackers()) == {*TRACKERS, "foot"}
    finally:
        registry._announced.cache_clear()


def test_a_missing_package_names_its_extra(monkeypatch):
    def nothing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", nothing)
    with pytest.raises(MissingDependencyError, match=r"songfilm\[essentia\]"):
        load_tracker("essentia")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match=r"torch.*songfilm\[beat_this\]"):
        load_tracker("beat_this")


def test_missing_weights_name_their_setting(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    with pytest.raises(MissingDependencyError, match="SONGFILM_BEAT_THIS_WEIGHTS"):
        load_tracker("beat_this")
    with pytest.raises(MissingDependencyError, match=r"there is no file .*gone.ckpt"):
        load_tracker("beat_this", weights={"beat_this": tmp_path / "gone.ckpt"})


def test_other_weights_are_another_version(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.1")
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    versions = {BeatThisTracker(weights=tmp_path / name).version() for name in "ab"}
    assert len(versions) == 2
    assert all(version.startswith("1.1 ") for version in versions)


@pytest.fixture
def fake_essentia(tmp_path, monkeypatch):
    """Puts a package in essentia's place; `body` is run where the beats would be found."""

    def put(body):
        package = tmp_path / "essentia"
        package.mkdir()
        (package / "__init__.py").write_text("class log: pass\n")
        lines = "".join(f"        {line}\n" for line in body.splitlines())
        (package / "standard.py").write_text(
            "import os, sys, time\nimport numpy as np\n"
            "def Resample(**rates):\n    return lambda samples: np.repeat(samples, 2)\n"
            f"def RhythmExtractor2013(method):\n    def extract(samples):\n{lines}"
            "    return extract\n"
        )
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    return put


def test_samples_go_to_essentia_and_beats_come_back(fake_essentia):
    fake_essentia(
        "print('essentia speaks')\n"
        "assert method == 'degara' and samples.dtype == np.float32\n"
        "return 120.0, [len(samples) / 44100, float(samples[5])]"
    )
    assert essentia._ask(SAMPLES) == pytest.approx([1.0, 0.1])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise RuntimeError('no luck')", "exit code 1: RuntimeError: no luck"),
        ("os.abort()", "SIGABRT"),
    ],
)
def test_a_crash_of_essentia_is_told(fake_essentia, body, said):
    fake_essentia(body)
    with pytest.raises(TrackerError, match=f"{said}.*another beat tracker"):
        essentia._ask(SAMPLES)


@pytest.mark.slow
def test_essentia_is_stopped_when_it_hangs(fake_essentia, monkeypatch, tmp_path):
    fake_essentia(f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)")
    monkeypatch.setattr(essentia, "timeout_for", lambda duration_s: 5.0)
    with pytest.raises(TrackerError, match="longer than 5 s"):
        essentia._ask(SAMPLES)
    assert not alive(int((tmp_path / "pid").read_text()))


def test_essentia_is_stopped_on_request(fake_essentia):
    fake_essentia("time.sleep(600)")
    cancellation.request()
    try:
        with pytest.raises(RunCancelledError):
            essentia._ask(SAMPLES)
    finally:
        cancellation.clear()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere its CPU time is bound alone")
def test_essentia_ends_with_who_asked(fake_essentia, tmp_path):
    place = tmp_path / "pid"
    fake_essentia(
        f"open({str(place)!r} + '.part', 'w').write(str(os.getpid()))\n"
        f"os.rename({str(place)!r} + '.part', {str(place)!r})\ntime.sleep(600)"
    )
    asks = (
        "import numpy as np\nfrom tasks.analysis.backends import essentia\n"
        "essentia._ask(np.ones(9, np.float32))"
    )
    with subprocess.Popen([sys.executable, "-c", asks]) as parent:
        wait_for(place.exists)
        parent.kill()
    worker = int(place.read_text())
    wait_for(lambda: not alive(worker))


def wait_for(holds):
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(pid):
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"  # a container's first process may leave the dead unburied
