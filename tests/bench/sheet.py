"""Pictures to look at: a sheet of all themes, or a strip of a finished film.

``python -m tests.bench sheet OUT.png [THEME ...]`` paints a row a theme: three palettes, each at
three energies, on, after and between kicks; every picture is of a seed of its own.
``python -m tests.bench sheet OUT.png --film FILM.mp4 [--frames 24]`` lays evenly spaced frames of
a film in rows. ``make themes`` writes the first one.
"""

import argparse
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from support.clip_requests import make_drive, make_request, make_shot, make_style

from tasks.media.frames import ClipReader, Planes
from tasks.rendering.backends.procedural.renderer import paint_frames
from tasks.rendering.backends.procedural.themes import THEMES

Picture = NDArray[np.uint8]

# Cold neon, warm embers, pale sea: what films of different looks ask for.
PALETTES = {
    "neon": ("#ff006e", "#00f5ff", "#7209b7", "#00ff88"),
    "embers": ("#ffb703", "#fb8500", "#d62828", "#023047"),
    "sea": ("#e0fbfc", "#98c1d9", "#3d5a80", "#ee6c4d"),
}
ENERGIES = (0.2, 0.6, 0.95)
# On a kick, while it dies away, and before the next one.
FRAMES, LENGTH = (15, 34, 72), 80
# Painted larger than shown, so that thumbnails are not coarser than films.
PAINTED_PX, SHOWN_PX = (848, 480), (212, 120)
LABEL_PX, GAP_PX, PAPER, INK = 18, 2, (16, 16, 18), (225, 225, 225)
STRIP_COLUMNS, STRIP_PX = 6, (320, 180)


def main() -> None:
    """Write what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench sheet")
    parser.add_argument("out", type=Path, help="the picture, .png or .jpg")
    parser.add_argument("themes", nargs="*", metavar="THEME", help="these alone; else all")
    parser.add_argument("--film", type=Path, help="a finished film, shown as a strip")
    parser.add_argument("--frames", type=int, default=24, help="of the film")
    told = parser.parse_args()
    unknown = sorted(set(told.themes) - set(THEMES))
    if unknown:
        parser.error(f"no such theme: {', '.join(unknown)}; there are {', '.join(THEMES)}")
    if told.film and (told.themes or told.frames < 1):
        parser.error("a film's strip has no themes, and at least one frame")
    paper = film_strip(told.film, told.frames) if told.film else sheet(told.themes or THEMES)
    paper.save(told.out, quality=88)


def sheet(themes: Sequence[str]) -> Image.Image:
    """A row a theme, a column a palette and energy."""
    columns = list(product(PALETTES, ENERGIES))
    rows = [
        (theme, [picture(theme, k, *column) for k, column in enumerate(columns)])
        for theme in themes
    ]
    return laid(rows, SHOWN_PX, heads=[f"{name}, energy {energy:g}" for name, energy in columns])


def picture(theme: str, number: int, palette: str, energy: float) -> Picture:
    """One frame; those of a palette, and those of an energy, are three different ones."""
    width, height = PAINTED_PX
    request = make_request(
        make_shot(theme, energy=energy),
        make_style(PALETTES[palette]),
        seed=7 + number,
        width_px=width,
        height_px=height,
        frames=LENGTH,
        drive=make_drive(frames=LENGTH),
    )
    frame = FRAMES[(number + number // len(ENERGIES)) % len(FRAMES)]
    return rgb(next(paint_frames(request, frames=range(frame, frame + 1)))[1])


def film_strip(film: Path, frames: int) -> Image.Image:
    """Evenly spaced frames, in rows, each row with the time of its first."""
    reader = ClipReader(film)
    at = [round((k + 0.5) * reader.frames / frames) for k in range(frames)]
    seen = [rgb(reader.frame(n)) for n in at]
    reader.close()
    times = [f"{float(n / reader.fps):.1f} s" for n in at]
    starts = range(0, frames, STRIP_COLUMNS)
    height = round(STRIP_PX[0] * seen[0].shape[0] / seen[0].shape[1])
    rows = [(times[k], seen[k : k + STRIP_COLUMNS]) for k in starts]
    return laid(rows, (STRIP_PX[0], height))


def laid(
    rows: list[tuple[str, list[Picture]]], size: tuple[int, int], *, heads: Sequence[str] = ()
) -> Image.Image:
    """Thumbnails in rows, each with its name over it, and heads over the columns."""
    columns = max(len(pictures) for _, pictures in rows)
    step = (size[0] + GAP_PX, size[1] + LABEL_PX + GAP_PX)
    top = LABEL_PX if heads else 0
    paper = Image.new("RGB", (columns * step[0], top + len(rows) * step[1]), PAPER)
    pen, font = ImageDraw.Draw(paper), ImageFont.load_default(LABEL_PX - 5)
    for k, head in enumerate(heads):
        pen.text((k * step[0] + 3, 1), head, INK, font)
    for r, (name, pictures) in enumerate(rows):
        pen.text((3, top + r * step[1] + 1), name, INK, font)
        for c, picture in enumerate(pictures):
            small = Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS)
            paper.paste(small, (c * step[0], top + r * step[1] + LABEL_PX))
    return paper


def rgb(planes: Planes) -> Picture:
    """Planes of a picture as a screen shows them."""
    flat: Any = np.concatenate([np.ascontiguousarray(plane).reshape(-1) for plane in planes])
    picture = av.VideoFrame.from_ndarray(flat.reshape(-1, planes[0].shape[1]), format="yuv420p")
    return np.asarray(picture.to_ndarray(format="rgb24", src_colorspace=1, dst_colorspace=1))


if __name__ == "__main__":
    main()
