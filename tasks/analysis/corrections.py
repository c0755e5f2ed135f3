"""What a person hears otherwise than songfilm did, set right without hearing the song again.

In this order: the tempo (another metrical level of the beats heard, or a grid laid anew), the
meter, the bars' first beat, the beats' offset. So a shift counts beats of the tempo that was asked
for. Sections follow the bars, and everything that hangs on the beats follows, too.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from recipe_schema.analysis import Confidence, Corrections, SongAnalysis
from recipe_schema.vocabulary import TempoChange
from tasks.analysis.attacks import Times
from tasks.analysis.doubts import FAINT_BEAT, NO_BEAT, UNSURE_BAR, doubt_beats
from tasks.analysis.laid_grid import lay_grid, starts_at, trace_starts
from tasks.analysis.mood import follow_tempo
from tasks.analysis.regrouping import (
    Grid,
    change_level,
    follow_downbeats,
    group_evenly,
    move,
    rotate,
)
from tasks.analysis.spectrum import FloatArray
from tasks.analysis.tempo import measure_tempo, trace_tempo
from tasks.errors import BadInputError

log = logging.getLogger(__name__)

_CHANGES = {TempoChange.HALF: Fraction(1, 2), TempoChange.DOUBLE: Fraction(2)}
# Levels that ears confuse: octaves, triplets, and dotted beats.
_LEVELS = (
    Fraction(1),
    Fraction(2),
    Fraction(1, 2),
    Fraction(3),
    Fraction(1, 3),
    Fraction(3, 2),
    Fraction(2, 3),
)
_SAME_LEVEL = 0.04  # a tempo so near to a level of what was heard means that level
_SAME_TEMPO = 0.01  # a tempo tapped or rounded is so near to the true one
# Starts at the beats, on average, in deviations of all starts: right tempi of training songs had
# 1.5 to 3.2, wrong ones 0.6 to 1.1.
_FEW_STARTS = 1.25
_MS_IN_S = 1000.0
_SLOWEST_BPM, _FASTEST_BPM = 20.0, 400.0  # that `Corrections` takes


@dataclass(frozen=True)
class _Sure:
    """How sure tempo and bars are, and what there is to tell."""

    tempo: float
    downbeat: float
    told: tuple[str, ...] = ()


def correct(
    analysis: SongAnalysis, corrections: Corrections, curves: Mapping[str, FloatArray]
) -> SongAnalysis:
    """Set beats and bars right, and all that hangs on them.

    Args:
        analysis: As heard, or as edited by hand; of a song or of an excerpt.
        corrections: What a person hears otherwise. Nothing set changes nothing.
        curves: Those of the analysis, from its own start: `onsets` and `bass`.

    Returns:
        The analysis with what was set as certain, and with a warning where a wish could not be
        met. `corrections` says what was set, that of an earlier time included.

    Raises:
        BadInputError: Half or double the tempo is none that beats have.
    """
    wish = Corrections.model_validate(
        {name: getattr(corrections, name) for name in Corrections.model_fields}
    )
    if wish == Corrections():
        return analysis
    before = Grid(np.array(analysis.beats), np.array(analysis.downbeats), analysis.meter)
    sure = _Sure(analysis.confidence.tempo, analysis.confidence.downbeat)
    grid, sure = _set_tempo(before, sure, wish, analysis, curves)
    if len(grid.beats) == 0:
        return _told(analysis, wish, sure)
    if wish.meter is not None and wish.meter != grid.meter:
        grid, clear = group_evenly(grid.beats, wish.meter, _weights(curves, grid))
        sure = _Sure(sure.tempo, clear, sure.told)
    if wish.downbeat_shift:
        grid, sure = rotate(grid, wish.downbeat_shift), _Sure(sure.tempo, 1.0, sure.told)
    grid = move(grid, wish.beat_offset_ms / _MS_IN_S, duration=analysis.duration)
    log.info("corrected by hand: %d beats became %d", len(before.beats), len(grid.beats))
    return _told(_over(analysis, before, grid, later=wish.downbeat_shift >= 0), wish, sure)


def _set_tempo(
    grid: Grid,
    sure: _Sure,
    wish: Corrections,
    analysis: SongAnalysis,
    curves: Mapping[str, FloatArray],
) -> tuple[Grid, _Sure]:
    borders = np.array([section.start for section in analysis.sections])
    heard = measure_tempo(grid.beats)
    if wish.bpm is None:
        if heard == 0.0:
            none = "no beats were heard that could be corrected; say the tempo (bpm)"
            return grid, _Sure(sure.tempo, sure.downbeat, (none,))
        if wish.tempo is None:
            return grid, sure
        changed = float(heard * _CHANGES[wish.tempo])
        if not _SLOWEST_BPM <= changed <= _FASTEST_BPM:
            raise BadInputError(
                f"{wish.tempo} of the song's {heard:.0f} BPM would be {changed:.0f}; tempos are "
                f"from {_SLOWEST_BPM:.0f} to {_FASTEST_BPM:.0f} BPM"
            )
        return change_level(grid, _CHANGES[wish.tempo], borders), _Sure(1.0, sure.downbeat)
    level = _level(wish.bpm, heard)
    if level is None:
        return _laid(wish, grid.meter, analysis, curves)
    same = change_level(grid, level, borders) if level != 1 else grid
    kept = measure_tempo(same.beats)
    told: tuple[str, ...] = ()
    if abs(wish.bpm / kept - 1.0) > _SAME_TEMPO:
        told = (f"the song's beats keep {kept:.1f} BPM, near to the {wish.bpm:g} asked for",)
    return same, _Sure(1.0, sure.downbeat, told)


def _level(bpm: float, heard: float) -> Fraction | None:
    """Which level of the tempo heard was meant; None for another tempo."""
    if heard == 0.0:
        return None
    nearest = min(_LEVELS, key=lambda level: abs(bpm / (heard * level) - 1.0))
    meant = abs(bpm / (heard * nearest) - 1.0) <= _SAME_LEVEL
    return nearest if meant else None


def _laid(
    wish: Corrections, meter: int, analysis: SongAnalysis, curves: Mapping[str, FloatArray]
) -> tuple[Grid, _Sure]:
    """A grid of another tempo than the one heard."""
    assert wish.bpm is not None
    beats = lay_grid(curves, wish.bpm, duration=analysis.duration)
    grid = Grid(beats, beats[:0], meter)
    if len(beats) == 0:
        told = f"the song has no room for a beat of {wish.bpm:g} BPM"
        return grid, _Sure(0.0, 0.0, (told,))
    fits = float(starts_at(trace_starts(curves), beats).mean())
    told_few = (f"few sounds start on the grid of {wish.bpm:g} BPM; check the tempo",)
    grid, clear = group_evenly(beats, meter, _weights(curves, grid))
    return grid, _Sure(1.0, clear, told_few if fits < _FEW_STARTS else ())


def _weights(curves: Mapping[str, FloatArray], grid: Grid) -> Times:
    """What speaks for a bar beginning at each beat: where most starts."""
    return np.asarray(starts_at(trace_starts(curves), grid.beats))


def _over(analysis: SongAnalysis, before: Grid, grid: Grid, *, later: bool) -> SongAnalysis:
    """The analysis over other beats."""
    tempo = measure_tempo(grid.beats)
    mood = follow_tempo(
        analysis.mood, genre=analysis.genre, before_bpm=analysis.tempo_bpm, after_bpm=tempo
    )
    return analysis.model_copy(
        update={
            "tempo_bpm": tempo,
            "mood": mood,
            "tempo_curve": trace_tempo(grid.beats),
            "meter": grid.meter,
            "beats": tuple(map(float, grid.beats)),
            "downbeats": tuple(map(float, grid.downbeats)),
            "sections": follow_downbeats(analysis.sections, before, grid, later=later),
        }
    )


def _told(analysis: SongAnalysis, wish: Corrections, sure: _Sure) -> SongAnalysis:
    """The analysis with what is certain now, and with the doubts that are left."""
    unsure = doubt_beats(len(analysis.beats), tempo=sure.tempo, downbeat=sure.downbeat)
    left = (told for told in analysis.warnings if told not in (NO_BEAT, FAINT_BEAT, UNSURE_BAR))
    return analysis.model_copy(
        update={
            "confidence": Confidence(tempo=sure.tempo, downbeat=sure.downbeat),
            "corrections": _together(analysis, wish),
            "warnings": tuple(dict.fromkeys((*unsure, *left, *sure.told))),
        }
    )


def _together(analysis: SongAnalysis, wish: Corrections) -> Corrections:
    """What was set before and now, as one; a tempo that was set twice is told as it came out."""
    first = analysis.corrections
    if first is None:
        return wish
    merged = {
        "bpm": wish.bpm or first.bpm,
        "tempo": wish.tempo or first.tempo,
        "downbeat_shift": int(np.clip(first.downbeat_shift + wish.downbeat_shift, -16, 16)),
        "beat_offset_ms": float(
            np.clip(first.beat_offset_ms + wish.beat_offset_ms, -_MS_IN_S, _MS_IN_S)
        ),
        "meter": wish.meter or first.meter,
    }
    if (first.bpm or first.tempo) and (wish.bpm or wish.tempo):
        merged |= {"bpm": wish.bpm, "tempo": wish.tempo}
        if analysis.tempo_bpm > 0.0:
            # A typed tempo that the beats only come near to may lie a little outside.
            bpm = float(np.clip(analysis.tempo_bpm, _SLOWEST_BPM, _FASTEST_BPM))
            merged |= {"bpm": bpm, "tempo": None}
    return Corrections.model_validate(merged)
