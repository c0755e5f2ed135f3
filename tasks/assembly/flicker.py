"""How far light swings with the song, and where that is held back for photosensitive eyes.

Brightness and bloom follow hats and beats, which may come faster than three a second. A change
of a tenth of full luminance and back counts as a flash, and more than three of them within a
second must not be (WCAG 2.3.1; ITU-R BT.1702). So the light of the whole film is worked out
first, its swings are counted together with the flashes that are scheduled, and where they crowd,
the song moves light by less than a flash.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from recipe_schema.recipe import Recipe
from recipe_schema.vocabulary import Effect, ReactiveTarget
from tasks.assembly.cues import Cue, Flashes, place_cues, schedule_flashes
from tasks.assembly.effects import bloom, bloom_pulse, glow
from tasks.assembly.job import FilmJob
from tasks.assembly.kernels import FloatArray
from tasks.assembly.reactive import INTENSITY, Drive, SongFrames, follow_song

# Gain between a silent and a full source, all routes together.
BRIGHTNESS = 0.12
# The mean level at which brightness is left alone, so that a film as a whole is not lifted.
_REST_LEVEL = 0.25
# Bloom at full level, depth 1 and strength 1, its threshold, and what all routes together reach.
BLOOM = 0.5
BLOOM_THRESHOLD = 0.45
_MOST_BLOOM = 1.4
# A swing of the gain, or of bloom, that changes the luminance of an even picture by a tenth of
# white at most, whatever its grey: measured over all greys with a gamma of 2.4.
_FLASH_GAIN = 0.04
_FLASH_BLOOM = 0.36
FLASHES_A_SECOND = 3
_LIGHT = (ReactiveTarget.BRIGHTNESS, ReactiveTarget.BLOOM)
# A swing so near to a scheduled flash is seen as one with it.
_ONE_FLASH_S = 0.1
# Held light eases in and out over this time.
_EASE_S = 0.5
_ROUNDS = 8


@dataclass(frozen=True)
class Light:
    """What the song does to light at every frame of the film, shape (frames,)."""

    gain: FloatArray
    """Added to the brightness factor."""
    bloom: FloatArray
    """Added to the light that spreads."""
    share: FloatArray
    """What is left of either; below 1 where it is held back."""


def light_of(job: FilmJob, song: SongFrames, cues: Sequence[Cue], flashes: Flashes) -> Light:
    """Work out the light that all routes move together, beside that of effects.

    Args:
        job: The film.
        song: As `follow_song` gives it.
        cues: As `place_cues` gives them.
        flashes: As `schedule_flashes` gives them.
    """
    strength, still = strength_of(job.recipe), np.zeros(song.beat.size)
    lit = [drive for drive in song.drives if drive.target is ReactiveTarget.BRIGHTNESS]
    gain = still + _gain(lit, strength)
    spread = [drive for drive in song.drives if drive.target is ReactiveTarget.BLOOM]
    spreading = still + _bloom(spread, strength)
    share = _held(
        gain / _FLASH_GAIN + spreading / _FLASH_BLOOM,
        _effect_light(job, song, cues),
        flashes.peaks,
        float(job.timeline.fps),
    )
    return Light(
        gain=np.asarray(np.round(gain * share, 4), np.float32),
        bloom=np.asarray(np.round(spreading * share, 3), np.float32),
        share=np.asarray(share, np.float32),
    )


def strength_of(recipe: Recipe) -> float:
    """Strength of all routes: what the recipe says, by how much its pictures are to move."""
    told = recipe.assembly_instructions.audio_reactive
    return told.strength * INTENSITY[recipe.visual_style.motion_intensity]


def held_light(job: FilmJob) -> tuple[str, ...]:
    """Tell where light moves less than the recipe asks for, and where too much of it is asked."""
    song, rate_hz = follow_song(job), float(job.timeline.fps)
    cues, flashes = place_cues(job, song.beat_s), schedule_flashes(job, song.beat_s)
    notes = [*_held_routes(job, light_of(job, song, cues, flashes))]
    crowds = _crowds(_effect_light(job, song, cues), flashes.peaks, rate_hz)
    if crowds:
        notes.append(
            f"effects flash more than {FLASHES_A_SECOND} times a second at "
            f"{crowds[0][0] / rate_hz:.1f} s; put their events further apart, for photosensitive "
            "eyes"
        )
    return tuple(notes)


def _held_routes(job: FilmJob, light: Light) -> Iterator[str]:
    """Nothing where the recipe has no routes of its own to light."""
    routes = job.recipe.assembly_instructions.audio_reactive.routes
    depths = [abs(r.depth) for r in routes if r.drives is ReactiveTarget.BRIGHTNESS]
    depth = sum(depths) * strength_of(job.recipe)
    if depth > 1.0:
        yield (
            f"audio_reactive: routes to brightness with a depth of {depth:.1f} together share its "
            f"whole swing of {BRIGHTNESS:.0%}"
        )
    held_s = float((light.share < 1.0).sum() / job.timeline.fps)
    if held_s > 0.0 and any(r.drives in _LIGHT for r in routes):
        yield (
            f"audio_reactive: light would flash more than {FLASHES_A_SECOND} times a second in "
            f"{held_s:.1f} s of the film, and moves less there, for photosensitive eyes"
        )


def _effect_light(job: FilmJob, song: SongFrames, cues: Sequence[Cue]) -> np.ndarray:
    """Bloom of effects that come and go, at every frame; it counts in flashes."""
    beat = np.where(song.beat_s >= bloom_pulse.SHORTEST_BEAT_S, song.beat, song.downbeat)
    pulse = bloom_pulse.AMOUNT * beat
    steady = np.ones(beat.size)
    amounts = {
        Effect.BLOOM: bloom.AMOUNT * steady,
        Effect.GLOW: glow.AMOUNT * steady,
        Effect.BLOOM_PULSE: pulse,
    }
    total = np.zeros(beat.size)
    for placed in job.timeline.shots:
        if Effect.BLOOM_PULSE in placed.shot.effects:
            total[placed.cut_frame : placed.end_frame] = pulse[placed.cut_frame : placed.end_frame]
    for cue in (cue for cue in cues if cue.effect in amounts):
        for frame in range(cue.start_frame, min(cue.end_frame, beat.size)):
            since_s = float((frame - cue.start_frame) / job.timeline.fps)
            total[frame] += cue.strength * cue.envelope.at(since_s) * amounts[cue.effect][frame]
    return np.asarray(np.minimum(total, _MOST_BLOOM) / _FLASH_BLOOM)


def _gain(drives: Sequence[Drive], strength: float) -> np.ndarray | float:
    depths = [drive.depth * strength for drive in drives]
    # More depth than 1 changes which route is heard most, not how far the picture swings.
    most = max(1.0, sum(abs(depth) for depth in depths))
    moved = (d * (drive.level - _REST_LEVEL) for d, drive in zip(depths, drives, strict=True))
    return BRIGHTNESS / most * sum(moved, start=0.0)


def _bloom(drives: Sequence[Drive], strength: float) -> np.ndarray | float:
    spread = sum((abs(drive.depth) * strength * drive.pressed for drive in drives), start=0.0)
    return np.minimum(BLOOM * spread, _MOST_BLOOM)


def _held(
    light: np.ndarray, fixed: np.ndarray, flashes: Sequence[int], rate_hz: float
) -> np.ndarray:
    """Share of the light that is left at each frame; both lights count in flashes."""
    share = np.ones(light.size)
    reach = float(np.ptp(light)) if light.size else 0.0
    if reach < 1.0:
        return share
    least = 0.95 / reach
    marked = np.zeros(light.size, bool)
    for turn in range(1, _ROUNDS + 1):
        crowds = _crowds(fixed + light * share, flashes, rate_hz)
        if not crowds:
            return share
        wider = round(turn * _EASE_S * rate_hz)
        for first, last in crowds:
            marked[max(first - wider, 0) : last + wider + 1] = True
        share = _eased(marked, least, round(_EASE_S * rate_hz))
    # Where effects flash by themselves, nothing that the song does can help.
    alone = _crowds(fixed, flashes, rate_hz)
    return share if alone else np.full(light.size, least)


def _crowds(light: np.ndarray, flashes: Sequence[int], rate_hz: float) -> list[tuple[int, int]]:
    """First and last frame of every second in which the picture flashes too often."""
    near = _ONE_FLASH_S * rate_hz
    rises = [n for n in _rises(light) if all(abs(n - flash) > near for flash in flashes)]
    marks = sorted([*rises, *flashes])
    more = FLASHES_A_SECOND
    return [
        (first, last)
        for first, last in zip(marks, marks[more:], strict=False)
        if last - first < rate_hz
    ]


def _rises(light: np.ndarray) -> list[int]:
    """Frames at which the light has come up by a flash or more since it last went down by one."""
    rises = []
    low = high = float(light[0])
    rising = False
    for n, value in enumerate(light.tolist()):
        if rising:
            high = max(high, value)
            if high - value >= 1.0:
                rising, low = False, value
        else:
            low = min(low, value)
            if value - low >= 1.0:
                rising, high = True, value
                rises.append(n)
    return rises


def _eased(marked: np.ndarray, least: float, ease: int) -> np.ndarray:
    """1 far from marked frames, `least` on them, and a straight way between the two."""
    far = np.full(marked.size, ease, np.int64)
    spots = np.flatnonzero(marked)
    frames = np.arange(marked.size)
    after = np.searchsorted(spots, frames)
    for k in (after - 1, after):
        held = np.clip(k, 0, spots.size - 1)
        far = np.minimum(far, np.abs(frames - spots[held]))
    return least + (1.0 - least) * far / max(ease, 1)
