"""Compile the picture kernels once, so that no run compiles them again.

numba keeps what it compiled beside the code (or in the user's cache folder). Two worker processes
that meet a kernel for the first time would both compile it; here each is compiled by one of them.
Run by ``make setup`` as ``python -m deployments.prime``, and before the first film.
"""

import hashlib
import importlib.metadata
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from recipe_schema.assembly import (
    AssemblyInstructions,
    FilmFormat,
    Lettering,
    TimelineEvent,
    Titles,
)
from recipe_schema.recipe import Recipe, RecipeMetadata, Shot, VisualStyle
from recipe_schema.vocabulary import Effect, Quality, SectionType, Transition
from tasks.media import workers
from tasks.media.progress import report
from tasks.settings import Settings

if TYPE_CHECKING:
    from tasks.assembly.job import FilmJob

_CODE = ("tasks/assembly", "tasks/media", "tasks/rendering")
_ROOT = Path(__file__).parents[1]
_FILM = FilmFormat(width_px=128, height_px=72, fps="24", quality=Quality.DRAFT)
_CLIP_PX = (96, 64)
_SHOT_S = 2.0
_BPM = 120.0
_PALETTE = ("#ff006e", "#00f5ff", "#7209b7", "#00ff88")


def is_primed() -> bool:
    """Whether this machine has compiled this very code before."""
    return any(stamp.exists() for stamp in _stamps())


def prime() -> None:
    """Compile every kernel, on two worker processes, and remember it."""
    report("kernels", 0, 2)
    _forget_stale()
    with ThreadPoolExecutor(2) as threads:
        jobs: tuple[Callable[[], None], ...] = (_paint_themes, _compose_everything)
        futures = [threads.submit(workers.run, job) for job in jobs]
        for done, future in enumerate(futures, start=1):
            future.result()
            report("kernels", done, 2)
    for stamp in _stamps():
        try:
            stamp.parent.mkdir(parents=True, exist_ok=True)
            stamp.touch()
        except OSError:
            continue
        return


def _forget_stale() -> None:
    """Remove what older code compiled: numba does not notice an edited kernel that is imported."""
    for place in _CODE:
        for kept in (_ROOT / place).rglob("*.nb[ci]"):
            kept.unlink(missing_ok=True)


def _paint_themes() -> None:
    """Two frames of every theme of the procedural renderer."""
    from tasks.rendering import render
    from tasks.rendering.backends.procedural.themes import THEMES
    from tasks.rendering.drive import drive_for
    from tasks.rendering.renderer import RenderRequest

    song = drive_for({}, beats=(0.0,), downbeats=(0.0,), start_s=0.0, frames=2, fps=Fraction(30))
    with tempfile.TemporaryDirectory() as folder:
        for theme in THEMES:
            request = RenderRequest(
                shot=_shot(0, theme, Transition.HARD_CUT, ()),
                style=VisualStyle(aesthetic="prime", color_palette=_PALETTE),
                width_px=_CLIP_PX[0],
                height_px=_CLIP_PX[1],
                fps=Fraction(30),
                frames=2,
                start_s=0.0,
                seed=1,
                drive=song,
            )
            render(request, Path(folder) / "clip.mp4", renderer="procedural")


def _compose_everything() -> None:
    """A tiny film with every transition and every effect; a part of it again, with a LUT."""
    from tasks.assembly.lut import parse_cube
    from tasks.assembly.segments import plan_segments, render_segment

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        job = _tiny_job(folder)
        for segment in plan_segments(job):
            render_segment(job, segment, folder / "segment.mp4")
        lut = parse_cube(b"LUT_1D_SIZE 2\n0 0 0\n1 1 1\n", name="prime")
        coloured = replace(job, lut=lut)
        render_segment(coloured, plan_segments(coloured)[0], folder / "segment.mp4")


def _tiny_job(folder: Path) -> "FilmJob":
    """A film job over one grey clip."""
    import numpy as np

    from tasks.assembly.job import CURVE_RATE_HZ, ClipFile, FilmJob
    from tasks.assembly.timeline import clip_spans, lay_timeline
    from tasks.media.frames import ClipWriter

    recipe = _tiny_recipe()
    frames = round(recipe.metadata.duration * _FILM.rate)
    timeline = lay_timeline(recipe, fps=_FILM.rate, frames=frames)
    width, height = _CLIP_PX
    grey = np.full((height, width), 128, np.uint8)
    chroma = grey[: height // 2, : width // 2]
    with ClipWriter(
        folder / "grey.mp4", width_px=width, height_px=height, fps=Fraction(24)
    ) as writer:
        for _ in range(round(4 * _SHOT_S * 24)):
            writer.write(grey, chroma, chroma)
    ramp = np.linspace(0, 1, round(recipe.metadata.duration * CURVE_RATE_HZ), dtype=np.float32)
    return FilmJob(
        recipe=recipe,
        timeline=timeline,
        clips={
            span.shot_id: ClipFile(folder / "grey.mp4", "0" * 64, span.start_frame)
            for span in clip_spans(timeline)
        },
        curves=dict.fromkeys(("energy", "bass", "mids", "highs", "brightness", "onsets"), ramp),
        beats=tuple(k * 60 / _BPM for k in range(round(recipe.metadata.duration * _BPM / 60))),
        downbeats=(),
        film=_FILM,
    )


def _tiny_recipe() -> Recipe:
    kinds, effects = list(Transition), list(Effect)
    shots = tuple(
        _shot(k, "prime", kind, tuple(effects[k % len(effects) :][:3]))
        for k, kind in enumerate(kinds)
    )
    return Recipe(
        metadata=RecipeMetadata(
            duration=_SHOT_S * len(shots), bpm=_BPM, key="C major", mood="prime"
        ),
        visual_style=VisualStyle(aesthetic="prime", color_palette=_PALETTE),
        shot_list=shots,
        assembly_instructions=AssemblyInstructions(
            effects_timeline=(
                TimelineEvent(time=1.0, event="drop", effects=tuple(effects), duration=2.0),
            ),
            lettering=Lettering(titles=Titles(title="prime")),
        ),
    )


def _shot(k: int, theme: str, kind: Transition, effects: tuple[Effect, ...]) -> Shot:
    return Shot(
        id=f"shot_{k:03d}",
        timestamp=k * _SHOT_S,
        duration=_SHOT_S,
        section=SectionType.VERSE,
        mochi_prompt="prime",
        visual_theme=theme,
        energy_level=0.5,
        transition_in=kind,
        effects=effects,
    )


def _stamps() -> tuple[Path, ...]:
    """Where it may be remembered, first choice first."""
    code = hashlib.sha256()
    for place in _CODE:
        for path in sorted((_ROOT / place).rglob("*.py")):
            code.update(path.read_bytes())
    versions = (importlib.metadata.version("numba"), sys.version, platform.machine())
    code.update("\n".join(versions).encode())
    name = f"primed-{code.hexdigest()[:16]}"
    beside = _ROOT / "tasks" / "assembly" / "__pycache__" / name
    cache = os.environ.get("NUMBA_CACHE_DIR")
    return (Path(cache) / name if cache else beside, Settings().home_path / name)


if __name__ == "__main__":
    if not is_primed():
        print("compiling the picture kernels (about a minute, once)")  # noqa: T201
        prime()
        workers.stop()
