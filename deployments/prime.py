"""Compile the picture kernels once, so that no run compiles them again.

numba keeps what it compiled beside the code (or in the user's cache folder). Two worker processes
that meet a kernel for the first time would both compile it; here each is compiled by one of them.
Run by ``make setup`` as ``python -m deployments.prime``, and before the first film.
"""

import gc
import hashlib
import importlib.metadata
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import fields, replace
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
from recipe_schema.recipe import Recipe, RecipeMetadata, Shot, ShotPrompt, VisualStyle
from recipe_schema.vocabulary import Effect, Fit, Quality, Retime, SectionType, Transition
from tasks.media import workers
from tasks.media.progress import report
from tasks.settings import Settings

if TYPE_CHECKING:
    from tasks.assembly.job import FilmJob
    from tasks.rendering.renderer import Drive, RenderRequest

_CODE = ("tasks/analysis", "tasks/assembly", "tasks/media", "tasks/rendering")
_ROOT = Path(__file__).parents[1]
_FILM = FilmFormat(width_px=128, height_px=72, fps="24", quality=Quality.DRAFT)
# Clips of another shape and of half the rate are shown whole, with pictures in between.
_TALL_FILM = FilmFormat(
    width_px=144, height_px=256, fps="24", quality=Quality.DRAFT, fit=Fit.CONTAIN
)
_CLIP_PX, _SMALL_CLIP_PX = (96, 64), (64, 64)
_SHOT_S = 2.0
# Seeds of each theme, and frames of each shot; words with and without a shallow lens.
_SEEDS, _FRAMES = 24, 3
_WORDS = ("prime", "shallow depth of field, slow push in")
_ENERGIES = (0.1, 0.5, 0.95)
_BPM = 120.0
_SONG_S, _SONG_HZ = 40.0, 44100
_PALETTE = ("#ff006e", "#00f5ff", "#7209b7", "#00ff88")


def is_primed() -> bool:
    """Whether this machine has compiled this very code before."""
    return any(stamp.exists() for stamp in _stamps())


def prime() -> None:
    """Compile every kernel, on two worker processes, and remember it."""
    from tasks.rendering.backends.procedural.themes import THEMES

    _forget_stale()
    jobs: list[tuple[Callable[..., None], tuple[str, ...]]]
    jobs = [(_compose_everything, ()), (_render_clip, ()), (_hear_song, ())]
    jobs += [(_paint_theme, (theme,)) for theme in THEMES]
    report("kernels", 0, len(jobs))
    with ThreadPoolExecutor(2) as threads:
        futures = [threads.submit(workers.run, job, *names) for job, names in jobs]
        for done, future in enumerate(as_completed(futures), start=1):
            future.result()
            report("kernels", done, len(jobs))
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


def _hear_song() -> None:
    """A song long enough for sections: a beat under a tone that rises halfway."""
    import numpy as np

    from recipe_schema.analysis import Song
    from tasks.analysis import analyze
    from tasks.media.audio import Audio

    times = np.arange(round(_SONG_S * _SONG_HZ)) / _SONG_HZ
    pitch_hz = np.where(times < _SONG_S / 2, 220.0, 330.0)
    beat = np.exp(-(times % (60.0 / _BPM)) / 0.02)
    sound = 0.3 * np.sin(2 * np.pi * pitch_hz * times) + beat * np.sin(2 * np.pi * 90.0 * times)
    song = Song(sha256="0" * 64, name="prime", sample_rate_hz=_SONG_HZ, channels=2)
    samples = np.asarray(np.stack((sound, sound)) / 2, np.float32)
    analyze(Audio(samples, _SONG_HZ), song=song)


def _render_clip() -> None:
    """What every theme needs, compiled once before they come two at a time."""
    from tasks.rendering import render
    from tasks.rendering.backends.procedural.themes import THEMES

    with tempfile.TemporaryDirectory() as folder:
        clip = next(theme_takes(THEMES[0]))
        render(clip, Path(folder) / "clip.mp4", renderer="procedural")


def _paint_theme(theme: str) -> None:
    """A theme of the procedural renderer in all its kinds.

    Which kernels a picture needs is decided by subject, seed, energy, lens and song: a few frames
    of many shots meet them all, and cost little beside what is compiled.
    """
    from tasks.rendering.backends.procedural.renderer import paint_frames

    gc.disable()  # its looking through all that compiling makes is a tenth of the time
    try:
        for request in theme_takes(theme):
            for _ in paint_frames(request, frames=range(request.frames)):
                pass
    finally:
        gc.enable()
        gc.collect()


def theme_takes(theme: str) -> "Iterator[RenderRequest]":
    """Tiny clips of a theme: of no subject with many seeds, then of each that the planner knows."""
    from tasks.planning.bank import load_bank

    known = (looks.subjects.get(theme, ()) for looks in load_bank().aesthetics.values())
    subjects = sorted({subject for some in known for subject in some})
    for take, subject in enumerate((*(None,) * _SEEDS, *subjects)):
        yield _take(theme, take, subject)


def _take(theme: str, take: int, subject: str | None) -> "RenderRequest":
    """A tiny clip; takes differ in seed, energy, lens and whether they are calm."""
    from tasks.rendering.renderer import RenderRequest

    shot = _shot(0, theme, Transition.HARD_CUT, ())
    changes = {
        "mochi_prompt": _WORDS[take % 2],
        "prompt": ShotPrompt(subject=subject, camera=_WORDS[take % 2]) if subject else None,
        "energy_level": _ENERGIES[take % 3],
    }
    return RenderRequest(
        shot=shot.model_copy(update=changes),
        style=VisualStyle(aesthetic="prime", color_palette=_PALETTE, calm=take % 5 == 4),
        width_px=_CLIP_PX[0],
        height_px=_CLIP_PX[1],
        fps=Fraction(30),
        frames=_FRAMES,
        start_s=0.0,
        seed=take,
        drive=_loud_song() if take % 7 else None,
    )


def _loud_song() -> "Drive":
    """A song in which everything rises from nothing to its most within a clip."""
    import numpy as np

    from tasks.rendering.renderer import Drive

    rise = np.linspace(0, 1, _FRAMES, dtype=np.float32)
    return Drive(**{row.name: rise for row in fields(Drive)})


def _compose_everything() -> None:
    """A tiny film with every transition and every effect; parts with a LUT, and of odd clips."""
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
    _conform_clips()


def _conform_clips() -> None:
    """A film of another shape and rate than its clips, whose sizes differ."""
    from tasks.assembly.segments import plan_segments, render_segment

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        job = _tiny_job(folder, film=_TALL_FILM, sizes=(_CLIP_PX, _SMALL_CLIP_PX), clip_fps=12)
        for retime in (Retime.MOTION, Retime.BLEND):
            film = job.film.model_copy(update={"retime": retime})
            conformed = replace(job, film=film)
            for segment in plan_segments(conformed)[:3]:
                render_segment(conformed, segment, folder / "segment.mp4")


def _tiny_job(
    folder: Path,
    *,
    film: FilmFormat = _FILM,
    sizes: tuple[tuple[int, int], ...] = (_CLIP_PX,),
    clip_fps: int = 24,
) -> "FilmJob":
    """A film job over clips of some sizes by turns, in which a grain drifts."""
    import numpy as np

    from tasks.assembly.job import CURVE_RATE_HZ, ClipFile, FilmJob
    from tasks.assembly.timeline import clip_spans, lay_timeline

    recipe = _tiny_recipe()
    frames = round(recipe.metadata.duration * film.rate)
    timeline = lay_timeline(recipe, fps=film.rate, frames=frames)
    paths = [
        _drifting_clip(folder / f"{number}.mp4", size, fps=clip_fps)
        for number, size in enumerate(sizes)
    ]
    ramp = np.linspace(0, 1, round(recipe.metadata.duration * CURVE_RATE_HZ), dtype=np.float32)
    return FilmJob(
        recipe=recipe,
        timeline=timeline,
        clips={
            span.shot_id: ClipFile(paths[k % len(paths)], "0" * 64, span.start_frame)
            for k, span in enumerate(clip_spans(timeline))
        },
        curves=dict.fromkeys(("energy", "bass", "mids", "highs", "brightness", "onsets"), ramp),
        beats=tuple(k * 60 / _BPM for k in range(round(recipe.metadata.duration * _BPM / 60))),
        downbeats=(),
        film=film,
    )


def _drifting_clip(path: Path, size_px: tuple[int, int], *, fps: int) -> Path:
    import numpy as np

    from tasks.media.frames import ClipWriter

    width, height = size_px
    coarse = np.random.default_rng(1).integers(60, 190, (height // 8, width // 8), np.uint8)
    grain = np.repeat(np.repeat(coarse, 8, axis=0), 8, axis=1)
    chroma = np.full((height // 2, width // 2), 128, np.uint8)
    with ClipWriter(path, width_px=width, height_px=height, fps=Fraction(fps)) as writer:
        for frame in range(round(4 * _SHOT_S * fps)):
            writer.write(np.roll(grain, frame, axis=1), chroma, chroma)
    return path


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
        print("compiling the picture kernels (a minute or two, once)")  # noqa: T201
        prime()
        workers.stop()
