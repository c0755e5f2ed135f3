"""One look over clips of different origin, as a colourist matches shots before grading a film.

What the film aims at (its middle lightness, its contrast, the axis and the middle of its colours,
how colourful it is) follows from the recipe alone, never from other clips: one changed shot must
not change all. Every clip is brought part of the way, and only for what lies outside a tolerance,
so that a dark intro stays darker than a drop: black and white are stretched where they are grey,
exposure bends the middle and leaves black black, contrast turns around the clip's own middle. Then
its colours lean to the palette in OKLab, with skin spared and nothing pushed out of the screen's
colours. All of it is baked into small tables for `kernels_grade`, once a clip.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pydantic import JsonValue

from recipe_schema.artifacts import ClipTraits
from recipe_schema.assembly import Grading
from recipe_schema.recipe import VisualStyle
from tasks.assembly import oklab
from tasks.assembly.aims import FilmAims, aims_of
from tasks.assembly.job import FilmJob
from tasks.assembly.kernels import FloatArray, UInt8Array
from tasks.assembly.kernels_grade import (
    CHROMA_NODES,
    LUMA_NODES,
    RGB_NODES,
    WHITE_NODES,
    WHITE_SHARE,
    decode_by_table,
    decode_graded,
)
from tasks.assembly.lut import Lut, apply_lut
from tasks.assembly.match import Match, match_clip, shift_weight
from tasks.assembly.oklab import Float64Array
from tasks.assembly.tone import tone_curve

# Digits that are kept of every entry: below any visible step, above differences between machines.
_DIGITS = 6
# Share of the chroma across the palette's axis that is taken away, and of that along it added.
_ACROSS, _ALONG = 0.15, 0.06
# Tint of the shadows and of the lights, as a share of the palette colour's own chroma.
_SHADOW_TINT, _LIGHT_TINT = 0.035, 0.05
# Skin: OKLab hue (degrees), chroma for its lightness (which exposure leaves alone), and lightness,
# each with the width of its soft edges.
_SKIN_HUE, _SKIN_LIGHTNESS = (30.0, 75.0, 14.0), (0.2, 0.92, 0.1)
_SKIN_COLOUR = (0.06, 0.2, 0.04)
# From this share of what a screen shows a colour is full; what is then taken of it.
_FULL, _EASED = 1.0, 0.08
_CLIPS_KEPT = 32


@dataclass(frozen=True, eq=False)
class Grade:
    """The look of one clip, baked."""

    tone: FloatArray
    """Shape (256,): luma of each code."""
    chroma: FloatArray
    """Shape (2, 17 * 33 * 33): difference signals, see `decode_graded`."""
    table: FloatArray | None = None
    """Shape (3, 33 ** 3), see `decode_by_table`: in place of both where a LUT is laid over."""

    def paint(
        self,
        rgb: FloatArray,
        y: UInt8Array,
        y_stride: int,
        u: UInt8Array,
        v: UInt8Array,
        c_stride: int,
    ) -> None:
        """Decode planes into RGB (3, h, w) with the look; flat bytes and their strides."""
        if self.table is None:
            decode_graded(rgb, y, y_stride, u, v, c_stride, self.tone, self.chroma)
        else:
            decode_by_table(rgb, y, y_stride, u, v, c_stride, self.table)


@dataclass(frozen=True)
class FilmGrade:
    """The look of a film; every clip gets its own form of it."""

    aims: FilmAims
    grading: Grading
    lut: Lut | None = None

    @property
    def shaping(self) -> list[JsonValue]:
        """All of the film that shapes pixels, for a segment's key."""
        settings = self.grading.model_dump(mode="json", exclude={"lut"})
        return [repr(self.aims), settings, self.lut.digest if self.lut else None]

    def match(self, traits: ClipTraits | None) -> Match:
        """How far a clip is brought to the film's aims; shapes its pixels, too."""
        return _match(self.aims, traits, self.grading.strength)

    def for_clip(self, traits: ClipTraits | None) -> Grade:
        """The look of a clip; without traits its exposure and colours are not matched."""
        return _bake(self, traits)


def grade_of(job: FilmJob) -> FilmGrade:
    """The look of a job's film."""
    recipe = job.recipe
    return grade_for(recipe.visual_style, recipe.assembly_instructions.grade, lut=job.lut)


def grade_for(style: VisualStyle, grading: Grading, *, lut: Lut | None = None) -> FilmGrade:
    """Derive a film's look.

    Args:
        style: Palette and motion of the film.
        grading: How strongly; strength 0 is the plain conversion, but for the LUT.
        lut: Laid over the look.
    """
    return FilmGrade(aims_of(style), grading, lut)


@lru_cache(maxsize=_CLIPS_KEPT)
def _match(aims: FilmAims, traits: ClipTraits | None, strength: float) -> Match:
    return match_clip(aims, traits, strength=strength)


@lru_cache(maxsize=_CLIPS_KEPT)
def _bake(film: FilmGrade, traits: ClipTraits | None) -> Grade:
    """Tables of a clip's look; kept, because a clip's segments come one after another."""
    match = film.match(traits)
    codes = np.arange(256.0)
    # Rounded before a LUT is laid over them, too: it is steep in places.
    tone = np.round(tone_curve((codes - 16.0) / 219.0, match.tone), _DIGITS)
    chroma = np.round(_chroma_table(film, match), _DIGITS)
    table = None
    if film.lut is not None and film.grading.lut_strength > 0.0:
        table = _single(_rgb_table(film.lut, film.grading.lut_strength, tone, chroma))
    return Grade(_single(tone), _single(chroma.reshape(-1, 2).T), table)


def _single(values: Float64Array) -> FloatArray:
    return np.ascontiguousarray(np.round(values, _DIGITS), np.float32)


def _chroma_table(film: FilmGrade, match: Match) -> Float64Array:
    """Graded difference signals at the nodes of luma, u and v, shape (17, 33, 33, 2).

    OKLab is used as it is around grey of each lightness, where it is a linear map of the
    difference signals: the table holds planes, so that little is lost between its nodes.
    """
    luma, pair = _nodes()
    plain = np.clip(luma, 0.0, 1.0)
    toned = tone_curve(plain, match.tone)
    bright = _gain(plain, toned, match)[..., None] * pair
    graded = bright @ _lean(film, match).T + _offset(toned[:, 0, 0], film, match)[:, None, None]
    filled = _filled(plain, pair)
    shown = oklab.differences_to_rgb(plain, pair / np.maximum(filled, 1.0))
    spared = film.grading.skin * _skin(oklab.rgb_to_oklab(shown))[..., None]
    graded = graded + spared * (bright - graded)
    table = graded * _held(filled, _filled(toned, graded), min(film.grading.strength, 1.0))
    # White lies between two nodes; what is found there must be white's own.
    below, above = WHITE_NODES
    table[above] = table[below] + (table[above] - table[below]) / WHITE_SHARE
    return np.asarray(table)


def _nodes() -> tuple[Float64Array, Float64Array]:
    """Luma and difference signals at the nodes of the chroma table."""
    light, colour = (np.arange(n) * (256.0 / (n - 1)) for n in (LUMA_NODES, CHROMA_NODES))
    y, u, v = np.meshgrid(light, colour, colour, indexing="ij")
    return (y - 16.0) / 219.0, (np.stack([u, v], axis=-1) - 128.0) / 224.0


def _gain(luma: Float64Array, toned: Float64Array, match: Match) -> Float64Array:
    """What chroma is multiplied by where luma is: as much, and a little more where it is steep."""
    step = 1.0 / 512.0
    low, high = np.maximum(luma - step, 0.0), np.minimum(luma + step, 1.0)
    slope = (tone_curve(high, match.tone) - tone_curve(low, match.tone)) / (high - low)
    safe = np.maximum(luma, step)
    ratio = np.where(luma > step, toned / safe, slope)
    return np.asarray(np.sqrt(np.clip(slope, 0.4, 2.5) * np.clip(ratio, 0.4, 2.5)))


def _filled(luma: Float64Array, pair: Float64Array) -> Float64Array:
    """Chroma as a share of the most that a screen shows at its luma and hue; shape (..., 1)."""
    offset = oklab.differences_to_rgb(np.zeros_like(luma), pair)
    room = np.where(offset > 0.0, 1.0 - luma[..., None], luma[..., None])
    share = np.abs(offset) / np.maximum(room, 1e-9)
    return np.asarray(share.max(axis=-1, keepdims=True))


def _held(before: Float64Array, after: Float64Array, ease: float) -> Float64Array:
    """What remains of colours that now fill more of what a screen shows than they did.

    Full colours give way softly before the end, as far as they were not there already; and all of
    them a little, by `ease` 0..1, because luma has twice the detail of chroma.
    """
    softly = np.minimum(_knee(after) / _knee(before), 1.0)
    return np.asarray(softly * (1.0 - ease * _EASED * _window(before, _FULL, np.inf, 0.3)))


def _knee(filled: Float64Array) -> Float64Array:
    return np.asarray(1.0 / np.sqrt(np.sqrt(np.sqrt(1.0 + np.minimum(filled, 1e3) ** 8))))


def _lean(film: FilmGrade, match: Match) -> Float64Array:
    """Matrix (2, 2) that difference signals are multiplied by: palette's axis, and saturation."""
    along = np.array(film.aims.axis)
    across = np.array([-along[1], along[0]])
    lean = np.eye(2) + film.grading.strength * film.aims.one_sided * (
        _ALONG * np.outer(along, along) - _ACROSS * np.outer(across, across)
    )
    to_chroma = _chroma_of_pair(np.array([0.5]))[0]
    return np.asarray(match.saturation * np.linalg.inv(to_chroma) @ lean @ to_chroma)


def _offset(luma: Float64Array, film: FilmGrade, match: Match) -> Float64Array:
    """Difference signals (n, 2) that greys of levels (n,) get: the film's tints, the shift."""
    light = oklab.lightness_of(luma)[:, None]
    tint = _SHADOW_TINT * np.array(film.aims.shadow) * (1.0 - light)
    tint = tint + _LIGHT_TINT * np.array(film.aims.light) * light
    chroma = film.grading.strength * tint + np.array(match.shift) * shift_weight(light)
    return np.asarray(np.linalg.solve(_chroma_of_pair(luma), chroma[..., None])[..., 0])


def _chroma_of_pair(luma: Float64Array) -> Float64Array:
    """Matrices (n, 2, 2) from difference signals to OKLab a and b, around greys of levels (n,)."""
    step = 1e-4
    grey = np.maximum(luma, 10.0 * step)[:, None]
    moves = step * np.eye(2)
    ends = [
        oklab.rgb_to_oklab(oklab.differences_to_rgb(grey, sign * moves[None]))[..., 1:]
        for sign in (1.0, -1.0)
    ]
    return np.asarray(np.swapaxes(ends[0] - ends[1], 1, 2) / (2.0 * step))


def _skin(lab: Float64Array) -> Float64Array:
    """How much a colour may be skin, 0..1."""
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    parts = (
        _window(hue, *_SKIN_HUE)
        * _window(chroma / np.maximum(lab[..., 0], 1e-3), *_SKIN_COLOUR)
        * _window(lab[..., 0], *_SKIN_LIGHTNESS)
    )
    return parts


def _window(values: Float64Array, low: float, high: float, edge: float) -> Float64Array:
    """1 between two bounds, falling softly to 0 within `edge` outside of them."""
    outside = np.maximum(np.maximum(low - values, values - high), 0.0)
    t = np.clip(1.0 - outside / edge, 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def _rgb_table(lut: Lut, strength: float, tone: Float64Array, chroma: Float64Array) -> Float64Array:
    """The look with a LUT over it at the nodes of luma, u and v, shape (3, 33 ** 3)."""
    between = np.empty((RGB_NODES, *chroma.shape[1:]))
    between[::2], between[1::2] = chroma, 0.5 * (chroma[1:] + chroma[:-1])
    luma = np.append(tone, 2.0 * tone[-1] - tone[-2])[:: 256 // (RGB_NODES - 1)]
    rgb = oklab.differences_to_rgb(luma[:, None, None], between)
    inside = np.clip(rgb, 0.0, 1.0)
    # What lies outside of the screen's colours stays as far outside, so that colours near its edge,
    # between nodes on both sides, are found where they are; it is clamped at the pixels.
    mixed = rgb + strength * (apply_lut(lut, inside) - inside)
    return np.asarray(mixed.reshape(-1, 3).T)
