"""essentia's beat tracker, in a process of its own; attacks and bars are ours."""

import contextlib
import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from tasks import cancellation
from tasks.analysis.attacks import place_on_attacks
from tasks.analysis.pulse import NO_PULSE, group_beats
from tasks.analysis.sound import Pulse, Sound, Times
from tasks.analysis.spectrum import SAMPLE_RATE_HZ, FloatArray
from tasks.analysis.tracker import TrackerError
from tasks.errors import MissingDependencyError
from tasks.media.confine import Bounds, confine
from tasks.media.ffmpeg import timeout_for

_DISTRIBUTIONS = ("essentia", "essentia-tensorflow")  # either brings the module
_LOOK_S = 0.2  # between looks whether somebody asked to stop


class EssentiaTracker:
    """Beats from the complex spectral difference, by a model of tempo and its drift.

    Source:
        N. Degara et al., Reliability-Informed Beat Tracking of Musical Signals, IEEE TASLP 20(1),
        2012 (essentia's `RhythmExtractor2013`, method degara: as good as multifeature, at a
        quarter of the cost).
    """

    name = "essentia"

    def __init__(self) -> None:
        """Look whether the package is there; it is not loaded into this process.

        Raises:
            MissingDependencyError: It is not.
        """
        self._version = _installed_version()

    def version(self) -> str:
        """That of the package."""
        return self._version

    def track(self, sound: Sound) -> Pulse:
        """Find beats in a process of its own, which ends with this call, each on its attack.

        Raises:
            TrackerError: The process failed, or took too long.
            RunCancelledError: Somebody asked to stop.
        """
        if not sound.samples.any():
            return NO_PULSE  # essentia taps 738 beats a minute into silence
        beats = place_on_attacks(sound.samples, _ask(sound.samples))
        return group_beats(beats, sound)


def _installed_version() -> str:
    for name in _DISTRIBUTIONS:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    raise MissingDependencyError(
        "the beat tracker essentia is not installed: pip install 'songfilm[essentia]' (its licence "
        "is the AGPL), or choose another one"
    )


def _ask(samples: FloatArray) -> Times:
    """Beats as the other process hears them, seconds."""
    worker = "tasks.analysis.backends.essentia_worker"
    # -P: a song's folder may hold files that are named like modules.
    command = (sys.executable, "-P", "-m", worker, str(os.getpid()), str(SAMPLE_RATE_HZ))
    limit_s = timeout_for(len(samples) / SAMPLE_RATE_HZ)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        confine(process, Bounds(limit_s))
        written, said = _converse(process, samples, limit_s)
    if process.returncode != 0:
        raise TrackerError(_explain(process.returncode, said.decode("utf-8", "replace")))
    return np.asarray(json.loads(written)["beats"], np.float64)


def _converse(
    process: subprocess.Popen[bytes], samples: FloatArray, limit_s: float
) -> tuple[bytes, bytes]:
    """Hand over the samples and wait for the answer, but not past the limit."""
    end = time.monotonic() + limit_s
    with ThreadPoolExecutor(1) as pool:
        talk = pool.submit(process.communicate, samples.tobytes())
        try:
            while time.monotonic() < end:
                with contextlib.suppress(TimeoutError):
                    return talk.result(_LOOK_S)
                cancellation.check()
        finally:
            process.kill()  # ends the talk too
    raise TrackerError(
        f"essentia took longer than {limit_s:.0f} s and was stopped; choose another beat tracker"
    )


def _explain(code: int, said: str) -> str:
    """How the process ended, and its last line."""
    how = f"with exit code {code}" if code > 0 else f"by {signal.Signals(-code).name}"
    last = said.strip().rpartition("\n")[2]
    told = f": {last}" if last else ""
    return f"essentia ended {how}{told}; install it again, or choose another beat tracker"
