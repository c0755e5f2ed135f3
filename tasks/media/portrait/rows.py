"""The rows of a song's picture: form, wave, beats, curves, harmony and tempo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.ndimage

from recipe_schema.analysis import Section, SongAnalysis
from tasks.media.curves import CURVE_RATE_HZ, PORTRAIT_CHROMA_RATE_HZ, FloatArray, Portrait
from tasks.media.portrait.look import (
    BODY_PT,
    CHROMA_COLORS,
    CURVE_COLORS,
    DIM,
    FAINT,
    INK,
    ROOM,
    SECTION_COLORS,
    TEMPO,
)
from tasks.media.portrait.sheet import PLOT_IN, Sheet, condense

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PITCHES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
_FLATS = {"D♭": "C♯", "E♭": "D♯", "G♭": "F♯", "A♭": "G♯", "B♭": "A♯"}
# Bars between numbers, lines and ticks: the first that leaves enough room.
_BARS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
_NUMBERS_IN, _LINES_IN, _TICKS_IN, _BEATS_IN = 0.42, 0.16, 0.03, 0.028
_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200)
_TIMES_IN = 0.85
_BESIDE_IN = 0.06  # from a row to the words on its right
_LEAST_SPAN_BPM = 8.0  # a steady tempo is drawn as a steady line
_CHORD_POINTS = 5  # half a second of harmony in each instant
_AUDIBLE = 0.08  # of energy: below, harmony fades out of the picture


def draw_sections(sheet: Sheet, axes: Axes, sections: tuple[Section, ...]) -> bool:
    """Blocks with function and letter, and how sure each is as a bar beneath.

    Returns:
        Whether each block had room for its function.
    """
    pad = sheet.seconds_of(0.015)
    told = True
    for section in sections:
        color = SECTION_COLORS[section.type]
        length = section.end - section.start
        gap = min(pad, length / 4)
        left, width = section.start + gap / 2, length - gap
        axes.barh(0.62, width, 0.76, left, align="center", color=color, linewidth=0)
        axes.barh(0.06, width, 0.12, left, align="center", color=FAINT, linewidth=0)
        sure = width * section.confidence
        axes.barh(0.06, sure, 0.12, left, align="center", color=color, linewidth=0)
        words = f"{section.type} {section.label}"
        room = length / sheet.duration * PLOT_IN - 0.08
        fits = sheet.width_in(words, BODY_PT, bold=True) <= room
        told &= fits
        words = words if fits else section.label
        if fits or sheet.width_in(words, BODY_PT, bold=True) <= room + 0.05:
            middle = section.start + length / 2
            sheet.mark(axes, middle, 0.6, words, size=BODY_PT, color=ROOM, bold=True)
    return told


def draw_wave(
    axes: Axes, portrait: Portrait | None, energy: FloatArray, sections: tuple[Section, ...]
) -> None:
    """Peaks, and their mean level inside, in the sections' colours.

    A song without portrait is drawn by its energy.
    """
    if portrait is not None:
        peaks = portrait.peaks.astype(np.float32) / 127.0
        times, low = condense(peaks[:, 0], CURVE_RATE_HZ, np.minimum)
        _, high = condense(peaks[:, 1], CURVE_RATE_HZ, np.maximum)
        _, level = condense(portrait.level.astype(np.float32) / 255.0, CURVE_RATE_HZ, np.add)
    else:
        times, level = condense(energy, CURVE_RATE_HZ, np.add)
        low, high = -level, level
    axes.set_ylim(-1.0, 1.0)
    # A soft song is drawn larger, silence is not.
    largest = max(float(np.abs(low).max(initial=0)), float(np.abs(high).max(initial=0)))
    gain = 0.96 / largest if largest > 1e-3 else 1.0
    axes.axhline(0.0, color=FAINT, linewidth=0.6, zorder=1)
    for section in sections:
        # One point more, so that neighbours touch.
        inside = slice(
            max(0, int(np.searchsorted(times, section.start)) - 1),
            int(np.searchsorted(times, section.end)) + 1,
        )
        at, color = times[inside], SECTION_COLORS[section.type]
        axes.fill_between(
            at, low[inside] * gain, high[inside] * gain, color=color, alpha=0.5, linewidth=0
        )
        axes.fill_between(at, -level[inside] * gain, level[inside] * gain, color=color, linewidth=0)


def draw_beats(sheet: Sheet, axes: Axes, analysis: SongAnalysis) -> None:
    """Bars by number, a long tick a downbeat, a short one a beat; only what has room."""
    beats, downbeats = np.asarray(analysis.beats), np.asarray(analysis.downbeats)
    if len(beats) == 0:
        sheet.mark(axes, sheet.duration / 2, 0.5, "no steady beat was heard", size=BODY_PT)
        return
    if len(beats) > 1 and np.median(np.diff(beats)) >= sheet.seconds_of(_BEATS_IN):
        axes.vlines(beats, 0.0, 0.22, color=DIM, linewidth=0.5)
    bar_s = bar_length(analysis)
    ticks = downbeats[:: bars_apart(sheet, bar_s, _TICKS_IN)]
    axes.vlines(ticks, 0.0, 0.45, color=INK, linewidth=0.7)
    step = bars_apart(sheet, bar_s, _NUMBERS_IN)
    for bar in range(0, len(downbeats), step):
        sheet.mark(axes, downbeats[bar], 0.98, str(bar + 1), color=INK, level="top")


def draw_lines(sheet: Sheet, rows: list[Axes], analysis: SongAnalysis) -> None:
    """Downbeats through all rows, as many as leave the rows readable, and sections' borders."""
    downbeats = np.asarray(analysis.downbeats)
    shown = downbeats[:: bars_apart(sheet, bar_length(analysis), _LINES_IN)]
    borders = [section.start for section in analysis.sections[1:]]
    for axes in rows:
        low, high = axes.get_ylim()
        axes.vlines(shown, low, high, color="white", alpha=0.11, linewidth=0.5, zorder=5)
        axes.vlines(borders, low, high, color="white", alpha=0.42, linewidth=0.7, zorder=6)


def bar_length(analysis: SongAnalysis) -> float:
    """Seconds of the usual bar; 0 when there are none."""
    if len(analysis.downbeats) > 1:
        return float(np.median(np.diff(analysis.downbeats)))
    return 0.0


def bars_apart(sheet: Sheet, bar_s: float, least_in: float) -> int:
    """Every which bar can be shown when shown ones shall be this far apart."""
    least_s = sheet.seconds_of(least_in)
    return next((bars for bars in _BARS if bars * bar_s >= least_s), _BARS[-1])


def draw_energy(axes: Axes, energy: FloatArray, sections: tuple[Section, ...]) -> None:
    """The energy curve, and each section's own energy as a line in its colour."""
    times, level = condense(energy, CURVE_RATE_HZ, np.add)
    axes.fill_between(times, 0.0, level, color=INK, alpha=0.2, linewidth=0)
    axes.plot(times, level, color=INK, alpha=0.6, linewidth=0.5)
    for section in sections:
        color = SECTION_COLORS[section.type]
        axes.hlines(section.energy, section.start, section.end, color=color, linewidth=2.0)


def draw_curve(axes: Axes, name: str, curve: FloatArray) -> None:
    """One curve of 0..1: spikes for onsets, an area for all else."""
    color = CURVE_COLORS.get(name, INK)
    times, level = condense(curve, CURVE_RATE_HZ, np.maximum if name == "onsets" else np.add)
    axes.fill_between(times, 0.0, level * 0.94, color=color, alpha=0.85, linewidth=0)


def draw_chroma(
    sheet: Sheet, axes: Axes, portrait: Portrait, energy: FloatArray, *, key: str
) -> None:
    """Pitch classes over time, C below; the tonic's name stands out."""
    from matplotlib.colors import LinearSegmentedColormap

    chroma = portrait.chroma.astype(np.float32) / 255.0
    times = np.arange(len(chroma)) * (CURVE_RATE_HZ / PORTRAIT_CHROMA_RATE_HZ)
    loud = np.interp(times, np.arange(len(energy)), energy) if len(energy) else np.zeros(len(times))
    chroma = chroma * np.clip(loud / _AUDIBLE, 0.0, 1.0)[:, None].astype(np.float32)
    # Chords last longer than the attacks that blur them.
    chroma = scipy.ndimage.uniform_filter1d(chroma, _CHORD_POINTS, axis=0)
    _, shown = condense(chroma, PORTRAIT_CHROMA_RATE_HZ, np.add)
    axes.imshow(
        shown.T,
        extent=(0.0, len(chroma) / PORTRAIT_CHROMA_RATE_HZ, 0.0, 12.0),
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        cmap=LinearSegmentedColormap.from_list("harmony", CHROMA_COLORS),
        vmin=0.0,
        vmax=1.0,
    )
    axes.set(xlim=(0.0, sheet.duration), ylim=(0.0, 12.0))
    tonic = tonic_of(key)
    for k, pitch in enumerate(PITCHES):
        white = len(pitch) == 1
        if not white and pitch != tonic:
            continue
        sheet.mark(
            axes,
            sheet.duration + sheet.seconds_of(_BESIDE_IN),
            k + 0.5,
            pitch,
            color=INK if pitch == tonic else DIM,
            side="left",
            bold=pitch == tonic,
        )


def tonic_of(key: str) -> str:
    """The pitch class of a key's name, with a sharp where it needs a sign."""
    tonic = key.split()[0].replace("#", "♯").replace("b", "♭") if key else ""
    return _FLATS.get(tonic, tonic)


def draw_tempo(sheet: Sheet, axes: Axes, analysis: SongAnalysis) -> None:
    """The local tempo as a line, the song's own dashed."""
    curve = analysis.tempo_curve
    if not analysis.tempo_bpm:
        sheet.mark(axes, sheet.duration / 2, 0.5, "no tempo", size=BODY_PT)
        return
    bpm = np.array([point.bpm for point in curve] or [analysis.tempo_bpm])
    times = np.array([point.time for point in curve] or [0.0])
    low, high = min(bpm.min(), analysis.tempo_bpm), max(bpm.max(), analysis.tempo_bpm)
    middle, span = (low + high) / 2, max(high - low, _LEAST_SPAN_BPM) * 1.3
    bottom, top = middle - span / 2, middle + span / 2
    axes.set_ylim(bottom, top)
    axes.axhline(analysis.tempo_bpm, color=DIM, linewidth=0.7, linestyle=(0, (4, 3)))
    axes.plot(np.append(times, sheet.duration), np.append(bpm, bpm[-1]), color=TEMPO, linewidth=1.3)
    at = sheet.duration + sheet.seconds_of(_BESIDE_IN)
    sheet.mark(axes, at, top, f"{top:.0f}", side="left", level="top")
    sheet.mark(axes, at, bottom, f"{bottom:.0f}", side="left", level="bottom")


def draw_times(sheet: Sheet, axes: Axes) -> None:
    """Minutes and seconds along the song."""
    least = sheet.seconds_of(_TIMES_IN)
    step = next((step for step in _STEPS_S if step >= least), _STEPS_S[-1])
    for time in np.arange(0.0, sheet.duration - 0.25 * step, step):
        axes.vlines(time, 0.72, 1.0, color=DIM, linewidth=0.6)
        sheet.mark(axes, time, 0.6, clock(time, tenths=step < 1), level="top")
    last = clock(sheet.duration, tenths=step < 1)
    axes.vlines(sheet.duration, 0.72, 1.0, color=DIM, linewidth=0.6)
    sheet.mark(axes, sheet.duration, 0.6, last, level="top")


def clock(time_s: float, *, tenths: bool = False) -> str:
    """A time as a person reads it, such as 1:07."""
    if tenths:
        return f"{time_s:.1f}"
    whole = round(time_s)
    return f"{whole // 60}:{whole % 60:02d}"
