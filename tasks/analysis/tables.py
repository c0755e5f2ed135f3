"""An analysis as pandas tables, for those who want numbers."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recipe_schema.analysis import SongAnalysis
from tasks.errors import MissingDependencyError
from tasks.media.curves import CURVE_RATE_HZ, FloatArray
from tasks.media.whole_file import whole_file

if TYPE_CHECKING:
    import pandas as pd

TABLES = ("song", "sections", "beats", "curves")


def check_pandas() -> None:
    """Refuse tables where pandas is not installed.

    Raises:
        MissingDependencyError: It is not.
    """
    if importlib.util.find_spec("pandas") is None:
        raise MissingDependencyError(
            "tables need pandas, which is not installed: pip install 'songfilm[tables]'"
        )


def make_tables(
    analysis: SongAnalysis, curves: Mapping[str, FloatArray]
) -> dict[str, pd.DataFrame]:
    """Lay out an analysis as tables; times are seconds from the start of the song or excerpt.

    Args:
        analysis: What was heard.
        curves: As `tasks.media.curves.read_curves` gives them.

    Returns:
        By name:

        - `song`: one row of figures; what was not heard is empty.
        - `sections`: number (from 1), type, label, start, end, energy, confidence.
        - `beats`: time, bar and beat (both from 1; a beat before the first downbeat is in bar 0),
          section (its number), bpm (to the next beat; the last has the one before it).
        - `curves`: time, then one column a curve, 100 rows a second.

    Raises:
        MissingDependencyError: pandas is not installed.
    """
    check_pandas()
    import pandas as pd

    sections = [
        {"number": number, **section.model_dump(mode="json")}
        for number, section in enumerate(analysis.sections, start=1)
    ]
    length = max((len(curve) for curve in curves.values()), default=0)
    times = {"time": np.arange(length) / CURVE_RATE_HZ}
    return {
        "song": pd.DataFrame([_song(analysis)]),
        "sections": pd.DataFrame(sections),
        "beats": pd.DataFrame(_beats(analysis)),
        "curves": pd.DataFrame(times | dict(curves)),
    }


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> tuple[Path, ...]:
    """Write each table as a CSV file of its name; older ones are replaced.

    Raises:
        NoSpaceError: The disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = tuple(folder / f"{name}.csv" for name in tables)
    for file, table in zip(files, tables.values(), strict=True):
        with whole_file(file) as part:
            table.to_csv(part, index=False, float_format="%.7g", encoding="utf-8")
    return files


def _song(analysis: SongAnalysis) -> dict[str, object]:
    excerpt = analysis.excerpt
    return {
        "name": analysis.song.name,
        "sha256": analysis.song.sha256,
        "sample_rate_hz": analysis.song.sample_rate_hz,
        "channels": analysis.song.channels,
        "duration": analysis.duration,
        "excerpt_start": excerpt.start if excerpt else None,
        "tempo_bpm": analysis.tempo_bpm or None,
        "tempo_confidence": analysis.confidence.tempo,
        "meter": analysis.meter,
        "downbeat_confidence": analysis.confidence.downbeat,
        "beats": len(analysis.beats),
        "bars": len(analysis.downbeats),
        "key": analysis.key,
        "key_confidence": analysis.key_confidence,
        "genre": analysis.genre,
        "style": analysis.mood.style,
        "valence": analysis.mood.valence,
        "arousal": analysis.mood.arousal,
        "tags": " ".join(analysis.mood.tags),
        **analysis.loudness.model_dump(),
    }


def _beats(analysis: SongAnalysis) -> dict[str, np.ndarray]:
    """Each beat's place in its bar and section, and its own tempo."""
    times = np.asarray(analysis.beats, np.float64)
    downbeats = np.asarray(analysis.downbeats, np.float64)
    starts = [section.start for section in analysis.sections]
    bars = np.searchsorted(downbeats, times + 1e-6)
    # A downbeat is one of the beats: how many beats lie between says where in the bar it is.
    firsts = np.searchsorted(times, np.concatenate([times[:1], downbeats]) - 1e-6)
    lead = firsts[1] if len(firsts) > 1 else 0
    places = np.arange(len(times)) - firsts[bars] + 1 if len(times) else times.astype(int)
    if lead:
        # Those before the first bar end one.
        places[:lead] += max(0, analysis.meter - int(lead))
    bpm = 60.0 / np.diff(times)
    return {
        "time": times,
        "bar": bars,
        "beat": places,
        "section": np.searchsorted(starts, times + 1e-6),
        "bpm": np.append(bpm, bpm[-1:] if len(bpm) else np.full(len(times), np.nan)),
    }
