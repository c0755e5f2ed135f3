"""A song's portrait as one picture: form, wave, beats, curves, harmony, tempo and figures.

Drawn from an analysis and what lies beside it, without the song. matplotlib is loaded when the
first picture is drawn, and no setting of it is changed.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from recipe_schema.analysis import SongAnalysis
from tasks.errors import BadInputError
from tasks.media.curves import FloatArray, Portrait
from tasks.media.portrait.heading import draw_heading, draw_legend, draw_notes
from tasks.media.portrait.look import ROOM
from tasks.media.portrait.rows import (
    draw_beats,
    draw_chroma,
    draw_curve,
    draw_energy,
    draw_lines,
    draw_sections,
    draw_tempo,
    draw_times,
    draw_wave,
)
from tasks.media.portrait.sheet import Sheet
from tasks.media.whole_file import whole_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SUFFIXES", "Picture", "check_suffix", "draw_song", "picture_bytes", "save_picture"]

SUFFIXES = (".png", ".svg", ".pdf", ".webp")
_BANDS = ("bass", "mids", "highs")
_STEMS = ("stem-drums", "stem-bass", "stem-vocals", "stem-other")
_REST = ("onsets", "brightness", "noisiness")
_GAP_IN = 0.055
_HEADING_IN, _NOTES_IN, _TIMES_IN = 1.06, 0.28, 0.3
# Heights in inches.
_FORM_IN, _RULER_IN, _WAVE_IN, _ENERGY_IN = 0.36, 0.26, 1.25, 0.6
_CURVE_IN, _CHROMA_IN, _TEMPO_IN = 0.3, 1.25, 0.46
_WEBP_QUALITY = 88


class Picture(NamedTuple):
    """A drawn song."""

    figure: Figure
    notes: tuple[str, ...]
    """What could not be drawn as it should be, for a person."""


def check_suffix(path: Path) -> None:
    """Refuse a name whose ending is no format of pictures.

    Raises:
        BadInputError: Another ending.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise BadInputError(f"{path.name}: a picture of the analysis ends in {', '.join(SUFFIXES)}")


def draw_song(
    analysis: SongAnalysis, curves: Mapping[str, FloatArray], portrait: Portrait | None
) -> Picture:
    """Draw all that was heard, 2400 pixels wide.

    Args:
        analysis: Of a song or an excerpt; times and curves count from the same start.
        curves: As `read_curves` gives them; a missing one has no row. With stems there are rows
            for them.
        portrait: As `read_portrait` gives it; without, the wave is drawn by the energy and there
            is no row of chroma.
    """
    names = [name for name in (*_BANDS, *_STEMS, *_REST) if name in curves]
    energy = curves.get("energy", np.zeros(0, np.float32))
    heights = [_FORM_IN, _WAVE_IN, _RULER_IN, _ENERGY_IN, *[_CURVE_IN] * len(names)]
    heights += [_CHROMA_IN] * (portrait is not None) + [_TEMPO_IN]
    total = _HEADING_IN + sum(heights) + _GAP_IN * len(heights) + _TIMES_IN + _NOTES_IN
    sheet = Sheet(total, duration=analysis.duration)
    top = _HEADING_IN

    form = sheet.row("form", top, _FORM_IN, panel=False, note="how sure")
    told = draw_sections(sheet, form, analysis.sections)
    top += _FORM_IN + _GAP_IN
    wave = sheet.row("wave", top, _WAVE_IN)
    draw_wave(wave, portrait, energy, analysis.sections)
    top += _WAVE_IN
    ruler = sheet.row("bars", top, _RULER_IN, panel=False, note="and beats")
    draw_beats(sheet, ruler, analysis)
    top += _RULER_IN + _GAP_IN
    rows = [wave, sheet.row("energy", top, _ENERGY_IN)]
    draw_energy(rows[-1], energy, analysis.sections)
    top += _ENERGY_IN + _GAP_IN
    for name in names:
        kind, note = _row_name(name)
        rows.append(sheet.row(kind, top, _CURVE_IN, note=note))
        draw_curve(rows[-1], name, curves[name])
        top += _CURVE_IN + _GAP_IN
    if portrait is not None:
        rows.append(sheet.row("chroma", top, _CHROMA_IN))
        draw_chroma(
            sheet, rows[-1], portrait, energy, key=analysis.key if analysis.key_confidence else ""
        )
        top += _CHROMA_IN + _GAP_IN
    rows.append(sheet.row("tempo", top, _TEMPO_IN, note="BPM"))
    draw_tempo(sheet, rows[-1], analysis)
    top += _TEMPO_IN
    draw_lines(sheet, rows, analysis)
    draw_times(sheet, sheet.row("", top, _TIMES_IN, panel=False))
    draw_heading(sheet, analysis)
    if not told:
        draw_legend(sheet, analysis.sections)
    draw_notes(sheet, analysis, total - 0.12)
    return Picture(sheet.figure, _notes(sheet, portrait))


def save_picture(picture: Picture, path: Path) -> None:
    """Write a picture; the path's ending says which format.

    Raises:
        BadInputError: No format of pictures.
        NoSpaceError: The disk is full.
    """
    check_suffix(path)
    data = picture_bytes(picture, path.suffix.lower().removeprefix("."))
    with whole_file(path) as part:
        part.write_bytes(data)


def picture_bytes(picture: Picture, form: str) -> bytes:
    """The picture as a file of a form: png, svg, pdf or webp."""
    buffer = io.BytesIO()
    how: dict[str, Any] = {}
    if form == "webp":
        how["pil_kwargs"] = {"quality": _WEBP_QUALITY, "method": 4}
    if form in ("svg", "pdf"):
        # No hour of drawing: the same analysis gives the same file.
        how["metadata"] = {"Date" if form == "svg" else "CreationDate": None}
    picture.figure.savefig(buffer, format=form, facecolor=ROOM, **how)
    return buffer.getvalue()


def _row_name(name: str) -> tuple[str, str]:
    """What a row is called, and what it is."""
    if name in _STEMS:
        return name.removeprefix("stem-"), "stem"
    return name, "band" if name in _BANDS else ""


def _notes(sheet: Sheet, portrait: Portrait | None) -> tuple[str, ...]:
    notes: tuple[str, ...] = ()
    if portrait is None:
        notes += (
            "the picture has no samples to draw: this analysis was made by an older songfilm; "
            "analyze the song again for its wave and chroma",
        )
    if sheet.lacking:
        letters = "".join(sorted(sheet.lacking))
        notes += (f"no font here has {letters!r}: boxes stand for them; install Noto Sans CJK",)
    return notes
