"""The renderer that needs no GPU, no weights and no footage: pictures computed from the song.

Every frame is a pure function of its number, the seed, the recipe's words and the song, in
float32 without fastmath, so that a clip has the same pictures on every machine.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from recipe_schema.artifacts import RendererLimits
from tasks import cancellation
from tasks.errors import BadInputError
from tasks.media.frames import ClipWriter
from tasks.media.light_grid import LightMeter
from tasks.rendering.backends.procedural.develop import Darkroom, Planes
from tasks.rendering.backends.procedural.lens import Lens
from tasks.rendering.backends.procedural.motion import HALFWAY, Moment, plan_motion
from tasks.rendering.backends.procedural.naming import choose_theme
from tasks.rendering.backends.procedural.palette import mix_palette
from tasks.rendering.backends.procedural.stage import Stage, family_of
from tasks.rendering.backends.procedural.themes import load_theme
from tasks.rendering.backends.procedural.version import theme_version
from tasks.rendering.backends.procedural.words import named_of, read_wishes, scene_of
from tasks.rendering.clip_format import check_request
from tasks.rendering.flashing import flash_notes
from tasks.rendering.reading import Reading, painted
from tasks.rendering.renderer import Progress, RenderRequest, Told

log = logging.getLogger(__name__)

FPS_CHOICES = ("30/1", "24/1", "25/1", "50/1", "60/1")
FPS_RANGE = ("24000/1001", "60/1")  # from film's 24 as television slows it
DEFAULT_SIZE_PX = (848, 480)
TENSION_VIGNETTE = 0.25  # the dark closes in before a drop
OPENING_VIGNETTE = 0.2  # and draws back from the song's first picture to its last
LARGEST_PX = (7680, 4320)  # of any film
LEAST_PX = 16  # either way; below, the coarsest fields have less than a cell


class ProceduralRenderer:
    """Paints themes with numba kernels."""

    name = "procedural"
    quality_class = "procedural"

    def limits(self) -> RendererLimits:
        """Any length, any even size that a film may have, 23.976 to 60 frames a second."""
        return RendererLimits(
            renderer=self.name,
            fps_choices=FPS_CHOICES,
            width_px=DEFAULT_SIZE_PX[0],
            height_px=DEFAULT_SIZE_PX[1],
            size_multiple=2,
            fps_range=FPS_RANGE,
            max_width_px=LARGEST_PX[0],
            max_height_px=LARGEST_PX[1],
            uses_song=True,
        )

    def version(self, request: RenderRequest) -> str:
        """Digest of the code that paints this request."""
        return theme_version(choose_theme(request.shot.visual_theme)[0])

    def reads(self, request: RenderRequest) -> Reading:
        """Look, energy, words and song."""
        return painted(request, hears=True)

    def render(self, request: RenderRequest, path: Path, *, progress: Progress) -> Told:
        """Paint every frame into an H.264 clip.

        Raises:
            BadInputError: Size, rate or length are outside the limits.
            RunCancelledError: Somebody asked the work to stop; no file is left.
        """
        _check(request, self.limits())
        light = LightMeter()
        width_px, height_px = request.width_px, request.height_px
        with ClipWriter(path, width_px=width_px, height_px=height_px, fps=request.fps) as clip:
            for number, planes in paint_frames(request, frames=range(request.frames)):
                cancellation.check()
                clip.write(*planes)
                light.add(planes)
                progress(number + 1, request.frames)
        stood_in = choose_theme(request.shot.visual_theme)[1]
        warnings = (*stood_in, *flash_notes(light.curve, request))
        for warning in warnings:
            log.warning("shot %s: %s", request.shot.id, warning)
        return Told(warnings, fallback="; ".join(stood_in) or None)


def paint_frames(request: RenderRequest, *, frames: range) -> Iterator[tuple[int, Planes]]:
    """Paint chosen frames of a clip; each comes out the same whichever others are painted.

    Yields:
        Frame number and planes y, u, v (yuv420p, limited range, BT.709); the planes are reused
        for the next frame.
    """
    theme_class = load_theme(choose_theme(request.shot.visual_theme)[0])
    wishes = read_wishes(request.shot, request.style)
    moments = plan_motion(request, wishes)
    height_px, width_px = request.height_px, request.width_px
    palette = mix_palette(request.style.color_palette)
    stage = Stage(
        height_px=height_px,
        width_px=width_px,
        palette=palette,
        seed=request.seed,
        family=family_of(request.style),
        energy=request.shot.energy_level,
        subject=scene_of(request.shot),
        named=named_of(request.shot),
        wishes=wishes,
        calm=request.style.calm,
    )
    theme, darkroom = theme_class(stage), Darkroom(height_px, width_px)
    blur = wishes.blur * getattr(theme_class, "lens_share", 1.0)
    lens = Lens(height_px, width_px, seed=request.seed, blur=blur, oval=wishes.oval)
    light = np.zeros((3, height_px, width_px), np.float32)
    for number in frames:
        moment = moments[number]
        theme.paint(light, moment)
        if blur > 0.0:
            lens.soften(light)
        yield (
            number,
            darkroom.develop(
                light,
                frame=number,
                exposure=wishes.exposure,
                glow=theme.glow * wishes.glow,
                vignette=_vignette(theme.vignette, moment),
                contrast=wishes.contrast,
            ),
        )


def _vignette(own: float, moment: Moment) -> float:
    """A theme's own, more under tension, less as the song goes on."""
    opened = OPENING_VIGNETTE * (moment.place - HALFWAY)
    return min(max(own + TENSION_VIGNETTE * moment.tension - opened, 0.0), 0.9)


def _check(request: RenderRequest, limits: RendererLimits) -> None:
    check_request(request, limits, least_px=LEAST_PX)
    if request.drive is not None and len(request.drive.energy) != request.frames:
        raise BadInputError(
            f"the song's drive has {len(request.drive.energy)} frames, the clip {request.frames}: "
            "make the drive for the clip's own frames"
        )
