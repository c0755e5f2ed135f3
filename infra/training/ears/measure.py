"""First step: what the network hears of every training song, as one npz a song.

The room's own bands and chroma are measured on every rendered song and stored beside the truth:
``python measure.py KIT/train AUDIO FEATURES`` (KIT: the evaluation kit; AUDIO: its renders).
"""

import json
import re
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from tasks.analysis.chroma import measure_chroma
from tasks.analysis.intake import take_in
from tasks.analysis.network import harmony_at_frames
from tasks.analysis.onsets import measure_onsets
from tasks.analysis.spectrum import FRAME_RATE_HZ, measure_spectrum
from tasks.media.audio import open_audio
from tasks.settings import Settings
from tasks.storage.songs import song_limits

_ANNOTATED = ("annotator1", "annotator2", "arrangement")


def measure(audio: Path, truth: Mapping[str, Any], out: Path) -> None:
    """Write bands, chroma and truth of one song."""
    taken = take_in(open_audio(audio, limits=song_limits(Settings())))
    onsets = measure_onsets(measure_spectrum(taken.sounding))
    harmony = harmony_at_frames(measure_chroma(taken.sounding), len(onsets.log_levels))
    beats = np.array(truth.get("beats") or np.zeros((0, 2)), np.float64)
    segments = truth.get("segments") or {}
    borders = [[span[0] for span in segments[name]] for name in _ANNOTATED if name in segments]
    np.savez(
        out,
        levels=onsets.log_levels.astype(np.float16),
        harmony=harmony.astype(np.float16),
        beats=beats[:, 0] - taken.lead_s,
        positions=beats[:, 1],
        counted=bool(truth.get("meter")) and bool(truth.get("downbeats_valid", True)),
        borders=np.array(sorted(t for span in borders for t in span)) - taken.lead_s,
        annotators=len(borders),
        group=truth["group"],
        source=_source(truth),
        rate_hz=FRAME_RATE_HZ,
    )


def _source(truth: Mapping[str, Any]) -> str:
    """The composition: arrangements of one song must not be on both sides of a fold."""
    number = re.search(r"POP909 #(\d+)", truth["source"])
    return f"pop909-{number.group(1)}" if number else str(truth["id"])


def _work(job: tuple[Path, Path, Path]) -> str:
    audio, item, out = job
    measure(audio, json.loads((item / "truth.json").read_text()), out)
    return out.name


def main() -> None:
    """Measure every song of a split, two at a time."""
    split, audio, out = map(Path, sys.argv[1:4])
    out.mkdir(parents=True, exist_ok=True)
    jobs = [
        (next(audio.glob(f"{item.name}.*")), item, out / f"{item.name}.npz")
        for item in sorted((split / "items").iterdir())
    ]
    with ProcessPoolExecutor(2) as pool:
        for name in pool.map(_work, jobs):
            print(name, flush=True)


if __name__ == "__main__":
    main()
