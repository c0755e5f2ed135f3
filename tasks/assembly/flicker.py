"""How far light swings with the song, and where that is held back for photosensitive eyes.

Brightness and bloom follow hats and beats, which may come faster than three a second. A change
of a tenth of full luminance and back counts as a flash, and more than three of them within a
second must not be (WCAG 2.3.1; ITU-R BT.1702). So the light of the whole film is worked out
first, its swings are counted on even greys together with those of effects, and where they crowd,
the song moves light by less.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from recipe_schema.recipe import Recipe
from recipe_schema.vocabulary import ReactiveTarget
from tasks.assembly import calm
from tasks.assembly.cues import Cue, Flashes, place_cues, schedule_flashes
from tasks.assembly.job import FilmJob
from tasks.assembly.kernels import FloatArray
from tasks.assembly.luminance import Lit, lit_by_effects, mixed, rises
from tasks.assembly.reactive import INTENSITY, Drive, SongFrames, follow_song
from tasks.assembly.treatment import MOST_BLOOM

# Gain between a silent and a full source, all routes together.
BRIGHTNESS = 0.12
# The mean level at which brightness is left alone, so that a film as a whole is not lifted.
_REST_LEVEL = 0.25
# Bloom at full level, depth 1 and strength 1, and its threshold.
BLOOM = 0.5
BLOOM_THRESHOLD = 0.45
FLASHES_A_SECOND = 3
_LIGHT = (ReactiveTarget.BRIGHTNESS, ReactiveTarget.BLOOM)
# A swing so near to the flash of a transition is seen as one with it.
_ONE_FLASH_S = 0.1
# Held light eases in and out over this time.
_EASE_S = 0.5
# Light that crowds is held to this share of itself, again and again, until below the least it
# is held altogether.
_HOLD, _LEAST, _ROUNDS = 0.8, 0.03, 40


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
    strength, still = _asked_strength(job.recipe), np.zeros(song.beat.size)
    left = calm.LIGHT if job.recipe.visual_style.calm else 1.0
    lit = [drive for drive in song.drives if drive.target is ReactiveTarget.BRIGHTNESS]
    gain = still + left * _gain(lit, strength)
    spread = [drive for drive in song.drives if drive.target is ReactiveTarget.BLOOM]
    spreading = still + left * _bloom(spread, strength)
    share = _held(
        gain,
        spreading,
        lit_by_effects(job, song, cues, flashes),
        sorted(flashes.bright_cuts),
        float(job.timeline.fps),
        most=_most_flashes(job.recipe),
    )
    return Light(
        gain=np.asarray(np.round(gain * share, 4), np.float32),
        bloom=np.asarray(np.round(spreading * share, 3), np.float32),
        share=np.asarray(share, np.float32),
    )


def strength_of(recipe: Recipe) -> float:
    """Strength of all routes but those to light; less in a calm film."""
    return _asked_strength(recipe) * (calm.ROUTES if recipe.visual_style.calm else 1.0)


def _asked_strength(recipe: Recipe) -> float:
    """What the recipe says, by how much its pictures are to move."""
    told = recipe.assembly_instructions.audio_reactive
    return told.strength * INTENSITY[recipe.visual_style.motion_intensity]


def _most_flashes(recipe: Recipe) -> int:
    """Flashes within a second that light may make."""
    return calm.FLASHES_A_SECOND if recipe.visual_style.calm else FLASHES_A_SECOND


def held_light(job: FilmJob) -> tuple[str, ...]:
    """Tell where light moves less than the recipe asks for, and where too much of it is asked."""
    song, rate_hz = follow_song(job), float(job.timeline.fps)
    cues, flashes = place_cues(job, song.beat_s), schedule_flashes(job, song.beat_s)
    notes = [*_held_routes(job, light_of(job, song, cues, flashes))]
    effects = lit_by_effects(job, song, cues, flashes)
    crowds = _crowds(effects, sorted(flashes.bright_cuts), rate_hz, most=FLASHES_A_SECOND)
    if crowds.size:
        notes.append(
            f"effects flash more than {FLASHES_A_SECOND} times a second at "
            f"{crowds[0, 0] / rate_hz:.1f} s; put their events further apart, for photosensitive "
            "eyes"
        )
    return tuple(notes)


def _held_routes(job: FilmJob, light: Light) -> Iterator[str]:
    """Nothing where the recipe has no routes of its own to light."""
    routes = job.recipe.assembly_instructions.audio_reactive.routes
    depths = [abs(r.depth) for r in routes if r.drives is ReactiveTarget.BRIGHTNESS]
    depth = sum(depths) * _asked_strength(job.recipe)
    if depth > 1.0:
        yield (
            f"audio_reactive: routes to brightness with a depth of {depth:.1f} together share its "
            f"whole swing of {BRIGHTNESS:.0%}"
        )
    held_s = float((light.share < 1.0).sum() / job.timeline.fps)
    if held_s > 0.0 and any(r.drives in _LIGHT for r in routes):
        often = "once" if job.recipe.visual_style.calm else f"{FLASHES_A_SECOND} times"
        yield (
            f"audio_reactive: light would flash more than {often} a second in "
            f"{held_s:.1f} s of the film, and moves less there, for photosensitive eyes"
        )


def _gain(drives: Sequence[Drive], strength: float) -> np.ndarray | float:
    depths = [drive.depth * strength for drive in drives]
    # More depth than 1 changes which route is heard most, not how far the picture swings.
    most = max(1.0, sum(abs(depth) for depth in depths))
    moved = (d * (drive.level - _REST_LEVEL) for d, drive in zip(depths, drives, strict=True))
    return BRIGHTNESS / most * sum(moved, start=0.0)


def _bloom(drives: Sequence[Drive], strength: float) -> np.ndarray | float:
    spread = sum((abs(drive.depth) * strength * drive.pressed for drive in drives), start=0.0)
    return np.minimum(BLOOM * spread, MOST_BLOOM)


def _held(
    gain: np.ndarray,
    spreading: np.ndarray,
    effects: Lit,
    bright_cuts: Sequence[int],
    rate_hz: float,
    *,
    most: int,
) -> np.ndarray:
    """Share of the song's light that is left at each frame; only where it crowds is it held."""
    held, share = np.ones(gain.size), np.ones(gain.size)
    ease = max(round(_EASE_S * rate_hz), 1)
    for _ in range(_ROUNDS):
        marked = np.zeros(gain.size, bool)
        lit = _lit(effects, gain, spreading, share)
        for first, last in _crowds(lit, bright_cuts, rate_hz, most=most):
            marked[first : last + 1] = True
        # Where effects flash by themselves, nothing that the song does can help.
        if not (marked & (held > 0.0)).any():
            break
        held = np.where(marked, np.where(held * _HOLD < _LEAST, 0.0, held * _HOLD), held)
        share = _eased(held, ease)
    return share


def _lit(effects: Lit, gain: np.ndarray, spreading: np.ndarray, share: np.ndarray) -> Lit:
    bloom, threshold = mixed(
        (effects.bloom, effects.bloom_threshold), (spreading * share, BLOOM_THRESHOLD)
    )
    return effects._replace(
        bloom=bloom, bloom_threshold=threshold, gain=effects.gain + gain * share
    )


def _crowds(lit: Lit, bright_cuts: Sequence[int], rate_hz: float, *, most: int) -> np.ndarray:
    """First and last frame of every second in which the picture flashes too often."""
    near = _ONE_FLASH_S * rate_hz
    found = []
    for risen in rises(lit):
        marks = risen
        for cut in bright_cuts:
            marks = marks[abs(marks - cut) > near]
        marks = np.sort(np.concatenate([marks, np.asarray(bright_cuts, np.intp)]))
        crowded = marks[most:] - marks[:-most] < rate_hz
        found.append(np.stack([marks[:-most][crowded], marks[most:][crowded]], axis=1))
    return np.unique(np.concatenate(found), axis=0)


def _eased(held: np.ndarray, ease: int) -> np.ndarray:
    """The highest share that is nowhere above `held` and changes by 1 / `ease` a frame at most."""
    slope = np.arange(held.size) / ease
    before = np.minimum.accumulate(held - slope) + slope
    after = np.minimum.accumulate((held + slope)[::-1])[::-1] - slope
    return np.asarray(np.minimum(before, after))
