"""Small films with everything on; as a script, the digests of their frames and their keys.

``python -m support.rich_films`` in `tests` writes them as JSON, to compare two processors.
"""

import hashlib
import json
import sys
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from recipe_schema.artifacts import ClipTraits
from recipe_schema.assembly import (
    AudioReactive,
    Grading,
    Lettering,
    LyricLine,
    Lyrics,
    ReactiveRoute,
    TimelineEvent,
    Titles,
)
from recipe_schema.recipe import VisualStyle
from recipe_schema.vocabulary import Effect, Fit, ReactiveSource, ReactiveTarget, Retime, Transition
from support.pictures import Planes, busy_picture, film_frame, picture_job, write_clip
from tasks.assembly.compositor import Compositor, shaping_inputs
from tasks.assembly.grade import grade_for
from tasks.assembly.job import ClipFile, FilmJob
from tasks.assembly.lut import Lut, parse_cube
from tasks.assembly.traits import measure_traits

SHOT_S, SHOTS = 0.7, 4
CLIP_RATES = (16, 24, 30, 24)
CLIP_SIZES = ((128, 80), (96, 96), (128, 72), (192, 108))
PALETTES = (("#204060", "#c08040"), ("#808080", "#c0c0c0"), ("#ff006e", "#00f5ff", "#7209b7"))
FILMS: tuple[tuple[Retime, tuple[int, int], Fit], ...] = (
    (Retime.MOTION, (192, 108), Fit.COVER),
    (Retime.BLEND, (66, 130), Fit.CONTAIN),
    (Retime.MOTION, (128, 72), Fit.COVER),
)
# One frame in so many is looked at.
EVERY = 3
LOOKS = 32
DULL = ClipTraits(
    lightness=0.66,
    contrast=0.08,
    black=0.45,
    white=0.8,
    chroma_a=0.0,
    chroma_b=0.0,
    colourfulness=0.09,
    levels=(0.5, 0.8),
)


def moving(seed: int, size: tuple[int, int], pictures: int) -> list[Planes]:
    """A pan over blobs and grit."""
    width, height = size
    y, u, v = busy_picture(seed, size=(width + 2 * pictures, height + 2 * pictures))
    grit = np.random.default_rng(seed).integers(-15, 15, y.shape)
    y = np.clip(y + grit, 16, 235).astype(np.uint8)
    return [
        (
            y[2 * k : 2 * k + height, 2 * k : 2 * k + width],
            u[k : k + height // 2, k : k + width // 2],
            v[k : k + height // 2, k : k + width // 2],
        )
        for k in range(pictures)
    ]


def write_clips(folder: Path) -> list[Path]:
    """Clips of several rates and sizes."""
    return [
        write_clip(folder / f"{k}.mp4", moving(k, size, 40), fps=Fraction(rate))
        for k, (size, rate) in enumerate(zip(CLIP_SIZES, CLIP_RATES, strict=True))
    ]


def steep_lut() -> Lut:
    """A cube whose neighbours differ as far as they can."""
    rows = np.random.default_rng(0).random((9**3, 3))
    text = "\n".join(" ".join(f"{value:.6f}" for value in row) for row in rows)
    return parse_cube(f"LUT_3D_SIZE 9\n{text}\n".encode(), name="steep.cube")


def rich_films(folder: Path) -> dict[str, FilmJob]:
    """Jobs that have every transition, effect, source and target between them."""
    paths, lut = write_clips(folder), steep_lut()
    kinds, effects = list(Transition), list(Effect)
    jobs = {}
    for number, (retime, size, fit) in enumerate(FILMS):
        mine = kinds[SHOTS * number :] + kinds
        looks = (effects[5 * number :] + effects)[: 2 * SHOTS]
        shots = tuple(
            {"transition_in": mine[k], "effects": looks[2 * k : 2 * k + 2]} for k in range(SHOTS)
        )
        (folder / str(number)).mkdir()
        job = _bare(folder / str(number), shots, effects, PALETTES[number], size)
        clips = {
            shot: ClipFile(path, f"{k:064x}", clip.start_frame, measure_traits(path))
            for k, ((shot, clip), path) in enumerate(zip(job.clips.items(), paths, strict=True))
        }
        film = job.film.model_copy(update={"retime": retime, "fit": fit})
        graded = lut if number != 1 else None
        jobs[f"{retime} {size}"] = replace(job, clips=clips, film=film, lut=graded)
    return jobs


def _bare(
    folder: Path,
    shots: tuple[Mapping[str, object], ...],
    effects: list[Effect],
    palette: tuple[str, ...],
    size: tuple[int, int],
) -> FilmJob:
    """A job of still clips, which others stand in for."""
    times = np.arange(300) / 100.0
    curves = {
        source.value: (0.5 + 0.5 * np.sin((3 + k) * times)).astype(np.float32)
        for k, source in enumerate(ReactiveSource)
    }
    job = picture_job(
        folder,
        [[busy_picture(9)]] * SHOTS,
        starts_s=tuple(SHOT_S * k for k in range(SHOTS)),
        duration_s=SHOT_S * SHOTS,
        shots=shots,
        events=(TimelineEvent(time=0.2, event="all", effects=tuple(effects), strength=0.7),),
        reactive=AudioReactive(
            routes=tuple(
                ReactiveRoute(source=source, drives=target)
                for source, target in zip(ReactiveSource, list(ReactiveTarget) * 3, strict=False)
            )
        ),
        curves=curves,
        palette=palette,
        size=size,
        fps=Fraction(60),
    )
    words = Lettering(
        titles=Titles(title="Öde an X", artist="me", credits=("A: b", "C: d")),
        lyrics=Lyrics(
            burnt=True,
            lines=(
                LyricLine(start=0.5, end=1.2, text="hello you"),
                LyricLine(start=1.0, end=2.2, text="second line here"),
            ),
        ),
    )
    told = job.recipe.assembly_instructions
    told = told.model_copy(update={"lettering": words, "grade": Grading()})
    return replace(job, recipe=job.recipe.model_copy(update={"assembly_instructions": told}))


def digests(folder: Path) -> dict[str, str]:
    """What must be the same everywhere: frames, keys, and what was measured of the clips."""
    found = {}
    for name, job in rich_films(folder).items():
        frames = hashlib.sha256()
        with closing(Compositor(job)) as compositor:
            for n in range(0, job.timeline.frames, EVERY):
                for plane in film_frame(compositor, job, n):
                    frames.update(np.ascontiguousarray(plane))
        found[f"{name} frames"] = frames.hexdigest()
        found[f"{name} key"] = json.dumps(
            shaping_inputs(job, 0, job.timeline.frames), sort_keys=True
        )
        found[f"{name} traits"] = repr([clip.traits for clip in job.clips.values()])
    return found


def table_digests() -> dict[str, str]:
    """Tables of many looks with a LUT, where rounding of one entry shows."""
    rng, lut = np.random.default_rng(0), steep_lut()
    found = {}
    for number in range(LOOKS):
        palette = tuple(f"#{colour:06x}" for colour in rng.integers(0, 1 << 24, 4))
        levels = tuple(np.round(np.sort(rng.uniform(0.1, 0.9, 16)), 4).tolist())
        a, b = np.round(rng.uniform(-0.1, 0.1, 2), 4).tolist()
        traits = DULL.model_copy(update={"levels": levels, "chroma_a": a, "chroma_b": b})
        style = VisualStyle(aesthetic="x", color_palette=palette)
        grade = grade_for(style, Grading(), lut=lut).for_clip(traits)
        assert grade.table is not None
        tables = (grade.tone, grade.chroma, grade.table)
        found[f"look {number}"] = hashlib.sha256(b"".join(t.tobytes() for t in tables)).hexdigest()
    return found


def main() -> None:
    """Write all digests."""
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(json.dumps(digests(Path(folder)) | table_digests()))


if __name__ == "__main__":
    main()
