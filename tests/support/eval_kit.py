"""The evaluation kit beside the project: renders its songs, and scores what was heard in them."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

PROJECT = Path(__file__).resolve().parents[2]
HEAR = PROJECT / "tests" / "bench" / "hear.py"
SOUNDFONTS = (Path(os.environ.get("SOUNDFONT_DIR", "/usr/share/sounds/sf2")),)
SOUNDFONT = "FluidR3_GM.sf2"
# Figure and the scorer's name for it: every row of the targets that the scorer tells.
METRICS = {
    "beat_f": "beatF",
    "cmlt": "beatCMLt",
    "amlt": "beatAMLt",
    "downbeat_f": "dbF",
    "tempo_acc1": "tempoAcc1",
    "tempo_acc2": "tempoAcc2",
    "key": "key",
    "boundary_f_0.5s": "bF0.5",
    "boundary_f_3s": "bF3",
    "pairwise_f": "pwF",
    "v_measure": "V",
}
ALL = "all"

Row = dict[str, Any]


class NoKitError(Exception):
    """The kit, or what it needs, is not here."""


def find_kit() -> Path:
    """Folder of the kit: SONGFILM_EVAL, or `shared/eval` beside the project.

    Raises:
        NoKitError: Not there.
    """
    place = Path(os.environ.get("SONGFILM_EVAL") or PROJECT.parent / "shared" / "eval")
    if not (place / "eval_analysis.py").exists():
        raise NoKitError(f"no evaluation kit in {place}: set SONGFILM_EVAL to its folder")
    return place


def song_ids(kit: Path, split: str) -> list[str]:
    """The songs of a split."""
    return sorted(item.name for item in (kit / split / "items").iterdir())


def render(kit: Path, split: str, ids: Sequence[str], *, audio: Path | None = None) -> Path:
    """Make the sound of some songs, once; it is kept in the folder for temporary files.

    Args:
        kit: Its folder.
        split: Of the kit, such as "dev".
        ids: Songs.
        audio: Folder that has them already, or gets them.

    Returns:
        The folder with `<id>.wav` or the like.

    Raises:
        NoKitError: The synthesizer or its sounds are missing.
    """
    out = audio or Path(tempfile.gettempdir()) / "songfilm-eval" / split
    missing = [name for name in ids if not any(out.glob(f"{name}.*"))]
    if not missing:
        return out
    if not shutil.which("fluidsynth") or not any((d / SOUNDFONT).exists() for d in SOUNDFONTS):
        raise NoKitError(
            "songs are rendered with fluidsynth and FluidR3_GM.sf2 (Debian: apt-get install "
            "fluidsynth fluid-soundfont-gm)"
        )
    out.mkdir(parents=True, exist_ok=True)
    part = some_of(kit, split, missing, out.parent / f"{split}-part")
    command = [sys.executable, str(kit / "render.py"), str(part), "--out", str(out)]
    # It fails, too, where another synthesizer makes slightly other samples: scores still compare.
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not all(any(out.glob(f"{name}.*")) for name in missing):
        raise NoKitError(f"rendering failed: {done.stderr.strip()[-300:]}")
    return out


def some_of(kit: Path, split: str, ids: Sequence[str], folder: Path) -> Path:
    """A split of some songs alone, by links to the kit's."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "items").mkdir(parents=True)
    for name in ids:
        (folder / "items" / name).symlink_to(kit / split / "items" / name)
    (folder / "checksums.json").symlink_to(kit / split / "checksums.json")
    return folder


def hear_songs(ids: Sequence[str], audio: Path, preds: Path, *options: str) -> None:
    """Hear songs in a process of its own.

    Args:
        ids: Songs.
        audio: Where they are.
        preds: Where what was heard is written, a file a song.
        options: For `bench/hear.py`.
    """
    files = [str(next(audio.glob(f"{name}.*"))) for name in ids]
    command = [sys.executable, str(HEAR), *options, "--preds", str(preds), *files]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    subprocess.run(command, env=environment, check=True)


def score(kit: Path, split: str, ids: Sequence[str], audio: Path, preds: Path) -> list[Row]:
    """Score what was heard: a row a song, with its `group` and `scores`."""
    part = some_of(kit, split, ids, preds / "split")
    result = preds / "scores.out"
    places = ["--preds", str(preds), "--audio", str(audio), "--out", str(result)]
    command = [sys.executable, str(kit / "eval_analysis.py"), str(part), *places]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    rows: list[Row] = json.loads(result.read_text())
    return rows


def means(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """By group and in all, the mean of every metric over the songs that have it."""
    groups = [*sorted({row["group"] for row in rows}), ALL]
    table = {}
    for group in groups:
        found = {name: values(rows, name, group) for name in METRICS}
        table[group] = {name: float(np.mean(v)) for name, v in found.items() if len(v)}
    return table


def values(rows: Sequence[Row], metric: str, group: str = ALL) -> list[float]:
    """A metric of each song of a group."""
    name = METRICS[metric]
    return [
        row["scores"][name]
        for row in rows
        if group in (ALL, row["group"]) and name in row["scores"]
    ]
