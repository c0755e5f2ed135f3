"""What the song's bands do to the picture: 100 Hz curves become frames, frames become motion."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit

from recipe_schema.assembly import AudioReactive
from recipe_schema.vocabulary import MotionIntensity, ReactiveTarget
from tasks.assembly.effects.screen_shake import tremble
from tasks.assembly.job import CURVE_RATE_HZ, FilmJob
from tasks.assembly.kernels import FAST, F, FloatArray
from tasks.assembly.treatment import Treatment

BANDS = ("bass", "mids", "highs")
# Rise and fall of each band's follower, seconds: bass punches, mids sway, highs sparkle.
_RISE_S = {"bass": 0.02, "mids": 0.25, "highs": 0.015}
_FALL_S = {"bass": 0.18, "mids": 0.45, "highs": 0.2}
# A band's slow mean; what stands out from it moves the picture more than what stays.
_MEAN_S = 0.8
_LEVEL_SHARE, _ACCENT_SHARE = 0.35, 1.1
# Steps of a level: an analysis that differs by less leaves every frame as it was.
LEVEL_STEPS = 256
# At full level and strength 1.
SCALE = 0.075
ROTATION = 0.024
# Hats come faster than three a second: what they do to bright pictures stays below the tenth of
# full luminance that counts as a flash (WCAG 2.3.1), also at strengths above 1.
BRIGHTNESS = 0.12
BLOOM = 0.5
SHAKE = 0.008
HUE = 0.6
# The mean level at which brightness is left alone, so that a film as a whole is not lifted.
_REST_LEVEL = 0.25
_SWAY_S = 6.1
_NO_BEAT_S = 0.5

INTENSITY = {
    MotionIntensity.LOW: 0.5,
    MotionIntensity.MEDIUM: 0.8,
    MotionIntensity.HIGH: 1.0,
    MotionIntensity.EXTREME: 1.3,
}


@dataclass(frozen=True)
class SongFrames:
    """The song at every frame of the film, all 0..1 in steps of 1 / 256, shape (frames,)."""

    levels: tuple[FloatArray, FloatArray, FloatArray]
    """Bass, mids, highs."""
    beat: FloatArray
    downbeat: FloatArray
    beat_s: FloatArray
    """Seconds between the beats around each frame, in steps of a millisecond."""


def follow_song(job: FilmJob) -> SongFrames:
    """Resample the song's curves and beats to the film's frames."""
    frames, rate = job.timeline.frames, float(job.timeline.fps)
    times_s = np.arange(frames) / rate
    none = np.zeros(1, np.float32)
    levels = tuple(
        _levels(job.curves.get(band, none), times_s, rise_s=_RISE_S[band], fall_s=_FALL_S[band])
        for band in BANDS
    )
    return SongFrames(
        levels=(levels[0], levels[1], levels[2]),
        beat=_pulse(job.beats, times_s, half_frame_s=0.5 / rate),
        downbeat=_pulse(job.downbeats, times_s, half_frame_s=0.5 / rate),
        beat_s=_beat_lengths(job.beats, times_s),
    )


def react(
    treatment: Treatment,
    levels: tuple[float, float, float],
    told: AudioReactive,
    *,
    intensity: MotionIntensity,
    time_s: float,
) -> None:
    """Add what the bands drive to a frame's treatment."""
    strength = told.strength * INTENSITY[intensity]
    drives = (told.bass_drives, told.mids_drive, told.highs_drive)
    for level, target in zip(levels, drives, strict=True):
        _drive(treatment, target, level, strength=strength, time_s=time_s)


def _drive(
    treatment: Treatment, target: ReactiveTarget, level: float, *, strength: float, time_s: float
) -> None:
    amount = level * strength
    if target is ReactiveTarget.SCALE:
        treatment.zoom += SCALE * amount
    elif target is ReactiveTarget.ROTATION:
        treatment.rotation += ROTATION * amount * math.sin(2.0 * math.pi * time_s / _SWAY_S)
    elif target is ReactiveTarget.BRIGHTNESS:
        treatment.gain += BRIGHTNESS * (level - _REST_LEVEL) * min(strength, 1.0)
    elif target is ReactiveTarget.BLOOM:
        treatment.bloom += BLOOM * amount
        treatment.bloom_threshold = min(treatment.bloom_threshold, 0.45)
    elif target is ReactiveTarget.SHAKE:
        treatment.shift_x += SHAKE * amount * tremble(time_s, 1.3)
        treatment.shift_y += SHAKE * amount * tremble(time_s, 6.4)
    elif target is ReactiveTarget.HUE:
        treatment.hue += HUE * amount


def _levels(curve: FloatArray, times_s: np.ndarray, *, rise_s: float, fall_s: float) -> FloatArray:
    """A band as the picture feels it: its level, and what stands out from its slow mean."""
    clean = np.clip(np.asarray(curve, np.float32), 0.0, 1.0)
    if clean.size == 0:
        clean = np.zeros(1, np.float32)
    fast = np.empty_like(clean)
    _follow(fast, clean, _coefficient(rise_s), _coefficient(fall_s))
    slow = np.empty_like(clean)
    _follow(slow, clean, _coefficient(_MEAN_S), _coefficient(_MEAN_S))
    felt = _LEVEL_SHARE * fast + _ACCENT_SHARE * np.maximum(fast - slow, 0.0)
    at_frames = np.interp(times_s, np.arange(clean.size) / CURVE_RATE_HZ, felt)
    return _stepped(np.clip(at_frames, 0.0, 1.0))


def _coefficient(time_s: float) -> np.float32:
    """Share of the way that a one-pole follower goes in one sample of a curve."""
    return np.float32(1.0 / (1.0 + time_s * CURVE_RATE_HZ))


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
    lengths = np.array([b - a for a, b in pairwise(beats)])
    before = np.searchsorted(np.asarray(beats), times_s, side="right") - 1
    picked = lengths[np.clip(before, 0, lengths.size - 1)]
    return np.asarray(np.round(picked, 3), np.float32)


def _stepped(values: np.ndarray) -> FloatArray:
    return np.asarray(np.round(values * LEVEL_STEPS) / LEVEL_STEPS, np.float32)
