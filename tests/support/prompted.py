"""Stands in for a generative model with a price: paints from the prompt's digest and the seed."""

import hashlib
from pathlib import Path

import numpy as np

from recipe_schema.artifacts import RendererLimits
from tasks import cancellation
from tasks.media.frames import ClipWriter
from tasks.rendering.reading import Reading, Sampling, prompt_of, prompted
from tasks.rendering.renderer import Progress, RenderRequest, Told

ENTRY = "support.prompted:PromptedRenderer"
USD_PER_S = 0.25
SAMPLING = Sampling(
    model="stand-in",
    weights_revision="r1",
    steps=8,
    guidance=4.5,
    sampler="euler",
    precision="bf16",
)


class PromptedRenderer:
    """One colour a prompt and seed, in clips of whole seconds."""

    name = "prompted"
    quality_class = "exact"

    def limits(self) -> RendererLimits:
        return RendererLimits(
            renderer=self.name,
            fps_choices=("12/1",),
            width_px=64,
            height_px=36,
            frames_step=12,
            usd_per_s=USD_PER_S,
        )

    def version(self, request: RenderRequest) -> str:
        return "1"

    def reads(self, request: RenderRequest) -> Reading:
        return prompted(request, SAMPLING)

    def render(self, request: RenderRequest, path: Path, *, progress: Progress) -> Told:
        text = f"{prompt_of(request)}\n{request.seed}"
        levels = hashlib.sha256(text.encode()).digest()
        size = {"width_px": request.width_px, "height_px": request.height_px}
        with ClipWriter(path, fps=request.fps, **size) as clip:
            for number in range(request.frames):
                cancellation.check()
                clip.write(*_flat(levels, **size))
                progress(number + 1, request.frames)
        return Told()


def _flat(levels: bytes, *, width_px: int, height_px: int) -> tuple[np.ndarray, ...]:
    shapes = ((height_px, width_px), *[(height_px // 2, width_px // 2)] * 2)
    return tuple(
        np.full(shape, 40 + level % 160, np.uint8)
        for shape, level in zip(shapes, levels[:3], strict=True)
    )
