"""What a whole film costs beside encoding its frames alone, and what the engine's start costs.

CPU time (user and system, all processes) of the real command in a process of its own. Start-up is
reported apart: it is measured as the same engine running a flow that does nothing, beside an empty
flow on the server that Prefect starts by itself.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import Quality
from tasks.assembly.export import encoder_settings
from tasks.media.audio import write_wav
from tasks.media.demo_song import compose_demo_song
from tasks.media.frames import ClipReader, ClipWriter

SONGFILM = str(Path(sys.executable).with_name("songfilm"))
FILM = FilmFormat(quality=Quality.STANDARD)
# Every so many frames of the film, a run of this many is encoded again alone.
SAMPLE_EVERY, SAMPLE_FRAMES = 480, 120
RUNS = 3

STOCK = """
from prefect import flow
@flow
def nothing(): return 1
nothing()
"""
OURS = """
from deployments.engine import Engine
from tasks.settings import Settings
def work():
    from prefect import flow
    @flow
    def nothing(): return 1
    return nothing()
with Engine(Settings(), pictures=False) as engine:
    engine.run(work)
"""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {
            **{k: v for k, v in os.environ.items() if k != "PREFECT_API_URL"},
            "SONGFILM_HOME": str(folder / "home"),
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
            "PREFECT_LOGGING_LEVEL": "CRITICAL",
        }
        start = measure_engine(environment)
        measure_film(folder, environment, engine_cpu_s=start)


def measure_engine(environment: dict[str, str]) -> float:
    """Print `engine_start_ratio`; return CPU seconds of our start-up."""
    costs: dict[str, list[float]] = {"stock": [], "ours": []}
    for _ in range(RUNS + 1):
        costs["stock"].append(cpu_of([sys.executable, "-c", STOCK], environment))
        costs["ours"].append(cpu_of([sys.executable, "-c", OURS], environment))
    # The first of each makes the database and the byte code.
    stock, ours = (float(np.median(costs[name][1:])) for name in ("stock", "ours"))
    tell("engine_start_ratio", ours / stock, "ratio", RUNS, ours_cpu_s=ours, stock_cpu_s=stock)
    return ours


def measure_film(folder: Path, environment: dict[str, str], *, engine_cpu_s: float) -> None:
    """Print `film_ratio`: all but the engine's start, over encoding alone."""
    song, film = folder / "song.wav", folder / "film.mp4"
    audio, _ = compose_demo_song()
    write_wav(song, audio)
    # A first film of two seconds: compiled kernels and imports are not part of the figure.
    warm = [SONGFILM, "make", str(song), "--out", str(folder / "warm.mp4"), "--length", "2"]
    cpu_of([*warm, "--size", "320x180", "--json"], environment)
    begun = time.monotonic()
    whole = cpu_of([SONGFILM, "make", str(song), "--out", str(film), "--json"], environment)
    wall = time.monotonic() - begun
    alone, frames = encode_alone(film, folder)
    tell(
        "film_ratio",
        (whole - engine_cpu_s) / alone,
        "ratio",
        frames,
        film_cpu_s=whole,
        engine_cpu_s=engine_cpu_s,
        encode_cpu_s=alone,
        wall_s=wall,
    )


def encode_alone(film: Path, folder: Path) -> tuple[float, int]:
    """CPU seconds that encoding the film's own frames takes, from runs spread over the film."""
    settings = encoder_settings(FILM)
    reader = ClipReader(film)
    spent, sampled = 0.0, 0
    for first in range(0, reader.frames - SAMPLE_FRAMES, SAMPLE_EVERY):
        pictures = [
            tuple(plane.copy() for plane in reader.frame(first + k)) for k in range(SAMPLE_FRAMES)
        ]
        begun = time.process_time()
        with ClipWriter(
            folder / "alone.mp4",
            width_px=settings.width_px,
            height_px=settings.height_px,
            fps=settings.fps,
            crf=settings.crf,
            preset=settings.preset,
            options=dict(settings.options),
        ) as writer:
            for y, u, v in pictures:
                writer.write(y, u, v)
        spent += time.process_time() - begun
        sampled += SAMPLE_FRAMES
    return spent / sampled * reader.frames, reader.frames


def cpu_of(command: list[str], environment: dict[str, str]) -> float:
    """User and system CPU seconds of a command and all its children.

    Raises:
        SystemExit: The command failed.
    """
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(command[:3])} failed:\n{said.decode()[-2000:]}")
    return usage.ru_utime + usage.ru_stime


def tell(figure: str, value: float, unit: str, n: int, **beside: float) -> None:
    """Print one figure as a JSON line."""
    rounded = {name: round(number, 2) for name, number in beside.items()}
    line = {"figure": figure, "value": round(value, 3), "unit": unit, "n": n, "beside": rounded}
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
