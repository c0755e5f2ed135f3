"""Measures pictures of themes by the eye's own scales: colour in OKLab, motion, detail, light."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from support.clip_requests import NEON, make_drive, make_request, make_shot, make_style
from tasks.media.light_grid import LightMeter
from tasks.rendering.backends.procedural.renderer import paint_frames
from tasks.rendering.drive import DRIVE_STEPS
from tasks.rendering.renderer import Drive, RenderRequest

Array = NDArray[np.float64]
Picture = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]

FPS = 30
RUN_FRAMES = 72
# Frames of kicks that follow no rhythm, so that no picture meets them by chance.
KICK_FRAMES = (6, 17, 24, 37, 45, 61)
KICK_FALL = 9


@cache
def request_of(
    theme: str,
    *,
    energy: float = 0.6,
    seed: int = 7,
    palette: tuple[str, ...] = NEON,
    frames: int = 32,
    bpm: float | None = 120.0,
    size: tuple[int, int] = (160, 96),
) -> RenderRequest:
    """A small clip of a theme; without a song where `bpm` is None."""
    drive = None if bpm is None else make_drive(frames=frames, bpm=bpm)
    return make_request(
        make_shot(theme, energy=energy),
        make_style(palette),
        seed=seed,
        frames=frames,
        drive=drive,
        width_px=size[0],
        height_px=size[1],
    )


def painted(request: RenderRequest, frames: range | Sequence[int]) -> list[Picture]:
    """Chosen frames."""
    ordered = frames if isinstance(frames, range) else list(frames)
    return [
        (planes[0].copy(), planes[1].copy(), planes[2].copy())
        for _, planes in paint_frames(request, frames=ordered)  # type: ignore[arg-type]
    ]


@cache
def pictures_of(
    theme: str,
    *,
    energy: float = 0.6,
    seed: int = 7,
    palette: tuple[str, ...] = NEON,
    frames: tuple[int, ...] = (2, 17, 31),
    bpm: float | None = 120.0,
    size: tuple[int, int] = (160, 96),
) -> list[Picture]:
    """Frames of one clip, painted once for all tests that look at them."""
    last = max(frames) + 1
    request = request_of(
        theme, energy=energy, seed=seed, palette=palette, frames=last, bpm=bpm, size=size
    )
    return painted(request, frames)


def kick_drive() -> Drive:
    """Nothing but kicks, of equal strength."""
    silent = np.zeros(RUN_FRAMES, np.float32)
    kick = silent.copy()
    for start in KICK_FRAMES:
        age = np.arange(RUN_FRAMES - start) / KICK_FALL
        kick[start:] = np.maximum(kick[start:], np.clip(1.0 - age, 0.0, 1.0) ** 2)
    steady = np.full(RUN_FRAMES, 0.6, np.float32)
    rows = dict.fromkeys(Drive.__dataclass_fields__, silent)
    kick = np.floor(kick * DRIVE_STEPS) / DRIVE_STEPS
    return Drive(**{**rows, "energy": steady, "kick": kick, "beat": kick, "bass": 0.6 * kick})


@cache
def kicked(theme: str) -> list[Picture]:
    """A clip that hears the kicks of `kick_drive`."""
    request = replace(request_of(theme, frames=RUN_FRAMES), drive=kick_drive())
    return painted(request, range(RUN_FRAMES))


def lab_of(picture: Picture) -> Array:
    """OKLab of every chroma sample, shape (samples, 3).

    Source: B. Ottosson, A perceptual color space for image processing, 2020.
    """
    y, u, v = (plane.astype(np.float64) for plane in picture)
    height, width = u.shape
    luma = y[: 2 * height, : 2 * width].reshape(height, 2, width, 2).mean(axis=(1, 3))
    luma, cb, cr = (luma - 16) / 219, (u - 128) / 224, (v - 128) / 224
    rgb = np.stack(
        [luma + 1.5748 * cr, luma - 0.1873 * cb - 0.4681 * cr, luma + 1.8556 * cb], axis=-1
    ).clip(0, 1)
    return oklab(rgb.reshape(-1, 3))


def oklab(rgb: Array) -> Array:
    """OKLab of sRGB code values, 0..1."""
    light = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    cones = light @ np.array(
        [
            [0.4122214708, 0.2119034982, 0.0883024619],
            [0.5363325363, 0.6806995451, 0.2817188376],
            [0.0514459929, 0.1073969566, 0.6299787005],
        ]
    )
    return np.asarray(
        np.cbrt(cones)
        @ np.array(
            [
                [0.2104542553, 1.9779984951, 0.0259040371],
                [0.7936177850, -2.4285922050, 0.7827717662],
                [-0.0040720468, 0.4505937099, -0.8086757660],
            ]
        )
    )


def palette_share(
    pictures: Sequence[Picture], palette: Sequence[str], *, within_deg: float
) -> float:
    """Share of all chroma whose hue lies near that of a colour of the palette."""
    rgb = np.array([[int(text[k : k + 2], 16) / 255 for k in (1, 3, 5)] for text in palette])
    own = oklab(rgb)
    own = own[np.hypot(own[:, 1], own[:, 2]) > 0.04]
    hues = np.arctan2(own[:, 2], own[:, 1])
    lab = np.concatenate([lab_of(picture) for picture in pictures])
    chroma, hue = np.hypot(lab[:, 1], lab[:, 2]), np.arctan2(lab[:, 2], lab[:, 1])
    gap = np.abs((hue[:, None] - hues + np.pi) % (2 * np.pi) - np.pi).min(axis=1)
    weight = np.where(chroma > 0.03, chroma, 0.0)
    return float(weight[gap < np.radians(within_deg)].sum() / weight.sum())


def motion(pictures: Sequence[Picture]) -> Array:
    """Mean change of luma from picture to picture, over the pictures' own contrast."""
    luma = np.stack([picture[0] for picture in pictures]).astype(np.float64)
    contrast = luma.std(axis=(1, 2)).mean()
    return np.asarray(np.abs(np.diff(luma, axis=0)).mean(axis=(1, 2)) / contrast)


def beat_likeness(pictures: Sequence[Picture], envelope: Array) -> float:
    """How well motion or light follow an envelope, up to three frames late: a correlation."""
    luma = np.stack([picture[0] for picture in pictures]).astype(np.float64)
    blocks = luma[:, : luma.shape[1] // 8 * 8, : luma.shape[2] // 8 * 8]
    blocks = blocks.reshape(len(luma), -1, 8, blocks.shape[2] // 8, 8).mean(axis=(2, 4))
    moved = np.abs(np.diff(luma, axis=0, prepend=luma[:1])).mean(axis=(1, 2))
    features = [moved, luma.mean(axis=(1, 2)), luma.std(axis=(1, 2))]
    features += [np.percentile(blocks.reshape(len(luma), -1), q, axis=1) for q in (90, 98)]
    best = 0.0
    for feature in features:
        clean = _detrended(feature)[1:]
        for lag in range(4):
            late = np.concatenate([np.zeros(lag), envelope[: len(envelope) - lag]])
            best = max(best, float(np.corrcoef(clean, _detrended(late)[1:])[0, 1]))
    return best


def _detrended(values: Array) -> Array:
    """Without what changes slower than a second."""
    window = np.ones(FPS) / FPS
    padded = np.pad(values, (FPS // 2, FPS - 1 - FPS // 2), mode="reflect")
    return np.asarray(values - np.convolve(padded, window, mode="valid"))


def look_of(pictures: Sequence[Picture]) -> Array:
    """What a film looks like: how its colour lies over hues, its tones, how fine its detail is."""
    lab = np.concatenate([lab_of(picture) for picture in pictures])
    chroma, hue = np.hypot(lab[:, 1], lab[:, 2]), np.arctan2(lab[:, 2], lab[:, 1])
    hues, _ = np.histogram(hue, 18, (-np.pi, np.pi), weights=chroma)
    tones = np.quantile(lab[:, 0], (0.1, 0.5, 0.9))
    return np.concatenate([hues / hues.sum(), 0.5 * tones])


def coarse(picture: Picture) -> Array:
    """Luma without detail: means of blocks of 8 by 8."""
    luma = picture[0].astype(np.float64)
    height, width = (side // 8 for side in luma.shape)
    return np.asarray(
        luma[: height * 8, : width * 8].reshape(height, 8, width, 8).mean(axis=(1, 3))
    )


def shimmer(small: Picture, large: Picture) -> float:
    """Fine detail of a picture that the same one painted twice as large does not bear out.

    Returns:
        Root mean square of the fine part of their difference, over that of the small picture's
        own detail and of a little contrast: near 0 where every pixel is the mean of what is there.
    """
    one = small[0].astype(np.float64)
    height, width = one.shape
    other = large[0].astype(np.float64).reshape(height, 2, width, 2).mean(axis=(1, 3))
    return float(_fine(one - other).std() / (_fine(one).std() + 0.1 * one.std()))


def _fine(values: Array) -> Array:
    """What a mean of three by three takes away."""
    sums = sum(np.roll(np.roll(values, dy, 0), dx, 1) for dy in (-1, 0, 1) for dx in (-1, 0, 1))
    return np.asarray((values - np.asarray(sums) / 9)[1:-1, 1:-1])


def banding(picture: Picture, *, run_px: int = 20) -> float:
    """Share of the lit picture that lies in level runs: steps that no dither has hidden."""
    luma = picture[0].astype(np.int64)
    lit = (luma > 24) & (luma < 220)
    same = (np.diff(luma, axis=1) == 0).astype(np.int64)
    sums = np.cumsum(np.pad(same, ((0, 0), (1, 0))), axis=1)
    whole = sums[:, run_px:] - sums[:, :-run_px] == run_px
    inside = np.zeros_like(lit)
    for k in range(run_px + 1):
        inside[:, k : k + whole.shape[1]] |= whole
    return float((inside & lit).sum() / max(lit.sum(), 1))


def light_curve(pictures: Sequence[Picture]) -> NDArray[np.uint8]:
    """Light of pictures, as the flash meter reads it."""
    meter = LightMeter()
    for picture in pictures:
        meter.add(picture)
    return meter.curve
