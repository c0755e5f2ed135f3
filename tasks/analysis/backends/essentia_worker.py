"""The process that essentia works in: samples on standard input, JSON on standard output.

essentia is AGPL, large, and ends the process when it fails: nothing of ours is loaded beside it.

    python -m tasks.analysis.backends.essentia_worker PARENT_PID RATE_HZ < float32 samples
"""

import ctypes
import json
import os
import signal
import sys

import numpy as np

_NEEDS_RATE_HZ = 44100.0  # RhythmExtractor2013 takes no other
# prctl's "send me this signal when my parent dies".
_PR_SET_PDEATHSIG = 1


def main(parent_pid: int, rate_hz: float) -> None:
    """Answer with the beats of one song, in seconds.

    Args:
        parent_pid: Who asks; this process ends with that one.
        rate_hz: Of the mono float32 samples on standard input.
    """
    _end_with(parent_pid)
    # Libraries write into standard output as they please: the answer has a way of its own.
    answers = os.dup(1)
    os.dup2(2, 1)
    samples = np.frombuffer(sys.stdin.buffer.read(), np.float32)
    beats = _find_beats(samples, rate_hz)
    with os.fdopen(answers, "w") as answer:
        json.dump({"beats": beats}, answer)


def _find_beats(samples: np.ndarray, rate_hz: float) -> list[float]:
    import essentia
    from essentia import standard

    essentia.log.infoActive = False
    essentia.log.warningActive = False
    resample = standard.Resample(inputSampleRate=rate_hz, outputSampleRate=_NEEDS_RATE_HZ)
    extract = standard.RhythmExtractor2013(method="degara")
    return [float(beat) for beat in extract(resample(samples))[1]]


def _end_with(parent_pid: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        sys.exit("the process that asked is gone")


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
