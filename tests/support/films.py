"""Coded pictures, clicks with flashes, and small film jobs over them.

Every picture carries its shot and its frame as a pattern of big black and white blocks that
survives scaling, grading and coding, so that a test can read from a finished film which frame of
which clip it shows.
"""

import subprocess
from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from recipe_schema.assembly import AssemblyInstructions, AudioReactive, FilmFormat
from recipe_schema.recipe import Recipe, RecipeMetadata, Shot, VisualStyle
from recipe_schema.vocabulary import AudioMode, CutOn, Quality, ReactiveTarget, Transition
from tasks.assembly.job import ClipFile, FilmJob
from tasks.assembly.timeline import clip_spans, lay_timeline
from tasks.media.audio import Audio, write_wav
from tasks.media.ffmpeg import ffmpeg_binary
from tasks.media.frames import ClipWriter, frame_planes
from tasks.media.timebase import seconds_to_frame

Plane = NDArray[np.uint8]
Planes = tuple[Plane, Plane, Plane]

WIDTH, HEIGHT = 320, 180
FPS = Fraction(30)
# A white block, 16 bits (4 of shot, 12 of frame), a black block: three rows of six.
BITS, FRAME_BITS, COLUMNS, ROWS = 16, 12, 6, 3
BLACK, GREY, WHITE = 32, 120, 220
# Blocks fill the middle of the picture: edges may be cropped to another aspect.
MARGIN = 1 / 6

STILL = AudioReactive(
    bass_drives=ReactiveTarget.NONE,
    mids_drive=ReactiveTarget.NONE,
    highs_drive=ReactiveTarget.NONE,
)


def coded_picture(
    shot: int, frame: int, *, flash: bool = False, width_px: int = WIDTH, height_px: int = HEIGHT
) -> Planes:
    """A picture that says which shot (0..15) and frame (0..4095) it is; a flash lights its rim."""
    y = np.full((height_px, width_px), WHITE if flash else GREY, np.uint8)
    code = shot << FRAME_BITS | frame
    levels = [True, *(bool(code >> bit & 1) for bit in range(BITS)), False]
    for (rows, columns), level in zip(_blocks(width_px, height_px), levels, strict=True):
        y[rows, columns] = WHITE if level else BLACK
    chroma = np.full((height_px // 2, width_px // 2), 128, np.uint8)
    return y, chroma, chroma.copy()


def read_code(y: Plane) -> tuple[int, int]:
    """(shot, frame) that a picture shows."""
    height_px, width_px = y.shape
    levels = []
    for rows, columns in _blocks(width_px, height_px):
        block = y[rows, columns].astype(np.float64)
        inset = max(2, block.shape[0] // 4), max(2, block.shape[1] // 4)
        levels.append(block[inset[0] : -inset[0], inset[1] : -inset[1]].mean())
    middle = (levels[0] + levels[-1]) / 2
    code = sum(1 << bit for bit in range(BITS) if levels[1 + bit] > middle)
    return code >> FRAME_BITS, code & ((1 << FRAME_BITS) - 1)


def is_flash(y: Plane) -> bool:
    """Whether a picture's rim is lit."""
    rim = y[y.shape[0] // 20 : y.shape[0] // 9, y.shape[1] // 4 : -y.shape[1] // 4]
    return bool(rim.mean() > (GREY + WHITE) / 2)


def write_coded_clip(
    path: Path,
    *,
    shot: int,
    start_frame: int,
    end_frame: int,
    fps: Fraction = FPS,
    flashes: Collection[int] = (),
) -> Path:
    """A clip whose pictures carry the frames of the film that they stand for."""
    with ClipWriter(path, width_px=WIDTH, height_px=HEIGHT, fps=fps) as writer:
        for frame in range(start_frame, end_frame):
            writer.write(*coded_picture(shot, frame, flash=frame in flashes))
    return path


def coded_segments(folder: Path, spans: Sequence[tuple[int, int]], **options: str) -> list[Path]:
    """Encoded spans of a film of coded pictures, B-frames included, as segments are."""
    paths = []
    for start, end in spans:
        path = folder / f"{start:06d}.mp4"
        settings = {"x264-params": "open-gop=0:stitchable=1", "bf": "2", **options}
        with ClipWriter(
            path,
            width_px=WIDTH,
            height_px=HEIGHT,
            fps=FPS,
            crf=18,
            preset="superfast",
            options=settings,
        ) as writer:
            for frame in range(start, end):
                writer.write(*coded_picture(0, frame))
        paths.append(path)
    return paths


def film_pictures(path: Path) -> Iterator[tuple[Fraction, Planes]]:
    """Presentation time (s) and planes of every picture of a video, in order."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.pts * frame.time_base, frame_planes(frame)


def click_track(
    times_s: Sequence[float], *, duration_s: float, rate_hz: int = 48_000, channels: int = 2
) -> Audio:
    """Noise bursts of 5 ms at given times over a faint noise floor."""
    rng = np.random.default_rng(7)
    samples = rng.normal(0.0, 1e-3, (channels, round(duration_s * rate_hz)))
    burst = rng.uniform(-0.8, 0.8, round(0.005 * rate_hz))
    for time_s in times_s:
        start = round(time_s * rate_hz)
        room = samples[:, start : start + burst.size]
        room += burst[: room.shape[1]]
    return Audio(samples.astype(np.float32), rate_hz)


def click_start(sound: Audio, *, near_s: float, burst_s: float = 0.005) -> float:
    """When a click begins (s), by its centre of energy, which lossy coding leaves in place."""
    start = round((near_s - 0.3) * sound.sample_rate_hz)
    heard = sound.mono()[start : start + round(0.6 * sound.sample_rate_hz)]
    energy = heard.astype(np.float64) ** 2
    centre = float((np.arange(energy.size) * energy).sum() / energy.sum())
    return (start + centre) / sound.sample_rate_hz - burst_s / 2


def write_song(path: Path, audio: Audio, *arguments: str) -> Path:
    """Write a song in the format of its suffix; `arguments` go to ffmpeg's encoder."""
    if path.suffix == ".wav" and not arguments:
        write_wav(path, audio)
        return path
    wav = path.with_name(f"{path.stem}_source.wav")
    write_wav(wav, audio)
    command = [ffmpeg_binary(), "-v", "error", "-y", "-i", str(wav), *arguments, str(path)]
    subprocess.run(command, check=True)
    wav.unlink()
    return path


def make_recipe(
    starts_s: Sequence[float],
    *,
    duration_s: float,
    transition: Transition | None = Transition.HARD_CUT,
    instructions: AssemblyInstructions | None = None,
) -> Recipe:
    """Shots from each start to the next, all alike, joined by one transition."""
    ends_s = [*starts_s[1:], duration_s]
    return Recipe(
        metadata=RecipeMetadata(duration=duration_s, bpm=120.0, key="C major", mood="calm"),
        visual_style=VisualStyle(aesthetic="plain", color_palette=("#808080", "#a0a0a0")),
        shot_list=tuple(
            Shot(
                id=f"shot_{k + 1:03d}",
                timestamp=start,
                duration=end - start,
                section="verse",
                mochi_prompt="a code",
                visual_theme="aurora",
                energy_level=0.5,
                transition_in=transition,
                cut_on=CutOn.BEAT,
            )
            for k, (start, end) in enumerate(zip(starts_s, ends_s, strict=True))
        ),
        assembly_instructions=instructions or AssemblyInstructions(audio_reactive=STILL),
    )


def make_job(
    folder: Path | None,
    recipe: Recipe,
    *,
    beats: Sequence[float] = (),
    flashes: Collection[int] = (),
    fps: Fraction = FPS,
    quality: Quality = Quality.DRAFT,
    audio: AudioMode = AudioMode.AUTO,
) -> FilmJob:
    """A film job over coded clips, written into `folder`; None for a job that is only joined."""
    duration_s = recipe.metadata.duration
    timeline = lay_timeline(recipe, fps=fps, frames=seconds_to_frame(duration_s, fps))
    clips = {}
    for k, span in enumerate(clip_spans(timeline)):
        path = (folder or Path()) / f"{span.shot_id}.mp4"
        if folder:
            write_coded_clip(
                path,
                shot=k,
                start_frame=span.start_frame,
                end_frame=span.end_frame,
                fps=fps,
                flashes=flashes,
            )
        clips[span.shot_id] = ClipFile(path, f"{k:064x}", span.start_frame)
    silence = np.zeros(round(duration_s * 100), np.float32)
    return FilmJob(
        recipe=recipe,
        timeline=timeline,
        clips=clips,
        curves={name: silence for name in ("energy", "bass", "mids", "highs")},
        beats=tuple(beats),
        downbeats=tuple(beats[::4]),
        film=FilmFormat(
            width_px=WIDTH, height_px=HEIGHT, fps=str(fps), quality=quality, audio=audio
        ),
    )


def _blocks(width_px: int, height_px: int) -> Iterator[tuple[slice, slice]]:
    """Row and column slices of the code's blocks."""
    left, top = width_px * MARGIN, height_px * MARGIN
    step_x = (width_px - 2 * left) / COLUMNS
    step_y = (height_px - 2 * top) / ROWS
    for index in range(COLUMNS * ROWS):
        row, column = divmod(index, COLUMNS)
        yield (
            slice(round(top + row * step_y), round(top + (row + 1) * step_y)),
            slice(round(left + column * step_x), round(left + (column + 1) * step_x)),
        )
