"""The song as a clip feels it: levels, hits, beats and form, resampled to the clip's frames."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recipe_schema.analysis import Section
from recipe_schema.vocabulary import SectionType
from tasks.rendering.hits import Hits, find_hits
from tasks.rendering.renderer import Drive, FloatArray

CURVE_RATE_HZ = 100.0  # of the analysis' curves, fixed by the contract
DRIVE_STEPS = 1023  # a drive is read in steps of 1/1023: finer differences cannot be seen
PULSE_LENGTH_MAX_S = 0.9  # a slow beat's pulse has gone by then
PULSE_LENGTH_MIN_S = 0.2  # two beats closer than this share one pulse shape
KICK_LENGTH_S, KICK_GAP_S = 0.4, 0.12
HAT_LENGTH_S, HAT_GAP_S = 0.16, 0.05
BUILDUP_S = 4.0  # a drop that no build-up leads to is felt coming for this long
AFTERGLOW_S = 4.0  # a drop is felt for this long
CHORUS_LIFT = 0.6  # of a drop's
# Rows of a drive, in the order in which they are quantised.
ROWS = tuple(field.name for field in fields(Drive))


class _Clock(NamedTuple):
    """The clip's frames on the song's time line."""

    start_s: float
    frames: int
    fps: float


def drive_for(
    curves: Mapping[str, FloatArray],
    *,
    beats: Sequence[float],
    downbeats: Sequence[float],
    start_s: float,
    frames: int,
    fps: Fraction,
    sections: Sequence[Section] = (),
) -> Drive:
    """Resample a song's curves, beats and form to the frames of one clip.

    Args:
        curves: Arrays at 100 Hz in 0..1: energy, the bands bass, mids and highs, and, where the
            song was separated, stem-drums, stem-bass and stem-vocals. A missing or empty one
            counts as silence. The bass stem serves for the low band's level, the vocal stem for
            the voice, and a kick is what both the drum stem and the low band hit; where a stem is
            missing or silent throughout, the bands serve alone, the middle one for the voice.
        beats: Beat times in seconds, rising, on the same clock as `start_s`.
        downbeats: Downbeat times in seconds, rising.
        start_s: Time of frame 0; may be before the song, where everything is silent.
        frames: Frames of the clip.
        fps: Frames per second.
        sections: The song's form; without it there are no drops, and the curves say how long the
            song is.
    """
    edges = start_s + np.arange(frames + 1) / float(fps)
    levels = {name: _average(curves.get(name), edges) for name in ("energy", "mids", "highs")}
    clock = _Clock(start_s, frames, float(fps))
    kicks = find_hits(_kick_curve(curves), rate_hz=CURVE_RATE_HZ, gap_s=KICK_GAP_S)
    ticks = find_hits(curves.get("highs"), rate_hz=CURVE_RATE_HZ, gap_s=HAT_GAP_S)
    length_s = sections[-1].end if sections else _length_s(curves)
    tension, drop = _form(sections, edges[:-1])
    return Drive(
        **levels,
        bass=_average(_stem(curves, "stem-bass", "bass"), edges),
        voice=_average(_stem(curves, "stem-vocals", "mids"), edges),
        beat=_pulses(_beats(beats), PULSE_LENGTH_MAX_S, clock),
        downbeat=_pulses(_beats(downbeats), PULSE_LENGTH_MAX_S, clock),
        kick=_pulses(kicks, KICK_LENGTH_S, clock),
        hats=_pulses(ticks, HAT_LENGTH_S, clock),
        tension=tension,
        drop=drop,
        place=np.clip(edges[:-1] / max(length_s, 1e-6), 0.0, 1.0).astype(np.float32),
    )


def quantised(drive: Drive) -> NDArray[np.uint16]:
    """The drive in whole steps, shape (rows, frames): what pixels and fingerprints are made from.

    Rows are in the order of `ROWS`.
    """
    stacked = np.stack([getattr(drive, name) for name in ROWS]).astype(np.float64)
    return np.floor(np.clip(stacked, 0.0, 1.0) * DRIVE_STEPS + 0.5).astype(np.uint16)


def _stem(curves: Mapping[str, FloatArray], stem: str, band: str) -> FloatArray | None:
    """A stem's curve, or the band's where the stem is not known or never sounds."""
    heard = curves.get(stem)
    return heard if heard is not None and heard.any() else curves.get(band)


def _kick_curve(curves: Mapping[str, FloatArray]) -> FloatArray | None:
    """What drums and low band have in common: neither snares nor the bass player's notes."""
    drums, bass = curves.get("stem-drums"), curves.get("bass")
    if drums is None or bass is None or not drums.any():
        return bass
    return np.minimum(drums, bass)


def _average(curve: FloatArray | None, edges: NDArray[np.float64]) -> FloatArray:
    """Mean of the curve over each frame, so that no spike falls between two frames."""
    if curve is None or len(curve) == 0:
        return np.zeros(len(edges) - 1, np.float32)
    summed = np.concatenate([[0.0], np.cumsum(curve, dtype=np.float64)])
    at_edges = np.interp(edges * CURVE_RATE_HZ, np.arange(len(summed)), summed)
    means = np.diff(at_edges) / (np.diff(edges) * CURVE_RATE_HZ)
    clipped: FloatArray = np.clip(means, 0.0, 1.0).astype(np.float32)
    return clipped


def _beats(times: Sequence[float]) -> Hits:
    at = np.asarray(times, np.float64)
    return Hits(at, np.ones(len(at)))


def _pulses(hits: Hits, longest_s: float, clock: _Clock) -> FloatArray:
    """The hit's strength on the frame nearest its time, then a fall that ends before the next."""
    pulses = np.zeros(clock.frames, np.float32)
    if len(hits.times) == 0:
        return pulses
    at = np.floor((hits.times - clock.start_s) * clock.fps + 0.5).astype(np.int64)
    gaps = np.diff(hits.times)
    last_gap = gaps[-1] if len(gaps) else longest_s
    shortest_s = min(PULSE_LENGTH_MIN_S, longest_s)
    lengths = np.clip(np.append(gaps, last_gap), shortest_s, longest_s)
    frame = np.arange(clock.frames)
    which = np.searchsorted(at, frame, side="right") - 1
    begun = which >= 0
    age_s = (frame[begun] - at[which[begun]]) / clock.fps
    phase = np.minimum(age_s / lengths[which[begun]], 1.0)
    # To the third power, a sharp front and a long soft tail: by products, as a library's power
    # differs by CPU.
    left = 1.0 - phase
    pulses[begun] = hits.strengths[which[begun]] * (left * left * left)
    return pulses


def _form(sections: Sequence[Section], times: NDArray[np.float64]) -> tuple[FloatArray, FloatArray]:
    """Tension before and light after every drop and chorus."""
    tension, drop = np.zeros(len(times), np.float32), np.zeros(len(times), np.float32)
    for number, section in enumerate(sections):
        lift = {SectionType.DROP: 1.0, SectionType.CHORUS: CHORUS_LIFT}.get(section.type, 0.0)
        before = sections[number - 1] if number else None
        fresh = before is None or before.type is not section.type
        if section.type is SectionType.BUILDUP:
            begin, end = section.start, section.end
        elif section.type is SectionType.DROP and fresh and section.start > 0.0:
            begin, end = section.start - BUILDUP_S, section.start
        else:
            begin, end = 0.0, 0.0
        if end > begin:
            rise = np.where((times >= begin) & (times < end), (times - begin) / (end - begin), 0.0)
            tension = np.maximum(tension, rise).astype(np.float32)
        if lift and fresh:
            age = (times - section.start) / AFTERGLOW_S
            fall = np.where((age >= 0.0) & (age < 1.0), lift * (1.0 - age) ** 2, 0.0)
            drop = np.maximum(drop, fall).astype(np.float32)
    return tension, drop


def _length_s(curves: Mapping[str, FloatArray]) -> float:
    return max((len(curve) for curve in curves.values()), default=0) / CURVE_RATE_HZ
