"""What assembly costs: ratios to encoding the same frames alone, memory, re-use, joining.

Run by `make bench`, or alone: `python tests/bench/bench_assembly.py`. One JSON object a line.
The film is `everything_on.json`: twelve shots of 3 s, every transition, every effect, the song
driving scale, turn and brightness; clips of the procedural renderer, each with its traits, so that
its grade is matched; 1080p at 60 frames a second.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import Recipe
from recipe_schema.vocabulary import Quality, Transition
from tasks.assembly import assemble
from tasks.assembly.compositor import Compositor
from tasks.assembly.export import EncoderSettings, encoder_settings
from tasks.assembly.job import ClipFile, FilmJob, FloatArray
from tasks.assembly.segments import Segment, open_writer, plan_segments, render_segment
from tasks.assembly.timeline import PlacedShot, Timeline, clip_spans, lay_timeline
from tasks.assembly.traits import measure_traits
from tasks.media.audio import Audio, write_wav
from tasks.media.frames import frame_planes
from tasks.rendering import render
from tasks.rendering.drive import drive_for
from tasks.rendering.renderer import load_renderer
from tasks.rendering.request import make_request

RECIPE = Path(__file__).with_name("everything_on.json")
FILM = FilmFormat(width_px=1920, height_px=1080, fps="60/1", quality=Quality.STANDARD)
BPM, RATE_HZ = 120.0, 44_100
# Presets that are compared with encoding alone, each on the same sample.
PRESETS = ("superfast", "veryfast", "medium")
# Segments that are measured: bodies of some shots, of which the first frames, and some whole
# transitions. A quarter of the sample's frames is transitions, as in the film; all presets
# together take about three minutes of CPU, and a master as long again.
BODIES, BODY_FRAMES = ("shot_001", "shot_003", "shot_005", "shot_008", "shot_011"), 66
WHOLE = (Transition.GLITCH, Transition.EXPLOSION, Transition.QUICK_CUT, Transition.QUICK_CUTS)
# Film of short shots over which a worker's memory is measured, frames of each and of the last.
SHORT_FRAMES, LAST_FRAMES = 4, 60
LONG_SHOTS, LONG_S = 40, 180.0


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory", type=int, metavar="SHOTS", help="only show this peak, in MB")
    parser.add_argument("--clips", type=Path, help="where clips are kept between two starts")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = told.clips or Path(scratch)
        job = make_job(folder)
        if told.memory:
            print(worker_memory_mb(job, told.memory, Path(scratch)))
            return
        warm_up(job)
        for preset in PRESETS:
            settings = replace(encoder_settings(job.film), preset=preset)
            measure_ratio(job, preset, settings, Path(scratch))
        # As it is shipped: its own preset, and motion between the clips' pictures.
        film = job.film.model_copy(update={"quality": Quality.MASTER})
        master = replace(job, film=film)
        measure_ratio(master, "master", encoder_settings(film), Path(scratch))
        for shots in (12, 120):
            measure_memory(folder, shots)
        measure_increment(job)


def make_job(folder: Path) -> FilmJob:
    """The film of the recipe; clips are rendered where `folder` lacks them."""
    recipe = Recipe.model_validate_json(RECIPE.read_text())
    timeline = lay_timeline(recipe, fps=FILM.rate, frames=round(recipe.metadata.duration * 60))
    beats = tuple(np.arange(0.0, recipe.metadata.duration, 60.0 / BPM).tolist())
    curves = make_curves(recipe.metadata.duration)
    limits = load_renderer("procedural").limits()
    clips = {}
    for placed, span in zip(timeline.shots, clip_spans(timeline), strict=True):
        path = folder / f"{span.shot_id}.mp4"
        request = make_request(
            placed.shot,
            style=recipe.visual_style,
            span=span,
            film=FILM,
            limits=limits,
            recipe_seed=recipe.seed,
        )
        drive = drive_for(
            curves,
            beats=beats,
            downbeats=beats[::4],
            start_s=request.start_s,
            frames=request.frames,
            fps=request.fps,
        )
        if not path.exists():
            render(replace(request, drive=drive), path, renderer="procedural")
        traits = measure_traits(path)
        clips[span.shot_id] = ClipFile(path, f"{len(clips):064x}", span.start_frame, traits)
    return FilmJob(
        recipe=recipe,
        timeline=timeline,
        clips=clips,
        curves=curves,
        beats=beats,
        downbeats=beats[::4],
        film=FILM,
    )


def make_curves(duration_s: float) -> Mapping[str, FloatArray]:
    """A song with a kick on every beat, a pulse of mids, hats between."""
    beat = np.arange(round(duration_s * 100)) / 100.0 * BPM / 60.0
    curves = {
        "energy": 0.6 + 0.3 * np.sin(beat / 8),
        "bass": np.exp(-4.0 * (beat % 1.0)),
        "mids": 0.5 + 0.5 * np.sin(beat * 1.3) ** 3,
        "highs": np.exp(-6.0 * ((beat + 0.5) % 1.0)),
    }
    return {name: np.clip(values, 0.0, 1.0).astype(np.float32) for name, values in curves.items()}


def warm_up(job: FilmJob) -> None:
    """Compile or load every kernel before anything is timed."""
    planes = (np.empty((1080, 1920), np.uint8), *(np.empty((540, 960), np.uint8),) * 2)
    with closing(Compositor(job)) as compositor:
        for segment in plan_segments(job):
            compositor.frame(segment.start_frame, planes)


def measure_ratio(job: FilmJob, name: str, settings: EncoderSettings, scratch: Path) -> None:
    """Whole assembly against encoding the same frames alone, segment by segment in turn."""
    whole_s = compose_s = encode_s = 0.0
    paths, frames = [], 0
    for segment in sampled(job):
        path = scratch / f"{name}{segment.start_frame:05d}.mp4"
        whole_s += cpu_s(lambda s=segment, p=path: render_with(job, s, p, settings))
        spent = compose_and_encode(job, segment, scratch / "alone.mp4", settings)
        compose_s, encode_s = compose_s + spent[0], encode_s + spent[1]
        paths.append(path)
        frames += segment.frames
    join_s = measure_join(job, paths, frames, scratch)
    show(
        f"assembly_ratio_{name}",
        (whole_s + join_s) / encode_s,
        "ratio",
        frames,
        encode_alone_cpu_ms=1e3 * encode_s / frames,
        whole_cpu_ms=1e3 * (whole_s + join_s) / frames,
        compositor_cpu_ms=1e3 * compose_s / frames,
    )
    if name == "superfast":
        show("compositor_cpu_ms", 1e3 * compose_s / frames, "ms a frame", frames)
        again_s = measure_join(job, paths, frames, scratch)
        per_s = 60 / frames
        show(
            "join_cpu_s_per_s",
            again_s * per_s,
            "CPU s a second of film",
            frames,
            first_of_process=join_s * per_s,
        )


def sampled(job: FilmJob) -> list[Segment]:
    """The sample: first bodies of `BODIES`, and transitions of the kinds of `WHOLE`."""
    segments = plan_segments(job)
    chosen = []
    for placed in job.timeline.shots:
        first = placed.transition_start, placed.transition_end
        if placed.transition_in in WHOLE:
            chosen += [s for s in segments if first[0] <= s.start_frame and s.end_frame <= first[1]]
        if placed.shot.id in BODIES:
            body = next(s for s in segments if s.start_frame == first[1])
            end = min(body.end_frame, body.start_frame + BODY_FRAMES)
            chosen.append(replace(body, end_frame=end))
    return chosen


def render_with(job: FilmJob, segment: Segment, path: Path, settings: EncoderSettings) -> None:
    """As `render_segment` does, with presets that no quality has."""
    if settings == encoder_settings(job.film):
        render_segment(job, segment, path)
        return
    with open_writer(path, settings) as writer, closing(Compositor(job)) as compositor:
        for n in range(segment.start_frame, segment.end_frame):
            picture, planes = writer.new_planes()
            compositor.frame(n, planes)
            writer.write_frame(picture)


def compose_and_encode(
    job: FilmJob, segment: Segment, path: Path, settings: EncoderSettings
) -> tuple[float, float]:
    """CPU seconds of composing a span, and of encoding the finished frames alone."""
    pictures = [blank_frame(settings) for _ in range(segment.frames)]

    def compose() -> None:
        with closing(Compositor(job)) as compositor:
            for n, picture in enumerate(pictures, segment.start_frame):
                compositor.frame(n, frame_planes(picture))

    def encode() -> None:
        with open_writer(path, settings) as writer:
            for picture in pictures:
                writer.write_frame(picture)

    return cpu_s(compose), cpu_s(encode)


def blank_frame(settings: EncoderSettings) -> av.VideoFrame:
    """A grey frame, written to: its memory's first touch is nobody's cost."""
    picture = av.VideoFrame(settings.width_px, settings.height_px, "yuv420p")
    for plane in frame_planes(picture):
        plane[:] = 128
    return picture


def measure_join(job: FilmJob, paths: list[Path], frames: int, scratch: Path) -> float:
    """CPU seconds from segments to the proven film: join, song, sync report, digests."""
    seconds = frames / 60
    song, out = scratch / "song.wav", scratch / "film.mp4"
    noise = np.random.default_rng(1).normal(0.0, 0.1, (2, round(seconds * RATE_HZ)))
    write_wav(song, Audio(noise.astype(np.float32), RATE_HZ))
    first = job.timeline.shots[0]
    placed = PlacedShot(first.shot, 0, frames, first.transition_in, 0, 0)
    joined = replace(job, timeline=Timeline(Fraction(60), frames, (placed,)))
    return cpu_s(
        lambda: assemble(
            joined,
            song=song,
            segments=paths,
            out=out,
            excerpt=None,
            work=scratch,
            duration_s=seconds,
        )
    )


def measure_memory(clips: Path, shots: int) -> None:
    """Peak memory of a fresh worker that renders a film of many short shots."""
    command = [sys.executable, __file__, "--memory", str(shots), "--clips", str(clips)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    show(f"assembly_rss_mb_{shots}", float(done.stdout), "MB", shots)


def worker_memory_mb(job: FilmJob, shots: int, scratch: Path) -> float:
    """Render a film of `shots` clips in this process and tell its peak memory."""
    short_s = SHORT_FRAMES / 60
    source = job.recipe.shot_list
    last_s = LAST_FRAMES / 60
    many = tuple(
        source[k % len(source)].model_copy(
            update={
                "id": f"s{k}",
                "timestamp": k * short_s,
                "duration": short_s if k < shots - 1 else last_s,
                "transition_in": None,
            }
        )
        for k in range(shots)
    )
    duration = (shots - 1) * short_s + last_s
    metadata = job.recipe.metadata.model_copy(update={"duration": duration})
    recipe = job.recipe.model_copy(update={"shot_list": many, "metadata": metadata})
    timeline = lay_timeline(recipe, fps=FILM.rate, frames=round(duration * 60))
    clips = {}
    for k, span in enumerate(clip_spans(timeline)):
        path = scratch / f"{k}.mp4"
        path.hardlink_to(job.clips[source[k % len(source)].id].path)
        traits = job.clips[source[k % len(source)].id].traits
        clips[span.shot_id] = ClipFile(path, f"{k:064x}", span.start_frame, traits)
    film = replace(job, recipe=recipe, timeline=timeline, clips=clips)
    for segment in plan_segments(film):
        render_segment(film, segment, scratch / "segment.mp4")
    # Not ru_maxrss: that counts what the parent held when it started this process.
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measure_increment(job: FilmJob) -> None:
    """Share of frames rendered again when one shot of 40 is another, mean over all of them."""
    each_s = LONG_S / LONG_SHOTS
    source = job.recipe.shot_list
    shots = tuple(
        source[k % len(source)].model_copy(
            update={"id": f"s{k}", "timestamp": k * each_s, "duration": each_s}
        )
        for k in range(LONG_SHOTS)
    )
    metadata = job.recipe.metadata.model_copy(update={"duration": LONG_S})
    recipe = job.recipe.model_copy(update={"shot_list": shots, "metadata": metadata})
    timeline = lay_timeline(recipe, fps=FILM.rate, frames=round(LONG_S * 60))
    clips = {
        span.shot_id: ClipFile(Path(), f"{k:064x}", span.start_frame)
        for k, span in enumerate(clip_spans(timeline))
    }
    film = replace(job, recipe=recipe, timeline=timeline, clips=clips, curves=make_curves(LONG_S))
    before = plan_segments(film)
    shares = []
    for name, clip in clips.items():
        changed = replace(film, clips=clips | {name: replace(clip, sha256="f" * 64)})
        after = plan_segments(changed)
        again = sum(a.frames for a, b in zip(after, before, strict=True) if a.key != b.key)
        shares.append(again / timeline.frames)
    show("incremental_fraction", float(np.mean(shares)), "share", len(shares), most=max(shares))


def cpu_s(work: Callable[[], object]) -> float:
    """CPU seconds, user and system, of this process and its finished children."""

    def spent() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + children.ru_utime + children.ru_stime

    before = spent()
    work()
    return spent() - before


def show(figure: str, value: float, unit: str, n: int, **beside: float) -> None:
    """Print one figure."""
    rounded = {name: round(other, 4) for name, other in beside.items()}
    line = {"figure": figure, "value": round(value, 4), "unit": unit, "n": n, "beside": rounded}
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
