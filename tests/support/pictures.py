"""Small clips of drawn pictures, and film jobs over them, for tests that look at pixels."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recipe_schema.assembly import AssemblyInstructions, AudioReactive, FilmFormat, TimelineEvent
from recipe_schema.recipe import Recipe, RecipeMetadata, Shot, VisualStyle
from recipe_schema.vocabulary import ReactiveTarget
from tasks.assembly.compositor import Compositor
from tasks.assembly.job import ClipFile, FilmJob
from tasks.assembly.timeline import clip_spans, lay_timeline
from tasks.media.frames import ClipWriter

Plane = NDArray[np.uint8]
Planes = tuple[Plane, Plane, Plane]

CLIP_SIZE = (64, 36)
STILL = AudioReactive(
    bass_drives=ReactiveTarget.NONE,
    mids_drive=ReactiveTarget.NONE,
    highs_drive=ReactiveTarget.NONE,
)


def flat_picture(
    y: int, u: int = 128, v: int = 128, *, size: tuple[int, int] = CLIP_SIZE
) -> Planes:
    """One colour everywhere."""
    width, height = size
    chroma = (height // 2, width // 2)
    return (
        np.full((height, width), y, np.uint8),
        np.full(chroma, u, np.uint8),
        np.full(chroma, v, np.uint8),
    )


def busy_picture(seed: int, *, size: tuple[int, int] = CLIP_SIZE) -> Planes:
    """Smooth blobs of all levels and colours, another one for another seed."""
    rng = np.random.default_rng(seed)
    width, height = size
    planes = []
    for w, h, low, high in ((width, height, 30, 220), *((width // 2, height // 2, 90, 166),) * 2):
        x, y = np.meshgrid(np.linspace(0, 1, w), np.linspace(0, 1, h))
        wave = sum(
            np.sin(2 * np.pi * (a * x + b * y + c))
            for a, b, c in zip(
                rng.uniform(-2, 2, 4), rng.uniform(-2, 2, 4), rng.uniform(0, 1, 4), strict=True
            )
        )
        level = (np.asarray(wave) + 4) / 8
        planes.append((low + (high - low) * level).astype(np.uint8))
    return planes[0], planes[1], planes[2]


def write_clip(path: Path, pictures: Sequence[Planes], *, fps: Fraction = Fraction(30)) -> Path:
    """A nearly lossless clip of pictures."""
    height, width = pictures[0][0].shape
    with ClipWriter(path, width_px=width, height_px=height, fps=fps, crf=1) as writer:
        for picture in pictures:
            writer.write(*picture)
    return path


def picture_job(
    folder: Path,
    clips: Sequence[Sequence[Planes]],
    *,
    starts_s: Sequence[float] = (0.0,),
    duration_s: float = 1.0,
    shots: Sequence[Mapping[str, object]] = (),
    events: Sequence[TimelineEvent] = (),
    reactive: AudioReactive = STILL,
    curves: Mapping[str, NDArray[np.float32]] | None = None,
    palette: tuple[str, ...] = ("#808080", "#c0c0c0"),
    size: tuple[int, int] = (128, 72),
    fps: Fraction = Fraction(30),
) -> FilmJob:
    """A job whose shot k plays `clips[k]`, written at 30 fps; a short clip's last frame stays.

    Args:
        folder: Where clips are written.
        clips: Pictures of each shot; the last one is repeated as long as the shot lasts.
        starts_s: Where shots start.
        duration_s: Length of the film.
        shots: Fields of each shot beside its place.
        events: Effects in time.
        reactive: What the song drives.
        curves: At 100 Hz; silence where missing.
        palette: Colours of the recipe; two greys make no hue lean.
        size: Of the film.
        fps: Of the film.
    """
    ends_s = [*starts_s[1:], duration_s]
    fields = [*shots, *({} for _ in starts_s[len(shots) :])]
    recipe = Recipe(
        metadata=RecipeMetadata(duration=duration_s, bpm=120.0, key="C major", mood="calm"),
        visual_style=VisualStyle(aesthetic="plain", color_palette=palette, motion_intensity="high"),
        shot_list=tuple(
            Shot.model_validate(
                {
                    "id": f"shot_{k}",
                    "timestamp": start,
                    "duration": end - start,
                    "section": "verse",
                    "mochi_prompt": "a test",
                    "visual_theme": "aurora",
                    "energy_level": 0.5,
                    **more,
                }
            )
            for k, (start, end, more) in enumerate(zip(starts_s, ends_s, fields, strict=True))
        ),
        assembly_instructions=AssemblyInstructions(
            audio_reactive=reactive, effects_timeline=tuple(events)
        ),
    )
    timeline = lay_timeline(recipe, fps=fps, frames=round(duration_s * fps))
    files = {}
    for k, span in enumerate(clip_spans(timeline)):
        wanted = int((span.end_frame - span.start_frame) * 30 / fps) + 1
        pictures = [*clips[k], *([clips[k][-1]] * (wanted - len(clips[k])))]
        path = folder / f"{span.shot_id}.mp4"
        if not path.exists():
            write_clip(path, pictures)
        files[span.shot_id] = ClipFile(path, f"{k:064x}", span.start_frame)
    beats = tuple(np.arange(0.0, duration_s, 0.5).tolist())
    return FilmJob(
        recipe=recipe,
        timeline=timeline,
        clips=files,
        curves=curves or {},
        beats=beats,
        downbeats=beats[::4],
        film=FilmFormat(width_px=size[0], height_px=size[1], fps=str(fps)),
    )


def film_frame(compositor: Compositor, job: FilmJob, frame: int, *, padding: int = 0) -> Planes:
    """Planes of one frame, from rows that are `padding` bytes longer than the picture."""
    width, height = job.film.width_px, job.film.height_px
    shapes = ((height, width), (height // 2, width // 2), (height // 2, width // 2))
    wide = [np.zeros((h, w + padding), np.uint8) for h, w in shapes]
    y, u, v = (plane[:, :w] for plane, (_, w) in zip(wide, shapes, strict=True))
    compositor.frame(frame, (y, u, v))
    return y, u, v
