"""What the song does to the picture: 100 Hz curves and beats become frames, frames become motion.

A route leads from a source (a band, a curve, a stem, the beats) to a target of the picture. The
three bands that every recipe routes and the routes that it names beside them are treated alike.
How far light may swing with the song is settled in `tasks.assembly.flicker`.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit

from recipe_schema.assembly import AudioReactive, ReactiveRoute
from recipe_schema.vocabulary import MotionIntensity, ReactiveSource, ReactiveTarget
from tasks.assembly.effects.screen_shake import tremble
from tasks.assembly.job import CURVE_RATE_HZ, FilmJob
from tasks.assembly.kernels import FAST, F, FloatArray
from tasks.assembly.treatment import Treatment
from tasks.errors import BadInputError


class BadCurveError(BadInputError):
    """A curve of the song's analysis that the picture cannot follow."""


class Feel(NamedTuple):
    """How a picture follows a source, where the route does not say."""

    rise_s: float
    fall_s: float
    level: float
    """Share of the followed level itself."""
    accent: float
    """Share of what stands out from the slow mean: a hit moves the picture more than what stays."""


FEELS: Mapping[ReactiveSource, Feel] = {
    # Bass punches, mids sway, highs sparkle.
    ReactiveSource.BASS: Feel(0.02, 0.18, 0.35, 1.1),
    ReactiveSource.MIDS: Feel(0.25, 0.45, 0.35, 1.1),
    ReactiveSource.HIGHS: Feel(0.015, 0.2, 0.35, 1.1),
    # Energy and timbre are moods: they carry, they do not hit.
    ReactiveSource.ENERGY: Feel(0.4, 0.8, 1.0, 0.0),
    ReactiveSource.TIMBRE: Feel(0.3, 0.6, 0.6, 0.8),
    # A riser swells, a snare roll trembles.
    ReactiveSource.NOISE: Feel(0.1, 0.35, 0.6, 0.8),
    ReactiveSource.ONSETS: Feel(0.0, 0.15, 0.6, 0.6),
    ReactiveSource.DRUMS: Feel(0.01, 0.16, 0.35, 1.1),
    ReactiveSource.BASS_STEM: Feel(0.03, 0.22, 0.5, 0.9),
    ReactiveSource.VOCALS: Feel(0.06, 0.35, 0.7, 0.6),
    ReactiveSource.OTHER: Feel(0.15, 0.45, 0.5, 0.9),
    # The pulses of `_pulse` are as they should be felt.
    ReactiveSource.BEAT: Feel(0.0, 0.0, 1.0, 0.0),
    ReactiveSource.DOWNBEAT: Feel(0.0, 0.0, 1.0, 0.0),
}
_PULSES = (ReactiveSource.BEAT, ReactiveSource.DOWNBEAT)
# The band that is nearest to a stem, for songs that were not separated.
_STAND_INS = {
    ReactiveSource.DRUMS: ReactiveSource.BASS,
    ReactiveSource.BASS_STEM: ReactiveSource.BASS,
    ReactiveSource.VOCALS: ReactiveSource.MIDS,
    ReactiveSource.OTHER: ReactiveSource.HIGHS,
}
_MEAN_S = 0.8
# Steps of a level: an analysis that differs by less leaves every frame as it was.
LEVEL_STEPS = 256
# At full level, depth 1 and strength 1: magnification, radians, a share of the height, radians.
SCALE = 0.075
ROTATION = 0.024
SHAKE = 0.008
HUE = 0.6
# A turn sways to either side once in so many seconds.
_SWAY_S = 6.1
_NO_BEAT_S = 0.5
# Beats that lie closer are a fault of their tracker, and effects divide by their length.
_SHORTEST_BEAT_S = 0.05
# Of two trembling axes, so that they differ.
_SHAKE_X, _SHAKE_Y = 1.3, 6.4

INTENSITY = {
    MotionIntensity.LOW: 0.5,
    MotionIntensity.MEDIUM: 0.8,
    MotionIntensity.HIGH: 1.0,
    MotionIntensity.EXTREME: 1.3,
}


@dataclass(frozen=True)
class Drive:
    """One target of the picture, moved through a whole film."""

    target: ReactiveTarget
    depth: float
    """Below 0 the other way; what the recipe says, without the strength of all routes."""
    level: FloatArray
    """0..1 in steps of 1 / `LEVEL_STEPS`, shape (frames,)."""

    @property
    def pressed(self) -> FloatArray:
        """The level of what cannot go below its rest: below depth 0 it is full in silence."""
        return self.level if self.depth >= 0.0 else np.asarray(1.0 - self.level, np.float32)


@dataclass(frozen=True)
class SongFrames:
    """The song at every frame of the film, levels in steps of 1 / 256, shape (frames,)."""

    drives: tuple[Drive, ...]
    beat: FloatArray
    """1 on a beat, falling to 0 before the next."""
    downbeat: FloatArray
    beat_s: FloatArray
    """Seconds between the beats around each frame, in steps of a millisecond."""


def follow_song(job: FilmJob) -> SongFrames:
    """Resample the song's curves and beats to the film's frames.

    Raises:
        BadCurveError: A curve holds NaN or infinity.
    """
    frames, rate = job.timeline.frames, float(job.timeline.fps)
    times_s = np.arange(frames) / rate
    pulses = {
        ReactiveSource.BEAT: _pulse(job.beats, times_s, half_frame_s=0.5 / rate),
        ReactiveSource.DOWNBEAT: _pulse(job.downbeats, times_s, half_frame_s=0.5 / rate),
    }
    drives = []
    for route in routes_of(job.recipe.assembly_instructions.audio_reactive):
        if route.source in _PULSES:
            level = _smoothed_pulse(pulses[route.source], route, rate_hz=rate)
        else:
            heard = _heard(route.source, job.curves)
            if heard is None:
                continue
            level = _levels(job.curves[heard.value], times_s, route)
        drives.append(Drive(route.drives, route.depth, level))
    return SongFrames(
        drives=tuple(drives),
        beat=pulses[ReactiveSource.BEAT],
        downbeat=pulses[ReactiveSource.DOWNBEAT],
        beat_s=_beat_lengths(job.beats, times_s),
    )


def routes_of(told: AudioReactive) -> tuple[ReactiveRoute, ...]:
    """All routes of a recipe that move something: those of the three bands first."""
    bands = (
        (ReactiveSource.BASS, told.bass_drives),
        (ReactiveSource.MIDS, told.mids_drive),
        (ReactiveSource.HIGHS, told.highs_drive),
    )
    routes = (
        *(ReactiveRoute(source=source, drives=target) for source, target in bands),
        *told.routes,
    )
    if told.strength == 0.0:
        return ()
    return tuple(r for r in routes if r.drives is not ReactiveTarget.NONE and r.depth != 0.0)


def missing_sources(job: FilmJob) -> tuple[str, ...]:
    """Tell which routes lead from something that the song's analysis does not have.

    Returns:
        A sentence a source: what moves the picture in its place, or that nothing does.
    """
    return tuple(dict.fromkeys(_missing(job)))


def _missing(job: FilmJob) -> Iterator[str]:
    beats = {ReactiveSource.BEAT: job.beats, ReactiveSource.DOWNBEAT: job.downbeats}
    for route in routes_of(job.recipe.assembly_instructions.audio_reactive):
        name = f"audio_reactive: {route.source.value!r}"
        if route.source in _PULSES:
            if len(beats[route.source]) < 2:
                yield f"{name} moves nothing, because none were found in the song"
            continue
        heard = _heard(route.source, job.curves)
        if heard is None:
            yield f"{name} moves nothing, because the song's analysis lacks it; analyse it again"
        elif heard is not route.source:
            yield (
                f"{name} needs the song's stems, which are not there; the band {heard.value!r} "
                "stands in (songfilm analyze --stems separates them)"
            )
        elif heard in _STAND_INS and not np.any(job.curves[heard.value]):
            yield f"{name} moves nothing, because that stem is silent here"


def react(
    treatment: Treatment, song: SongFrames, frame: int, *, strength: float, time_s: float
) -> None:
    """Add what the song moves, light aside, to a frame's treatment.

    Args:
        treatment: Added to.
        song: As `follow_song` gives it.
        frame: Frame of the film.
        strength: Of all routes, the film's intensity of motion included.
        time_s: Of the frame.
    """
    for drive in song.drives:
        amount = strength * abs(drive.depth)
        level = float(drive.level[frame])
        if drive.target is ReactiveTarget.ROTATION:
            sway = math.sin(2.0 * math.pi * time_s / _SWAY_S)
            treatment.rotation += ROTATION * strength * drive.depth * level * sway
        elif drive.target is ReactiveTarget.HUE:
            treatment.hue += HUE * strength * drive.depth * level
        elif drive.target is ReactiveTarget.SCALE:
            treatment.zoom += SCALE * amount * float(drive.pressed[frame])
        elif drive.target is ReactiveTarget.SHAKE:
            reach = SHAKE * amount * float(drive.pressed[frame])
            treatment.shift_x += reach * tremble(time_s, _SHAKE_X)
            treatment.shift_y += reach * tremble(time_s, _SHAKE_Y)
            treatment.reach += reach


def _heard(source: ReactiveSource, curves: Mapping[str, FloatArray]) -> ReactiveSource | None:
    """The source itself or what stands in for it: the first that has a curve."""
    for heard in (source, _STAND_INS.get(source)):
        if heard is not None and np.size(curves.get(heard.value, ())):
            return heard
    return None


def _levels(curve: FloatArray, times_s: np.ndarray, route: ReactiveRoute) -> FloatArray:
    """A curve as the picture feels it: its level, and what stands out from its slow mean."""
    if not np.isfinite(curve).all():
        raise BadCurveError(
            f"audio_reactive: the curve that {route.source.value!r} follows holds values that are "
            "no numbers; analyse the song again"
        )
    feel, (rise_s, fall_s) = FEELS[route.source], _smoothing(route)
    clean = np.clip(np.asarray(curve, np.float32), 0.0, 1.0)
    fast = _followed(clean, rise_s, fall_s, rate_hz=CURVE_RATE_HZ)
    slow = _followed(clean, _MEAN_S, _MEAN_S, rate_hz=CURVE_RATE_HZ)
    felt = feel.level * fast + feel.accent * np.maximum(fast - slow, 0.0)
    at_frames = np.interp(times_s, np.arange(clean.size) / CURVE_RATE_HZ, felt)
    return _stepped(np.clip(at_frames, 0.0, 1.0))


def _smoothed_pulse(pulse: FloatArray, route: ReactiveRoute, *, rate_hz: float) -> FloatArray:
    rise_s, fall_s = _smoothing(route)
    return _stepped(_followed(pulse, rise_s, fall_s, rate_hz=rate_hz))


def _smoothing(route: ReactiveRoute) -> tuple[float, float]:
    """Seconds of rise and fall of a route: its own, or its source's."""
    feel = FEELS[route.source]
    rise_s = feel.rise_s if route.rise_ms is None else route.rise_ms / 1000.0
    fall_s = feel.fall_s if route.fall_ms is None else route.fall_ms / 1000.0
    return rise_s, fall_s


def _followed(curve: FloatArray, rise_s: float, fall_s: float, *, rate_hz: float) -> FloatArray:
    out = np.empty_like(curve)
    _follow(out, curve, _coefficient(rise_s, rate_hz), _coefficient(fall_s, rate_hz))
    return out


def _coefficient(time_s: float, rate_hz: float) -> np.float32:
    """Share of the way that a one-pole follower goes in one sample."""
    return np.float32(1.0 / (1.0 + time_s * rate_hz))


@njit(**FAST)
def _follow(out: FloatArray, curve: FloatArray, rise: float, fall: float) -> None:
    value = curve[0]
    for k in range(curve.shape[0]):
        step = F(curve[k] - value)
        value = F(value + step * (rise if step > F(0) else fall))
        out[k] = value


def _pulse(beats: tuple[float, ...], times_s: np.ndarray, *, half_frame_s: float) -> FloatArray:
    """1 on the frame of a beat, falling quadratically to 0 on the next beat."""
    if len(beats) < 2:
        return np.zeros(times_s.size, np.float32)
    marks = np.asarray(beats)
    before = np.searchsorted(marks, times_s + half_frame_s, side="right") - 1
    last_s = float(np.median(np.diff(marks)))
    ends = np.append(marks[1:], marks[-1] + last_s)
    held = np.maximum(before, 0)
    part = np.clip((times_s - marks[held]) / (ends[held] - marks[held]), 0.0, 1.0)
    return _stepped(np.where(before >= 0, (1.0 - part) ** 2, 0.0))


def _beat_lengths(beats: tuple[float, ...], times_s: np.ndarray) -> FloatArray:
    if len(beats) < 2:
        return np.full(times_s.size, _NO_BEAT_S, np.float32)
    lengths = np.maximum(np.diff(beats), _SHORTEST_BEAT_S)
    before = np.searchsorted(np.asarray(beats), times_s, side="right") - 1
    picked = lengths[np.clip(before, 0, lengths.size - 1)]
    return np.asarray(np.round(picked, 3), np.float32)


def _stepped(values: np.ndarray) -> FloatArray:
    return np.asarray(np.round(values * LEVEL_STEPS) / LEVEL_STEPS, np.float32)
