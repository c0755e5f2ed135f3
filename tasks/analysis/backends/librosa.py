"""The baseline: librosa's beat tracker as it comes, and our bars."""

from importlib.metadata import version

import librosa
import numpy as np

from tasks.analysis.pulse import NO_PULSE, group_beats
from tasks.analysis.sound import Pulse, Sound
from tasks.analysis.spectrum import SAMPLE_RATE_HZ, WINDOW


class LibrosaTracker:
    """Beats by dynamic programming over the onset strength.

    Source:
        D. Ellis, Beat Tracking by Dynamic Programming, JNMR 36(1), 2007.
    """

    name = "librosa"

    def version(self) -> str:
        """That of the library."""
        return version("librosa")

    def track(self, sound: Sound) -> Pulse:
        """Find beats with the library's own settings."""
        if len(sound.samples) < WINDOW or not sound.samples.any():
            return NO_PULSE  # librosa would warn of padding, and of divisions by nothing
        _, beats = librosa.beat.beat_track(y=sound.samples, sr=SAMPLE_RATE_HZ, units="time")
        return group_beats(np.asarray(beats, np.float64), sound)
