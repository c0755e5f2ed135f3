"""The compositor: film frame in, planes for the encoder out.

Clips are decoded, graded and given their looks at their own size, once per picture of the clip;
transitions mix two of them there; a packed copy, luma doubled, is kept as long as it is valid;
and one pass samples it at the film's size with zoom, turn, gain, vignette, lines and grain. Frame
n is a pure function of the job and n: the same bytes from any start, on any worker.
"""

import hashlib
from collections import OrderedDict
from pathlib import Path

import numpy as np
from pydantic import JsonValue

from tasks.assembly.conform import ClipSource
from tasks.assembly.frame_plan import FilmPlan, FramePlan, LayerPlan
from tasks.assembly.grade import grade_of
from tasks.assembly.job import FilmJob
from tasks.assembly.kernels import UInt8Array
from tasks.assembly.kernels_blur import expose
from tasks.assembly.layers import Layer, Raster
from tasks.assembly.output import OutputPass, Packed, noise_digest
from tasks.assembly.transitions import load_painter
from tasks.media.picture_code import PICTURE_CODE
from tasks.media.timebase import parse_fps

# A transition needs two clips, the next one may already be wanted: more would only hold memory.
_OPEN_CLIPS = 3
# A picture of a clip above this many pixels takes more than 50 MB: only the needed two stay open.
_LARGE = 2560 * 1440
# Luma is doubled by a cubic where the film is this much larger than the clip.
_DOUBLE_ABOVE = 1.25

_PICTURE_MODULES = (
    "aims.py",
    "calm.py",
    "captions.py",
    "compositor.py",
    "conform.py",
    "cues.py",
    "flicker.py",
    "frame_plan.py",
    "framing.py",
    "geometry.py",
    "grade.py",
    "kernels*.py",
    "layers.py",
    "looks.py",
    "luminance.py",
    "lut.py",
    "match.py",
    "motion.py",
    "oklab.py",
    "output.py",
    "pace.py",
    "reactive.py",
    "safe_zone.py",
    "tone.py",
    "treatment.py",
    "effects/*.py",
    "lettering/*.py",
    "transitions/*.py",
)


def _picture_code() -> list[Path]:
    """All code that makes pixels, reading and writing of clips included."""
    room = Path(__file__).parent
    own = sorted(path for pattern in _PICTURE_MODULES for path in room.glob(pattern))
    return [*own, *PICTURE_CODE]


def _source_digest() -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in _picture_code())).hexdigest()


COMPOSITOR_VERSION = _source_digest()[:16]


class Compositor:
    """Paints the frames of one film; holds decoders and scratch pictures until closed."""

    def __init__(self, job: FilmJob) -> None:
        """Open a compositor on a job; clips are opened when their first frame is asked for."""
        self._job = job
        self._plan = _plan_of(job)
        self._film = (job.film.width_px, job.film.height_px)
        self._grade = grade_of(job)
        self._output = OutputPass(*self._film)
        self._layers: OrderedDict[str, Layer] = OrderedDict()
        self._rasters: dict[tuple[int, int], Raster] = {}
        self._packed_key: object = None
        self._packed: Packed | None = None

    def frame(self, n: int, planes: tuple[UInt8Array, UInt8Array, UInt8Array]) -> None:
        """Paint a frame of the film.

        Args:
            n: Frame of the film, from 0.
            planes: Written: y, u, v of yuv420p, BT.709 limited range; u and v of half size. Rows
                may be padded.

        Raises:
            BadClipError: A clip does not cover its place.
            BadMediaError: A clip cannot be read.
        """
        plan = self._plan.at(n)
        layers = [
            self._layer(shot, part) if part and shot else None
            for shot, part in zip(plan.shots, (plan.before, plan.after), strict=True)
        ]
        shown = tuple(
            (part.clip, layer.source.at(part.offset), part.look) if layer and part else None
            for layer, part in zip(layers, (plan.before, plan.after), strict=True)
        )
        key = (shown, plan.transition, plan.output.exposure)
        if key != self._packed_key or self._packed is None:
            self._packed_key = None
            self._packed = self._pack(plan, layers)
            self._packed_key = key
        self._output.paint(plan.output, self._packed, planes, frame=n // self._plan.noise_step)
        self._plan.captions.lay(plan.captions, planes)

    def close(self) -> None:
        """Free decoders and memory."""
        for layer in self._layers.values():
            layer.source.close()
        self._layers.clear()
        self._rasters.clear()
        self._packed = None

    def _layer(self, shot: str, part: LayerPlan) -> Layer:
        """The open clip of a shot; the one longest unused makes room."""
        if shot not in self._layers:
            source = ClipSource(
                self._job.clips[shot],
                span=part.span,
                film_fps=parse_fps(self._job.film.fps),
                film=self._film,
                plan=part.conform,
            )
            grade = self._grade.for_clip(self._job.clips[shot].traits)
            large = source.width * source.height > _LARGE
            while len(self._layers) >= (2 if large else _OPEN_CLIPS):
                self._layers.popitem(last=False)[1].source.close()
            self._layers[shot] = Layer(source, grade)
        self._layers.move_to_end(shot)
        return self._layers[shot]

    def _pack(self, plan: FramePlan, layers: list[Layer | None]) -> Packed:
        pictures = [
            layer.picture(part) if layer and part else None
            for layer, part in zip(layers, (plan.before, plan.after), strict=True)
        ]
        shown = [picture for picture in pictures if picture is not None]
        raster = self._raster(max((p.shape[1:] for p in shown), key=lambda s: s[0] * s[1]))
        rgb = shown[0]
        if plan.transition is not None:
            painter = load_painter(plan.transition.kind)
            assert painter is not None
            sides = [raster.fitted(picture) for picture in pictures]
            rgb = painter(sides[0], sides[1], raster.canvas, plan.transition)
        if plan.output.exposure > 0.0:
            if rgb is shown[0]:
                raster.canvas.out[:] = rgb
                rgb = raster.canvas.out
            expose(rgb, np.float32(round(2.0**plan.output.exposure, 6)))
        return raster.pack(rgb, self._output.dither)

    def _raster(self, shape: tuple[int, int]) -> Raster:
        if shape not in self._rasters:
            if len(self._rasters) >= _OPEN_CLIPS or shape[0] * shape[1] > _LARGE:
                self._rasters.clear()
            doubled = self._film[0] > _DOUBLE_ABOVE * shape[1]
            self._rasters[shape] = Raster(shape, doubled=doubled)
        return self._rasters[shape]


def shaping_inputs(job: FilmJob, start_frame: int, end_frame: int) -> dict[str, JsonValue]:
    """Tell everything that shapes the pictures of a span, and nothing else.

    Args:
        job: The film.
        start_frame: First frame of the span.
        end_frame: One past its last.

    Returns:
        A JSON object that is equal for two jobs exactly when the span's pictures are. Clips,
        effects, transitions, levels of the song and events enter through the digest of the
        span's frame plans; what lies outside the span does not.
    """
    plan = _plan_of(job)
    digest = hashlib.sha256()
    shots: set[str] = set()
    for n in range(start_frame, end_frame):
        planned = plan.at(n)
        digest.update(repr(planned.shaping).encode())
        shots.update(shot for shot in planned.shots if shot is not None)
    grade, clips = grade_of(job), [job.clips[shot] for shot in shots]
    return {
        "version": COMPOSITOR_VERSION,
        "noise": noise_digest(),
        "size": [job.film.width_px, job.film.height_px],
        "fps": job.film.fps,
        "grade": grade.shaping,
        "matches": {clip.sha256: repr(grade.match(clip.traits)) for clip in clips},
        "frames": digest.hexdigest(),
    }


_last_plan: FilmPlan | None = None


def _plan_of(job: FilmJob) -> FilmPlan:
    """The plan of a job, kept for the job asked for last: keys are asked for span by span."""
    global _last_plan
    if _last_plan is None or _last_plan.job is not job:
        _last_plan = FilmPlan(job)
    return _last_plan
