"""Assembly beside its peers: one recipe, one set of clips, one encoder, in one run.

Run by `make bench`, or alone: `python tests/bench/bench_peers.py`. One JSON object a line: CPU of
the whole film over encoding its frames alone (the finished film is decoded again and its frames
encoded anew, for every peer alike), and the peak memory of all processes that work on it. Frames
that were encoded once are cheaper to encode again, above all grain: these ratios are higher than
`assembly_ratio_superfast`, which encodes the frames as composed.

The film is 4.8 s of 1080p60, superfast, crf 18, one thread: twelve clips of 0.4 s, each
second cut a dissolve, every shot with zoom, turn, colour, bloom, vignette, chroma shift and
grain. What each peer leaves out:

- ours: nothing; zoom, turn and brightness follow the song.
- `ffmpeg_clips`, one job a clip and a join of packets: no dissolves, nothing follows the song
  (zoom, turn and brightness swing on a sine), no proof of sync.
- `ffmpeg_graph`, one command over all clips with `xfade` and `concat`: the same, with dissolves.
- `moviepy`, 2.2, its own effects only: scaling, colour and dissolves; no zoom, turn, bloom,
  vignette, chroma shift or grain, nothing follows the song, no proof of sync.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import av
import numpy as np
from bench_assembly import FILM, cpu_s, make_curves, make_job, show, warm_up

from recipe_schema.vocabulary import Effect, Transition
from tasks.assembly import assemble
from tasks.assembly.export import encoder_settings
from tasks.assembly.job import FilmJob
from tasks.assembly.segments import open_writer, plan_segments, render_segment
from tasks.assembly.timeline import PlacedShot, clip_spans, lay_timeline
from tasks.media.audio import Audio, write_wav
from tasks.media.ffmpeg import ffmpeg_binary

SHOTS, SHOT_S = 12, 0.4
SECONDS = SHOTS * SHOT_S
EFFECTS = (Effect.BLOOM, Effect.VIGNETTE, Effect.GRAIN, Effect.CHROMATIC_ABERRATION_LIGHT)
# Frames held at once when a film is encoded anew.
BATCH = 30
# How often a running peer's memory is looked at.
LOOK_S = 0.02
ENCODER = ("-c:v", "libx264", "-preset", "superfast", "-crf", "18", "-threads", "1")
SOUND = ("-c:a", "aac", "-b:a", "320k")
# What our effects do, in ffmpeg's filters; bloom of luma at a quarter of the size, as ours.
LOOKS = (
    "fps=60,scale=w='2*trunc(960*(1.05+0.03*sin(12.57*t)))':h=-2:eval=frame:flags=bicubic,"
    "rotate='0.01*sin(8*t)',crop=1920:1080,setsar=1,"
    "eq=contrast=1.08:saturation=1.1:brightness='0.03*sin(12.57*t)':eval=frame,"
    "split[sharp{n}][soft{n}];[soft{n}]scale=480:270,lutyuv=y='clip((val-140)*1.7,0,255)',"
    "gblur=sigma=5,scale=1920:1080:flags=bilinear[light{n}];"
    "[sharp{n}][light{n}]blend=c0_mode=screen:c1_opacity=0:c2_opacity=0,"
    "chromashift=crh=3:cbh=-3,vignette=PI/5,noise=alls=7:allf=t,format=yuv420p"
)


def main() -> None:
    """Print every figure, or make one film in this process and tell what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--make", choices=("ours", "moviepy"), help="only make this film")
    parser.add_argument("--clips", type=Path, help="where clips are kept between two starts")
    parser.add_argument("--out", type=Path, help="film to make")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = told.clips or Path(scratch)
        job = short_job(make_job(folder))
        song = write_song(Path(scratch))
        if told.make:
            makers = {"ours": make_ours, "moviepy": make_with_moviepy}
            print(makers[told.make](job, song, told.out))
            return
        measure(folder, job, song, Path(scratch))


def measure(folder: Path, job: FilmJob, song: Path, scratch: Path) -> None:
    """Each peer in turn; encoding alone directly after it."""
    peers: dict[str, Callable[[Path], tuple[float, float]]] = {
        "ours": lambda out: run_here("ours", folder, out),
        "ffmpeg_clips": lambda out: make_clip_by_clip(job, song, out),
        "ffmpeg_graph": lambda out: make_in_one_graph(job, song, out),
        "moviepy": lambda out: run_here("moviepy", folder, out),
    }
    for name, make in peers.items():
        out = scratch / f"{name}.mp4"
        whole_s, peak_mb = make(out)
        encode_s, frames = encode_again(out, scratch / "again.mp4")
        show(
            f"peer_{name}",
            whole_s / encode_s,
            "ratio",
            frames,
            whole_cpu_ms=1e3 * whole_s / frames,
            encode_alone_cpu_ms=1e3 * encode_s / frames,
            peak_mb=peak_mb,
        )


def short_job(job: FilmJob) -> FilmJob:
    """A piece of each clip, every second cut a dissolve, the same effects on all."""
    shots = tuple(
        shot.model_copy(
            update={
                "timestamp": k * SHOT_S,
                "duration": SHOT_S,
                "effects": EFFECTS,
                "transition_in": Transition.DISSOLVE if k % 2 else Transition.HARD_CUT,
                "transition_out": None,
            }
        )
        for k, shot in enumerate(job.recipe.shot_list)
    )
    told = job.recipe.assembly_instructions.model_copy(update={"effects_timeline": ()})
    update = {
        "shot_list": shots,
        "assembly_instructions": told,
        "metadata": job.recipe.metadata.model_copy(update={"duration": SECONDS}),
    }
    recipe = job.recipe.model_copy(update=update)
    timeline = lay_timeline(recipe, fps=FILM.rate, frames=round(SECONDS * 60))
    clips = {
        span.shot_id: replace(job.clips[span.shot_id], start_frame=span.start_frame)
        for span in clip_spans(timeline)
    }
    return replace(job, recipe=recipe, timeline=timeline, clips=clips, curves=make_curves(SECONDS))


def write_song(folder: Path) -> Path:
    """Noise: as dear to encode as sound can be."""
    noise = np.random.default_rng(1).normal(0.0, 0.1, (2, round(SECONDS * 44_100)))
    write_wav(folder / "song.wav", Audio(noise.astype(np.float32), 44_100))
    return folder / "song.wav"


def make_ours(job: FilmJob, song: Path, out: Path) -> float:
    """One worker process renders all segments, and the film is joined and proven."""
    warm_up(job)

    def work() -> None:
        pieces = []
        for segment in plan_segments(job):
            pieces.append(out.with_name(f"{segment.start_frame:05d}.mp4"))
            render_segment(job, segment, pieces[-1])
        assemble(
            job,
            song=song,
            segments=pieces,
            out=out,
            excerpt=None,
            work=out.parent,
            duration_s=SECONDS,
        )

    return cpu_s(work)


def make_with_moviepy(job: FilmJob, song: Path, out: Path) -> float:
    """Scaled clips with more contrast, dissolved pair by pair."""
    from moviepy import AudioFileClip, CompositeVideoClip, VideoFileClip, concatenate_videoclips
    from moviepy.video.fx import CrossFadeIn, LumContrast, Resize

    def work() -> None:
        shown = []
        for path, length_s, _ in spans(job):
            clip = VideoFileClip(str(path), audio=False).subclipped(0, length_s)
            shown.append(clip.with_effects([Resize((1920, 1080)), LumContrast(contrast=0.08)]))
        pairs = []
        late_shots = job.timeline.shots[1::2]
        for first, second, placed in zip(shown[::2], shown[1::2], late_shots, strict=True):
            fade_s = crossfade_s(placed)
            late = second.with_start(first.duration - fade_s).with_effects([CrossFadeIn(fade_s)])
            pairs.append(CompositeVideoClip([first, late]))
        film = concatenate_videoclips(pairs).with_audio(AudioFileClip(str(song)))
        film.write_videofile(
            str(out),
            fps=60,
            codec="libx264",
            preset="superfast",
            ffmpeg_params=["-crf", "18"],
            threads=1,
            audio_codec="aac",
            audio_bitrate="320k",
            temp_audiofile_path=str(out.parent),
            logger=None,
        )

    return cpu_s(work)


def make_clip_by_clip(job: FilmJob, song: Path, out: Path) -> tuple[float, float]:
    """One ffmpeg job a clip, then a join of their packets with the song."""
    spent_s, peak_mb, names = 0.0, 0.0, []
    for k, (path, _, _) in enumerate(spans(job)):
        piece = out.with_name(f"piece{k}.mp4")
        source = ("-threads", "1", "-t", str(SHOT_S), "-i", str(path))
        looks = ("-filter_complex", LOOKS.format(n=k), "-filter_complex_threads", "1")
        took = run([ffmpeg_binary(), "-v", "error", "-y", *source, *looks, *ENCODER, str(piece)])
        spent_s, peak_mb = spent_s + took[0], max(peak_mb, took[1])
        names.append(f"file '{piece}'")
    listed = out.with_suffix(".txt")
    listed.write_text("\n".join(names))
    joined = ("-f", "concat", "-safe", "0", "-i", str(listed), "-i", str(song), "-c:v", "copy")
    took = run([ffmpeg_binary(), "-v", "error", "-y", *joined, *SOUND, "-shortest", str(out)])
    return spent_s + took[0], max(peak_mb, took[1])


def make_in_one_graph(job: FilmJob, song: Path, out: Path) -> tuple[float, float]:
    """One ffmpeg command over all clips."""
    inputs: list[str] = []
    chains = []
    for k, (path, length_s, _) in enumerate(spans(job)):
        inputs += ["-threads", "1", "-t", str(length_s), "-i", str(path)]
        chains.append(f"[{k}:v]{LOOKS.format(n=k)},settb=1/60[s{k}]")
    pairs = []
    for k, placed in enumerate(job.timeline.shots):
        if k % 2:
            fade_s, first_s = crossfade_s(placed), spans(job)[k - 1][1]
            fade = f"xfade=transition=fade:duration={fade_s}:offset={first_s - fade_s}"
            chains.append(f"[s{k - 1}][s{k}]{fade}[p{k}]")
            pairs.append(f"[p{k}]")
    chains.append(f"{''.join(pairs)}concat=n={len(pairs)}:v=1:a=0,fps=60[film]")
    command = [ffmpeg_binary(), "-v", "error", "-y", *inputs, "-i", str(song)]
    command += ["-filter_complex", ";".join(chains), "-filter_complex_threads", "1"]
    return run([*command, "-map", "[film]", "-map", f"{SHOTS}:a", *ENCODER, *SOUND, str(out)])


def spans(job: FilmJob) -> list[tuple[Path, float, int]]:
    """File, seconds shown and first frame of each clip, the dissolves' halves included."""
    return [
        (job.clips[span.shot_id].path, (span.end_frame - span.start_frame) / 60, span.start_frame)
        for span in clip_spans(job.timeline)
    ]


def crossfade_s(placed: PlacedShot) -> float:
    """Length of the dissolve into a shot."""
    return (placed.lead_frames + placed.trail_frames) / 60


def run_here(name: str, folder: Path, out: Path) -> tuple[float, float]:
    """Make a film in a fresh Python process; its start-up and compiling are not counted."""
    command = [sys.executable, __file__, "--make", name, "--clips", str(folder), "--out", str(out)]
    told = out.with_suffix(".told")
    _, peak_mb = run(command, told)
    return float(told.read_text()), peak_mb


def run(command: list[str], told: Path | None = None) -> tuple[float, float]:
    """CPU seconds of a command, and the most memory (MB) that it and its offspring held."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak_mb = 0.0
    with subprocess.Popen(command, stdout=told.open("w") if told else None) as process:
        while process.poll() is None:
            peak_mb = max(peak_mb, sum(resident_mb(process.pid)))
            time.sleep(LOOK_S)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)[:200]} failed with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent_s, peak_mb


def resident_mb(pid: int) -> Iterator[float]:
    """Memory that a process and each of its offspring hold."""
    place = Path(f"/proc/{pid}")
    try:
        held = (place / "status").read_text().split("VmRSS:")
        below = " ".join(task.read_text() for task in place.glob("task/*/children")).split()
    except (FileNotFoundError, ProcessLookupError):
        return
    if len(held) > 1:
        yield int(held[1].split()[0]) / 1024
    for child in below:
        yield from resident_mb(int(child))


def encode_again(film: Path, out: Path) -> tuple[float, int]:
    """CPU seconds of encoding a film's frames alone, with our segments' encoder, and how many."""
    spent_s, frames = 0.0, 0
    settings = encoder_settings(FILM)
    with av.open(str(film)) as container, open_writer(out, settings) as writer:
        pictures = container.decode(video=0)
        while batch := list(islice(pictures, BATCH)):
            frames += len(batch)
            spent_s += cpu_s(lambda b=batch: [writer.write_frame(frame) for frame in b])
    return spent_s, frames


if __name__ == "__main__":
    main()
