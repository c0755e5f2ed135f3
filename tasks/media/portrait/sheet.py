"""The sheet that a song is drawn on: rows over one time axis, words that are measured first."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tasks.media.portrait.look import (
    BODY_PT,
    DIM,
    FACES,
    HELPERS,
    INK,
    PANEL,
    ROOM,
    SMALL_PT,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_IN = 12.0
DPI = 200
LEFT_IN, RIGHT_IN = 0.98, 0.42
PLOT_IN = WIDTH_IN - LEFT_IN - RIGHT_IN
COLUMNS = round(PLOT_IN * DPI)  # pixels along the song
_MISSING = "□"


class Sheet:
    """A figure that is filled from top to bottom."""

    def __init__(self, height_in: float, *, duration: float) -> None:
        """Lay out an empty sheet.

        Args:
            height_in: Of the picture, inches.
            duration: Seconds that a row is wide.
        """
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.figure: Figure = Figure(figsize=(WIDTH_IN, height_in), dpi=DPI, facecolor=ROOM)
        self.canvas = FigureCanvasAgg(self.figure)
        self.height_in, self.duration = height_in, duration
        self.lacking: set[str] = set()
        self._faces = list(faces())

    def row(
        self, name: str, top_in: float, height_in: float, *, panel: bool = True, note: str = ""
    ) -> Axes:
        """Add a row over the whole song.

        Args:
            name: Written to the left of it, and the axes' label.
            top_in: Distance of its upper edge from the sheet's, inches.
            height_in: Its height, inches.
            panel: Whether it lies on a lighter ground.
            note: Smaller, under its name.

        Returns:
            Axes from 0 to the duration, and from 0 to 1, without ticks.
        """
        bottom = 1.0 - (top_in + height_in) / self.height_in
        axes = self.figure.add_axes(
            (LEFT_IN / WIDTH_IN, bottom, PLOT_IN / WIDTH_IN, height_in / self.height_in),
            label=name,
            facecolor=PANEL if panel else "none",
        )
        axes.set(xlim=(0.0, self.duration), ylim=(0.0, 1.0), xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        middle = top_in + height_in / 2
        lift = 0.075 if note else 0.0
        at = LEFT_IN - 0.12
        self.write(name, at, middle - lift, size=BODY_PT, color=INK, side="right", level="center")
        if note:
            self.write(note, at, middle + lift, size=SMALL_PT, side="right", level="center")
        return axes

    def write(
        self,
        text: str,
        x_in: float,
        y_in: float,
        *,
        size: float = SMALL_PT,
        color: str = DIM,
        side: str = "left",
        level: str = "top",
        bold: bool = False,
    ) -> None:
        """Write on the sheet, inches from its upper left corner."""
        self.figure.text(
            x_in / WIDTH_IN,
            1.0 - y_in / self.height_in,
            text,
            size=size,
            color=color,
            ha=side,
            va=level,
            weight="bold" if bold else "normal",
            family=self._faces,
            parse_math=False,
        )

    def mark(
        self,
        axes: Axes,
        x: float,
        y: float,
        text: str,
        *,
        size: float = SMALL_PT,
        color: str = DIM,
        side: str = "center",
        level: str = "center",
        bold: bool = False,
    ) -> None:
        """Write in a row, at a time and a height of it."""
        axes.text(
            x,
            y,
            text,
            size=size,
            color=color,
            ha=side,
            va=level,
            weight="bold" if bold else "normal",
            family=self._faces,
            clip_on=False,
            parse_math=False,
        )

    def width_in(self, text: str, size: float, *, bold: bool = False) -> float:
        """How wide words are, inches."""
        from matplotlib.font_manager import FontProperties

        face = FontProperties(family=self._faces, size=size, weight="bold" if bold else "normal")
        renderer = self.canvas.get_renderer()  # type: ignore[no-untyped-call]  # matplotlib's own
        width, _, _ = renderer.get_text_width_height_descent(text, face, False)
        return float(width) / DPI

    def seconds_of(self, width_in: float) -> float:
        """How much of the song lies in a width."""
        return width_in / PLOT_IN * self.duration

    def spelt(self, text: str) -> str:
        """The words with a box for each letter that no font here has; those are remembered."""
        missing = {letter for letter in text if ord(letter) not in known_letters()}
        self.lacking |= missing
        return "".join(_MISSING if letter in missing else letter for letter in text)

    def cut(self, text: str, size: float, most_in: float, *, bold: bool = False) -> str:
        """The words, or as many of them as are not wider, and three dots."""
        if self.width_in(text, size, bold=bold) <= most_in:
            return text
        # Far more letters than ever fit are not measured one by one.
        text = text[:200]
        while text and self.width_in(f"{text}…", size, bold=bold) > most_in:
            text = text[:-1].rstrip()
        return f"{text}…"


@functools.cache
def faces() -> tuple[str, ...]:
    """Families to write with, the first with the letters that are at hand."""
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    first = next(face for face in FACES if face in installed)
    return (first, *(face for face in HELPERS if face in installed and face != first))


@functools.cache
def known_letters() -> frozenset[int]:
    """Code points that the families have together."""
    from matplotlib.font_manager import FontProperties, fontManager, get_font

    found: set[int] = set()
    for face in faces():
        file = fontManager.findfont(FontProperties(family=[face]))
        found |= set(get_font(file).get_charmap())
    return frozenset(found)


def condense(
    values: npt.NDArray[np.float32], rate_hz: float, how: np.ufunc
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]:
    """Leave no more points than a row has pixels.

    Args:
        values: Samples, shape (samples,) or (samples, k).
        rate_hz: Samples a second.
        how: `np.maximum`, `np.minimum` or `np.add` (their mean then).

    Returns:
        Times of the points in seconds, and the points.
    """
    count = min(len(values), COLUMNS)
    if count == 0:
        return np.zeros(0), values
    edges = np.arange(count + 1) * len(values) // count
    points = how.reduceat(values, edges[:-1], axis=0)
    if how is np.add:
        points = points / np.diff(edges).reshape(-1, *[1] * (values.ndim - 1))
    return edges[:-1] / rate_hz, points.astype(np.float32)
