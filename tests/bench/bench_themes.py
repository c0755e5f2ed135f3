"""What a painted picture costs: CPU ms per 848x480 frame of every theme, developing included.

Run by `make bench`, or alone: `python -m tests.bench themes`. One JSON object a line. Each theme
is painted with some seeds, so that its kinds of pictures all come up, to a song with kicks and
hats; a seed counts with the least of its rounds, a theme with the median of its seeds, beside the
dearest of them. Encoding is not counted. One theme's sheets are painted by numpy, too.
"""

import json
import time
from contextlib import ExitStack
from statistics import median
from typing import Any
from unittest import mock

import numpy as np
from bench import numpy_sheets
from support.clip_requests import make_drive, make_request, make_shot

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural.renderer import DEFAULT_SIZE_PX, paint_frames
from tasks.rendering.backends.procedural.themes import THEMES, gradient_waves
from tasks.rendering.renderer import RenderRequest

SEEDS, ROUNDS = range(1, 8), 2
FRAMES = range(3, 120, 15)  # of a round: near and far from kicks
# What numpy paints, and how near it must come (dB of the luma).
BY_NUMPY, BY_NUMPY_SEEN, LEAST_PSNR = "gradient-waves", ("silk", "dunes", "ribbons"), 55.0
BY_NUMPY_PARTS = {
    "Sheets": numpy_sheets.NumpySheets,
    "light_glow": numpy_sheets.light_glow,
    "light_sun": numpy_sheets.light_sun,
}


def main() -> None:
    """Print every figure."""
    for theme in THEMES:
        measure_theme(theme)
    measure_numpy()


def measure_theme(theme: str) -> None:
    """CPU of painting and developing."""
    spent = [cost_ms(request_of(theme, seed)) for seed in SEEDS]
    show(f"theme_cpu_ms_{theme}", median(spent), len(spent) * len(FRAMES), dearest=max(spent))


def measure_numpy(size_px: tuple[int, int] = DEFAULT_SIZE_PX) -> None:
    """The same pictures with every loop of the theme an operation of numpy."""
    requests = [
        request_of(BY_NUMPY, seed, subject, size_px=size_px)
        for seed, subject in enumerate(BY_NUMPY_SEEN)
    ]
    kernels, pictures = [cost_ms(r) for r in requests], [lumas(r) for r in requests]
    with ExitStack() as stack:
        for name, instead in BY_NUMPY_PARTS.items():
            stack.enter_context(mock.patch.object(gradient_waves, name, instead))
        by_numpy, others = [cost_ms(r) for r in requests], [lumas(r) for r in requests]
    psnr = 10 * np.log10(255**2 / np.mean((np.array(pictures) - np.array(others)) ** 2))
    assert psnr > LEAST_PSNR, f"numpy paints another picture: {psnr:.1f} dB; follow sheets.py"
    theirs, ours = median(by_numpy), median(kernels)
    show(
        f"theme_numpy_cpu_ms_{BY_NUMPY}",
        theirs,
        len(requests) * len(FRAMES),
        with_kernels=ours,
        times=theirs / ours,
        psnr_db=float(psnr),
    )


def request_of(
    theme: str, seed: int, subject: str = "light", *, size_px: tuple[int, int] = DEFAULT_SIZE_PX
) -> RenderRequest:
    """Four seconds of a theme, with a song."""
    shot = make_shot(theme, prompt=ShotPrompt(subject=subject))
    frames = FRAMES.stop
    width, height = size_px
    drive = make_drive(frames=frames)
    return make_request(
        shot, seed=seed, width_px=width, height_px=height, frames=frames, drive=drive
    )


def cost_ms(request: RenderRequest) -> float:
    """CPU ms a frame, the least of some rounds; compiled and set up before."""
    spent = []
    for _ in range(ROUNDS):
        frames = paint_frames(request, frames=FRAMES)
        next(frames)
        begun = time.process_time()
        painted = sum(1 for _ in frames)
        spent.append(1e3 * (time.process_time() - begun) / painted)
    return min(spent)


def lumas(request: RenderRequest) -> np.ndarray[Any, Any]:
    """Some of its pictures."""
    painted = paint_frames(request, frames=FRAMES[::4])
    return np.array([planes[0].astype(np.float64) for _, planes in painted])


def show(figure: str, value: float, n: int, **beside: float) -> None:
    """Print one figure."""
    rounded = {name: round(other, 2) for name, other in beside.items()}
    line = {"figure": figure, "value": round(value, 2), "unit": "CPU ms a frame", "n": n}
    print(json.dumps(line | {"beside": rounded}), flush=True)


if __name__ == "__main__":
    main()
