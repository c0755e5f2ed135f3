"""How far the cuts of a finished film lie from the song's beats, read from its pixels.

Run by `make bench`, or alone: `python -m tests.bench sync`. The demo song's score says where its
beats are. The film is analysed, planned, composed and joined as ever, at 60 frames a second and
at 24, the rate of the peers' films, whose cuts err by 31 ms (median) and 52 ms (worst).
"""

import json
import tempfile
from pathlib import Path

import numpy as np
from support.cut_films import (
    SMALL,
    Heard,
    errors_ms,
    finish,
    hear,
    plain_job,
    render_pieces,
    seen_cuts,
)

from recipe_schema.recipe import Recipe
from tasks.media.audio import write_wav
from tasks.media.demo_song import compose_demo_song
from tasks.planning import plan

RATES = ("60", "24")


def main() -> None:
    """Print every figure."""
    audio, score = compose_demo_song()
    with tempfile.TemporaryDirectory() as name:
        song = Path(name) / "song.wav"
        write_wav(song, audio)
        heard = hear(song)
        recipe = plan(heard.analysis)
        for fps in RATES:
            folder = Path(name) / fps
            folder.mkdir()
            measure(folder, fps, heard, recipe, scored=tuple(score.beats))


def measure(
    folder: Path, fps: str, heard: Heard, recipe: Recipe, *, scored: tuple[float, ...]
) -> None:
    """Make the film at a rate, and print its cuts' errors and its sound's."""
    film = SMALL.model_validate({**SMALL.model_dump(), "fps": fps})
    job = plain_job(folder, recipe, heard, film)
    out = folder / "film.mp4"
    sync = finish(job, render_pieces(folder, job), heard, out)
    cuts, _ = seen_cuts(out)
    to_scored, to_analysed = errors_ms(cuts, scored), errors_ms(cuts, heard.analysis.beats)
    tell(
        f"cut_error_{fps}fps",
        float(np.median(to_scored)),
        len(cuts),
        max=float(to_scored.max()),
        analysed_median=float(np.median(to_analysed)),
        analysed_max=float(to_analysed.max()),
        half_frame=500 / float(film.rate),
        av_offset_max=max(abs(offset) for offset in sync.av_offset_ms),
    )


def tell(figure: str, value: float, n: int, **beside: float) -> None:
    """Print one figure in milliseconds as a JSON line."""
    rounded = {name: round(number, 2) for name, number in beside.items()}
    line = {"figure": figure, "value": round(value, 2), "unit": "ms", "n": n, "beside": rounded}
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
