"""What is done to one frame's picture, as numbers: effects and the song add to it."""

from dataclasses import dataclass

MOST_BLOOM = 1.4
"""Light that spreads at most, glow and bloom together."""


@dataclass
class Treatment:
    """One frame's amounts; the defaults leave the picture as it is."""

    bloom: float = 0.0
    """Light that spreads, 0..about 1.2 (screen formula)."""
    bloom_threshold: float = 1.0
    """Level above which it spreads, 0..1: the mean of all that adds to it, by its amounts."""
    glow: float = 0.0
    """Light of middle tones that spreads beside it."""
    aberration: float = 0.0
    """How much larger red is than blue, as a share of the picture's size."""
    exposure: float = 0.0
    """Stops above normal."""
    gain: float = 1.0
    """Brightness factor."""
    hue: float = 0.0
    """Turn of all hues, radians."""
    vignette: float = 0.0
    """Darkening of the corners, 0..1."""
    lines: float = 0.0
    """Depth of dark scan lines, 0..1."""
    block: float = 0.0
    """Side of a mosaic block as a share of the film's height; 0 for none."""
    grain: float = 0.0
    """Film grain, 0..1."""
    zoom: float = 0.0
    """Magnification beyond 1."""
    rotation: float = 0.0
    """Radians."""
    shift_x: float = 0.0
    """Displacement as a share of the film's height."""
    shift_y: float = 0.0
    reach: float = 0.0
    """Displacement that the frame makes room for, likewise: a trembling picture that is magnified
    for its farthest place does not breathe as it trembles."""

    def spread(self, amount: float, threshold: float) -> None:
        """Add bloom; a trace of it changes next to nothing, whatever its threshold."""
        total = self.bloom + amount
        if total > 0.0:
            weighed = self.bloom * self.bloom_threshold + amount * threshold
            self.bloom, self.bloom_threshold = total, weighed / total


@dataclass(frozen=True)
class Moment:
    """Where in the song a frame is; all that an effect may look at."""

    frame: int
    time_s: float
    beat_s: float
    """Seconds between the beats around here."""
    beat: float
    """1 on a beat, falling to 0 before the next."""
    downbeat: float
    """The same for the first beats of bars."""
    seed: int
