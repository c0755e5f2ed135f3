"""Which picture of a clip is on screen when: its own rate, or slower where the clip is short."""

from bisect import bisect_right
from fractions import Fraction
from typing import Protocol

from recipe_schema.vocabulary import Retime
from tasks.assembly.kernels_motion import WEIGHT
from tasks.errors import PermanentError

# A clip that is too short runs this much slower at most (generators have a longest clip); beyond,
# its motion would drag, or stutter where pictures are repeated.
SLOWEST = Fraction(4, 5)
# With pictures in between along the motion, half its own speed still looks like slow motion.
SLOWEST_MOVED = Fraction(1, 2)
# A picture so near in time is shown as it is (share of the way to the next one, of `WEIGHT`).
_NEAR = 6
# Pictures further apart than this do not move into each other: a still is held, then another one.
_LONGEST_GAP_S = Fraction(1, 8)
# Rates that differ by so little are taken as one (23.976 for 24), so that pictures fall into step.
_SAME_RATE, _SIMPLEST = Fraction(1, 500), 12


class BadClipError(PermanentError):
    """A clip that does not cover its place in the film."""


class Timed(Protocol):
    """How long a clip is, and when its pictures begin."""

    frames: int
    fps: Fraction
    times_s: tuple[Fraction, ...] | None


class Pace:
    """How a clip runs in its place in the film."""

    def __init__(
        self, clip: Timed, *, span: int, film_fps: Fraction, retime: Retime, name: str = "clip"
    ) -> None:
        """Fit a clip to its place.

        Args:
            clip: Its pictures in time.
            span: Film frames that it must cover from its first.
            film_fps: Frames a second of the film.
            retime: What is asked for between pictures; `auto` mixes where the clip is slowed and
                repeats where it is not.
            name: What to call the clip.

        Raises:
            BadClipError: Too short, even when slowed as far as that goes.
        """
        own = clip.fps / film_fps
        self.step = clip_step(
            frames=clip.frames,
            clip_fps=clip.fps,
            span=span,
            film_fps=film_fps,
            slowest=SLOWEST_MOVED if retime is Retime.MOTION else SLOWEST,
            name=name,
        )
        self.speed = self.step / own
        """Share of its own speed that the clip runs at, 1 or less."""
        if retime is Retime.AUTO:
            retime = Retime.BLEND if self.speed < 1 else Retime.REPEAT
        self.retime = retime
        if retime is not Retime.REPEAT and self.speed == 1:
            self.step = _in_step(self.step, clip.frames, span)
        self._last = clip.frames - 1
        self._times = None if clip.times_s is None else [t * clip.fps for t in clip.times_s]
        self._longest = _LONGEST_GAP_S * clip.fps

    def at(self, offset: int) -> tuple[int, int]:
        """Say what is on screen some film frames after the clip's first.

        Returns:
            A picture of the clip, and how far the film is on the way to the next one, of `WEIGHT`;
            0 where pictures are repeated.
        """
        since = max(0, offset)
        even = self._times is None
        index, share = self._even(since) if even else self._uneven(since * self.step)
        if self.retime is Retime.REPEAT or index >= self._last or share <= _NEAR:
            return min(index, self._last), 0
        return (index + 1, 0) if share >= WEIGHT - _NEAR else (index, share)

    def _even(self, since: int) -> tuple[int, int]:
        # Whole numbers, because fractions are slow and every frame asks.
        index, rest = divmod(since * self.step.numerator, self.step.denominator)
        return index, round(rest * WEIGHT / self.step.denominator)

    def _uneven(self, place: Fraction) -> tuple[int, int]:
        assert self._times is not None
        index = bisect_right(self._times, place) - 1
        if index >= self._last:
            return self._last, 0
        gap = self._times[index + 1] - self._times[index]
        if gap > self._longest:
            return index, 0
        return index, round((place - self._times[index]) / gap * WEIGHT)


def clip_step(
    *,
    frames: int,
    clip_fps: Fraction,
    span: int,
    film_fps: Fraction,
    slowest: Fraction = SLOWEST,
    name: str = "clip",
) -> Fraction:
    """Say how far a clip moves on per film frame: its own rate, or slower where it is short.

    Raises:
        BadClipError: The clip would have to run slower than `slowest`.
    """
    step = clip_fps / film_fps
    # The picture shown at the last frame must exist; it may stay for as long as a clip's picture.
    if (span - 1) * step < frames:
        return step
    slowed = Fraction(frames, span)
    if slowed < step * slowest:
        raise BadClipError(
            f"{name} has {frames} frames at {float(clip_fps):g} fps "
            f"({float(frames / clip_fps):.2f} s) for {float(span / film_fps):.2f} s of film; "
            "render it again, longer"
        )
    return slowed


def _in_step(step: Fraction, frames: int, span: int) -> Fraction:
    """The simple ratio next to a step, if the two are as good as one and the clip lasts."""
    simple = step.limit_denominator(_SIMPLEST)
    if abs(simple - step) <= step * _SAME_RATE and (span - 1) * simple < frames:
        return simple
    return step
