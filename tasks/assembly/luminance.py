"""How light even greys are at every frame of a film: what swings of light are measured on.

A grey goes through what the pictures go through: bloom and glow, exposure, gain, vignette and
dark lines. What a shot shows is not known here, so every grey has to be looked at.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recipe_schema.vocabulary import Effect
from tasks.assembly.calm import left_of
from tasks.assembly.cues import Cue, Flashes
from tasks.assembly.effects import bloom, bloom_pulse, flash, glow, scanlines, vignette
from tasks.assembly.job import FilmJob
from tasks.assembly.kernels import FAST
from tasks.assembly.reactive import SongFrames
from tasks.assembly.treatment import MOST_BLOOM

Light = NDArray[np.float64]

_GREYS = tuple(np.round(np.linspace(0.15, 0.99, 25), 4).tolist())
_GAMMA = 2.4
# A flash is a change by a tenth of white, the darker of the two below 0.8 (WCAG 2.3.1); the air
# is for greys that lie between those looked at.
_FLASH, _DARK = 0.09, 0.8
# Steps of a code value and of the vignette in the table of what is seen, and its brightest value.
_CODE_STEPS, _VIGNETTE_STEPS, _BRIGHTEST = 128, 50, 1.25
# Places from the middle to an edge of which the mean is taken.
_PLACES = 6


class Lit(NamedTuple):
    """What shapes an even picture at every frame, shape (frames,) each."""

    bloom: Light
    bloom_threshold: Light
    glow: Light
    exposure: Light
    """Factor."""
    gain: Light
    vignette: Light
    lines: Light


def lit_by_effects(job: FilmJob, song: SongFrames, cues: Sequence[Cue], flashes: Flashes) -> Lit:
    """Gather what effects of shots and of timeline events do, without what the song drives.

    Args:
        job: The film.
        song: As `follow_song` gives it.
        cues: As `place_cues` gives them.
        flashes: As `schedule_flashes` gives them.
    """
    strength = {effect: _strength(job, cues, effect) for effect in _JOINED}
    beat = np.where(song.beat_s >= bloom_pulse.SHORTEST_BEAT_S, song.beat, song.downbeat)
    spread, threshold = mixed(
        (bloom.AMOUNT * strength[Effect.BLOOM], bloom.THRESHOLD),
        (bloom_pulse.AMOUNT * strength[Effect.BLOOM_PULSE] * beat, bloom_pulse.THRESHOLD),
    )
    stops = flash.STOPS * np.asarray(flashes.strength, np.float64)
    return Lit(
        bloom=spread,
        bloom_threshold=threshold,
        glow=glow.AMOUNT * strength[Effect.GLOW],
        exposure=np.round(2.0**stops, 6),
        gain=np.ones(beat.size),
        vignette=np.minimum(vignette.AMOUNT * strength[Effect.VIGNETTE], 1.0),
        lines=np.minimum(scanlines.DEPTH * strength[Effect.SCANLINES], 1.0),
    )


def mixed(*parts: tuple[Light, Light | float]) -> tuple[Light, Light]:
    """Amount and threshold of blooms together, as `Treatment.spread` mixes them."""
    total = np.sum([amount for amount, _ in parts], axis=0)
    weighed = np.sum([amount * threshold for amount, threshold in parts], axis=0)
    return total, np.where(total > 0.0, weighed / np.where(total > 0.0, total, 1.0), 1.0)


def rises(lit: Lit) -> Iterator[NDArray[np.intp]]:
    """Frames at which a grey has come up by a flash since it last went down by one; each grey's."""
    table, seen = _table(), np.empty(lit.gain.size)
    told = np.stack(lit)
    kept = MOST_BLOOM / np.maximum(lit.bloom + lit.glow, MOST_BLOOM)
    told[[0, 2]] *= kept
    for grey in _GREYS:
        _see(seen, grey, told, table)
        yield np.flatnonzero(_risen(seen))


# How what a shot carries and what events bring of one effect come together.
_JOINED = {
    Effect.BLOOM: np.add,
    Effect.GLOW: np.add,
    Effect.BLOOM_PULSE: np.add,
    Effect.VIGNETTE: np.maximum,
    Effect.SCANLINES: np.maximum,
}


def _strength(job: FilmJob, cues: Sequence[Cue], effect: Effect) -> Light:
    """Strength of one effect at every frame."""
    total, left = np.zeros(job.timeline.frames), left_of(job.recipe, effect)
    for placed in job.timeline.shots:
        if effect in placed.shot.effects:
            total[placed.cut_frame : placed.end_frame] = left
    frame_s = float(1 / job.timeline.fps)
    for cue in cues:
        if cue.effect is effect:
            part = total[cue.start_frame : cue.end_frame]
            swell = [cue.envelope.at(n * frame_s) for n in range(part.size)]
            _JOINED[effect](part, left * cue.strength * np.array(swell), out=part)
    return total


@cache
def _table() -> Light:
    """Mean luminance of a code value under a vignette: a row for each step of the vignette."""
    edge = vignette.edge((np.arange(_PLACES) + 0.5) / _PLACES)
    amounts = np.arange(_VIGNETTE_STEPS + 1)[:, None] / _VIGNETTE_STEPS
    kept = 1.0 - amounts * edge
    places = (kept[:, :, None] * kept[:, None, :]).reshape(len(kept), 1, -1)
    codes = np.arange(round(_BRIGHTEST * _CODE_STEPS) + 2)[None, :, None] / _CODE_STEPS
    # Rounded, so that every machine has the same.
    return np.asarray(np.round((np.minimum(codes * places, 1.0) ** _GAMMA).mean(axis=-1), 6))


@njit(**FAST)
def _see(seen, grey, told, table):  # type: ignore[no-untyped-def]
    """Mean luminance of a picture of one grey at every frame."""
    for n in range(seen.shape[0]):
        spread = told[0, n] * max(grey - told[1, n], 0.0)
        spread += told[2, n] * max(grey - glow.THRESHOLD, 0.0)
        spread = min(bloom.STRETCH * bloom.EVEN * spread, 1.0)
        code = grey + spread - grey * spread
        code = code * told[3, n] / (1.0 + (told[3, n] - 1.0) * code) * told[4, n]
        light = _look_up(table, code, told[5, n])
        if told[6, n] > 0.0:
            light = 0.5 * (light + _look_up(table, code * (1.0 - told[6, n]), told[5, n]))
        seen[n] = light


@njit(**FAST)
def _look_up(table, code, edge):  # type: ignore[no-untyped-def]
    x = min(max(code, 0.0), _BRIGHTEST) * _CODE_STEPS
    y = edge * _VIGNETTE_STEPS
    column, row = int(x), min(int(y), _VIGNETTE_STEPS - 1)
    x -= column
    y -= row
    above = table[row, column] + (table[row, column + 1] - table[row, column]) * x
    below = table[row + 1, column] + (table[row + 1, column + 1] - table[row + 1, column]) * x
    return above + (below - above) * y


@njit(**FAST)
def _risen(seen):  # type: ignore[no-untyped-def]
    risen = np.zeros(seen.shape[0], np.bool_)
    low = high = seen[0]
    rising = False
    for n in range(seen.shape[0]):
        value = seen[n]
        low, high = min(low, value), max(high, value)
        if rising:
            if high - value >= _FLASH and value < _DARK:
                rising, low = False, value
        elif value - low >= _FLASH and low < _DARK:
            rising, high = True, value
            risen[n] = True
    return risen
