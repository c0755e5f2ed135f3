"""The stage: one stereo track a part, on which one-shots and notes are placed by sample."""

from dataclasses import dataclass, field

import numpy as np

from tasks.media.demo.effects import Wave
from tasks.media.demo.score import SAMPLES


@dataclass
class Stage:
    """Tracks by name, and a random generator a part, so that parts stay independent."""

    seed: int
    tracks: dict[str, Wave] = field(default_factory=dict)

    def rng(self, part: str) -> np.random.Generator:
        """Give a part its own repeatable random numbers."""
        return np.random.default_rng([self.seed, *part.encode()])

    def track(self, name: str) -> Wave:
        """Give a part's track, silent at first; shape (2, samples)."""
        return self.tracks.setdefault(name, np.zeros((2, SAMPLES)))

    def place(
        self, name: str, sound: Wave, start: int, *, gain: float = 1.0, pan: float = 0.0
    ) -> None:
        """Add a mono or stereo sound; what would lie past the song's end is dropped.

        Args:
            name: Track.
            sound: Shape (samples,) or (2, samples).
            start: Sample at which it begins.
            gain: Factor.
            pan: -1 left to 1 right, at constant power.
        """
        track = self.track(name)
        stop = min(SAMPLES, start + sound.shape[-1])
        sides = np.array([[np.sqrt(1.0 - pan)], [np.sqrt(1.0 + pan)]])
        track[:, start:stop] += gain * sides * sound[..., : stop - start]
