"""The network Beat This!, where its weights are; on a GPU where torch has one."""

import hashlib
import importlib.metadata
import importlib.util
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tasks.analysis.attacks import place_on_attacks
from tasks.analysis.pulse import NO_PULSE, group_beats
from tasks.analysis.sound import Pulse, Sound
from tasks.analysis.spectrum import SAMPLE_RATE_HZ, FloatArray
from tasks.errors import BadInputError, MissingDependencyError, TransientError

_PACKAGES = ("torch", "torchaudio", "beat_this")
_FRAME_RATE_HZ = 50
_SHORTEST = 1024  # samples: the network's window
_DIGEST_LETTERS = 12


class BeatThisTracker:
    """Beats and downbeats by a transformer, picked without a model of tempo.

    Source:
        F. Foscarin, J. Schlueter, G. Widmer, Beat This! Accurate Beat Tracking Without DBN
        Postprocessing, ISMIR 2024.
    """

    name = "beat_this"

    def __init__(self, *, weights: Path | None = None) -> None:
        """Make sure that everything is there; nothing is loaded yet, and nothing ever fetched.

        Args:
            weights: A checkpoint file of the authors, or one that was trained with their code.

        Raises:
            MissingDependencyError: A package or the weights are not there.
        """
        missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
        if missing:
            raise MissingDependencyError(
                f"the beat tracker beat_this needs {', '.join(missing)}: pip install "
                "'songfilm[beat_this]', or choose another one"
            )
        if weights is None or not weights.is_file():
            there = "no file is named" if weights is None else f"there is no file {weights}"
            raise MissingDependencyError(
                f"the beat tracker beat_this needs its weights, and {there}: set "
                "SONGFILM_BEAT_THIS_WEIGHTS to a checkpoint, such as final0.ckpt, or choose "
                "another one"
            )
        self._weights = weights
        with weights.open("rb") as file:
            self._digest = hashlib.file_digest(file, "sha256").hexdigest()[:_DIGEST_LETTERS]

    def version(self) -> str:
        """That of the package, and the first letters of the weights' digest."""
        return f"{importlib.metadata.version('beat_this')} {self._digest}"

    def track(self, sound: Sound) -> Pulse:
        """Find beats and bars, each beat on its sound's attack.

        Raises:
            BadInputError: The weights are no checkpoint of this network.
            MissingDependencyError: The packages do not fit each other.
            TransientError: The GPU has no memory left.
        """
        if len(sound.samples) < _SHORTEST or not sound.samples.any():
            return NO_PULSE
        return _read(*_listen(sound.samples, self._weights), sound)


def _listen(samples: FloatArray, weights: Path) -> tuple[Any, Any]:
    """Tensors of how much there is for a beat and for a downbeat in every frame: logits."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        logits: tuple[Any, Any] = _load(weights, device)(samples, SAMPLE_RATE_HZ)
    except torch.OutOfMemoryError as error:
        raise TransientError(
            "the GPU has no memory left for beat_this; close other programs and run again"
        ) from error
    return logits


def _load(weights: Path, device: str) -> Any:
    import torch

    try:
        from beat_this.inference import Audio2Frames
    except (ImportError, OSError) as error:
        raise MissingDependencyError(
            f"beat_this cannot be loaded ({error}); install torch and torchaudio of one version"
        ) from error
    try:
        return Audio2Frames(str(weights), device)
    except torch.OutOfMemoryError:
        raise
    except (pickle.UnpicklingError, EOFError, KeyError, TypeError, RuntimeError) as error:
        raise BadInputError(
            f"{weights} is no checkpoint of beat_this; copy or download it again"
        ) from error


def _read(beat: Any, downbeat: Any, sound: Sound) -> Pulse:
    """Peaks of the network's answer, as its authors pick them."""
    from beat_this.model.postprocessor import Postprocessor

    picked, bars = Postprocessor("minimal", _FRAME_RATE_HZ)(beat, downbeat)
    beats = place_on_attacks(sound.samples, np.asarray(picked, np.float64))
    if len(bars) == 0 or len(beats) == 0:
        return group_beats(beats, sound)
    # Beats that lay on one attack are one now.
    first = np.zeros(len(beats), bool)
    first[np.abs(beats - bars[:, None]).argmin(axis=1)] = True
    lengths = np.bincount(np.diff(np.flatnonzero(first)), minlength=5)
    return Pulse(
        beats,
        beats[first],
        int(lengths.argmax()) if lengths.any() else NO_PULSE.meter,
        _certainty(beat, picked),
        _certainty(downbeat, bars),
    )


def _certainty(logits: Any, times: npt.NDArray[np.float64]) -> float:
    """Mean probability at the times, 0..1."""
    frames = np.round(times * _FRAME_RATE_HZ).astype(int)
    return float(logits.sigmoid().cpu().numpy()[frames].mean())
