"""The song as all ears share it, and what a beat tracker tells."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tasks.analysis.chroma import Chroma, measure_chroma
from tasks.analysis.network import Activations, hear_pulse
from tasks.analysis.onsets import Onsets, measure_onsets
from tasks.analysis.spectrum import FloatArray, Spectrum, measure_spectrum

Times = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sound:
    """One song, decoded and measured once.

    Attributes:
        samples: Mono at the listening rate, shape (samples,).
        spectrum: Its bands.
        onsets: Where sounds start in it.
        chroma: Its harmony.
        activations: What the trained ear hears in them.
    """

    samples: FloatArray
    spectrum: Spectrum
    onsets: Onsets
    chroma: Chroma
    activations: Activations


@dataclass(frozen=True, eq=False)
class Pulse:
    """The beats of a song.

    Attributes:
        beats: Seconds, rising; empty when the song has none.
        downbeats: Each one of `beats`.
        meter: Beats a bar.
        tempo_confidence: How sure the metrical level is, 0..1.
        downbeat_confidence: How sure the bars' phase is, 0..1.
    """

    beats: Times
    downbeats: Times
    meter: int
    tempo_confidence: float
    downbeat_confidence: float


def measure_sound(samples: FloatArray) -> Sound:
    """Measure a song for all ears.

    Args:
        samples: Mono at the listening rate, shape (samples,), not empty.
    """
    spectrum = measure_spectrum(samples)
    onsets, chroma = measure_onsets(spectrum), measure_chroma(samples)
    return Sound(samples, spectrum, onsets, chroma, hear_pulse(onsets, chroma))
