"""The pictures in a film's report that are drawn: the song with its cuts, and the cuts' errors.

Shapes stretch to any width; words stand beside them as text, so that they stay readable.
"""

import html
from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from recipe_schema.artifacts import CutReport, SyncReport
from recipe_schema.recipe import Recipe
from tasks.assembly.job import CURVE_RATE_HZ, FloatArray

_WIDTH, _HEIGHT = 1000, 150
_POINTS = 500
# Labelled times along the song, seconds; the first step that gives few enough.
_STEPS_S, _MOST_LABELS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600), 9
_SHADE = (
    "<linearGradient id=shade x2=0 y2=1><stop offset=0 stop-color=var(--two) />"
    "<stop offset=.5 stop-color=var(--one) /><stop offset=1 stop-color=var(--two) />"
    "</linearGradient>"
)
_GOOD, _LATE, _FREE = "var(--good)", "var(--late)", "oklch(.8 .02 280)"


def half_frame_ms(sync: SyncReport) -> float:
    """The largest error of a cut that whole frames can help: half a frame, milliseconds."""
    return float(500 / Fraction(sync.fps))


def song_chart(sync: SyncReport, recipe: Recipe, curves: Mapping[str, FloatArray]) -> str:
    """Sections, energy over time, and a line a cut, coloured by how near its beat it lies."""
    length_s = sync.duration
    bands = "".join(
        f"<rect x={_x(section.start, length_s)} width={_x(section.end - section.start, length_s)} "
        f"y=0 height={_HEIGHT} fill=var(--two) fill-opacity={0.03 + 0.12 * section.energy:.3f} />"
        for section in recipe.metadata.structure
    )
    cuts = "".join(
        f"<line x1={_x(cut.time, length_s)} x2={_x(cut.time, length_s)} y1=0 y2={_HEIGHT} "
        f"stroke='{_color(cut, sync)}' stroke-opacity=.85 stroke-width=1.5 "
        f"vector-effect=non-scaling-stroke><title>{html.escape(cut.shot_id)} at {cut.time:.3f} s"
        f"</title></line>"
        for cut in sync.cuts
    )
    names = "".join(
        f"<span style='left:{_x(section.start, length_s) / _WIDTH:.2%};"
        f"width:{_x(section.end - section.start, length_s) / _WIDTH:.2%}'>{section.type}</span>"
        for section in recipe.metadata.structure
    )
    return (
        f"<div class='row names'>{names}</div>"
        f"<svg viewBox='0 0 {_WIDTH} {_HEIGHT}' preserveAspectRatio=none height={_HEIGHT} role=img "
        f"aria-label='energy of the song and the cuts of the film'>{bands}"
        f"{_SHADE}<polygon points='{_energy(curves, length_s)}' fill='url(#shade)' />"
        f"{cuts}</svg><div class=row>{_times(length_s)}</div>"
    )


def error_chart(sync: SyncReport) -> str:
    """A bar a cut: how late (up) or early (down) it is; the band is half a frame either way."""
    errors = [cut.error_ms or 0.0 for cut in sync.cuts]
    half = half_frame_ms(sync)
    reach = max(1.5 * half, *(abs(error) * 1.1 for error in errors))
    scale = 50 / reach
    step = _WIDTH / len(errors)
    bars = "".join(
        f"<rect x={(k + 0.2) * step:.2f} width={0.6 * step:.2f} "
        f"y={50 - max(error, 0) * scale - 0.4:.2f} height={abs(error) * scale + 0.8:.2f} "
        f"fill='{_color(cut, sync)}'><title>{html.escape(cut.shot_id)}: {_said(cut)}</title></rect>"
        for k, (error, cut) in enumerate(zip(errors, sync.cuts, strict=True))
    )
    return (
        f"<svg viewBox='0 0 {_WIDTH} 100' preserveAspectRatio=none height=110 role=img "
        f"aria-label='error of each cut'><rect x=0 width={_WIDTH} y={50 - half * scale:.2f} "
        f"height={2 * half * scale:.2f} fill=var(--one) fill-opacity=.16 />{bars}</svg>"
        f"<p class=key>One bar a cut, up when it is late; the band is half a frame, "
        f"{half:.1f} ms, either way.</p>"
    )


def _x(time_s: float, length_s: float) -> float:
    return round(min(time_s / length_s, 1.0) * _WIDTH, 1)


def _color(cut: CutReport, sync: SyncReport) -> str:
    if cut.error_ms is None:
        return _FREE
    return _GOOD if abs(cut.error_ms) <= half_frame_ms(sync) + 0.05 else _LATE


def _said(cut: CutReport) -> str:
    return "on free time" if cut.error_ms is None else f"{cut.error_ms:+.1f} ms"


def _energy(curves: Mapping[str, FloatArray], length_s: float) -> str:
    """Points of the song's energy, mirrored as waves are drawn."""
    energy = curves.get("energy", np.zeros(1, np.float32))
    times = np.linspace(0.0, length_s, _POINTS)
    levels = np.interp(times * CURVE_RATE_HZ, np.arange(len(energy)), energy)
    x, half = times / length_s * _WIDTH, levels * _HEIGHT * 0.42 + 0.6
    top = [f"{a:.1f},{_HEIGHT / 2 - h:.1f}" for a, h in zip(x, half, strict=True)]
    low = [f"{a:.1f},{_HEIGHT / 2 + h:.1f}" for a, h in zip(x, half, strict=True)]
    return " ".join([*top, *reversed(low)])


def _times(length_s: float) -> str:
    step_s = next((s for s in _STEPS_S if length_s / s <= _MOST_LABELS), _STEPS_S[-1])
    count = int(length_s / step_s - 0.25) + 1
    return "".join(
        f"<span class=at style='left:{k * step_s / length_s:.2%}'>"
        f"{k * step_s // 60}:{k * step_s % 60:02d}</span>"
        for k in range(count)
    )
