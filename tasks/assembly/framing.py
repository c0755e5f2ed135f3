"""What of a clip fills the film: a part of the film's shape, or all of it with a soft surround."""

import numpy as np

from recipe_schema.vocabulary import Fit
from tasks.assembly.kernels import Int32Array, UInt8Array
from tasks.assembly.kernels_surround import (
    CELL,
    average_blocks,
    mean_cells,
    paint_surround,
    soften_cells,
)
from tasks.media.frames import Planes

Box = tuple[int, int, int, int]
"""Left, top, right, bottom; half-open."""

# The surround is the clip's own picture at so much of its light and of its colour.
_LIGHT, _COLOUR = 0.42, 0.75
# Times that a mean of 3 x 3 cells is taken: a blur of 32 pixels (standard deviation).
_SOFTER = 8


class Framing:
    """Brings decoded planes to the film's shape."""

    def __init__(
        self,
        clip: tuple[int, int],
        film: tuple[int, int],
        *,
        fit: Fit = Fit.COVER,
        focus: tuple[float, float] = (0.5, 0.5),
    ) -> None:
        """Plan what is shown.

        Args:
            clip: Width and height of the clip's pictures.
            film: Width and height of the film.
            fit: Fill the film, or show all of the clip.
            focus: What a crop keeps near its middle, as shares of width and height.
        """
        whole = fit is Fit.CONTAIN
        self._box = _whole_box(clip) if whole else cover_box(clip, film, focus)
        left, top, right, bottom = self._box
        across, down = (right - left) // film[0], (bottom - top) // film[1]
        # A narrow clip keeps two pixels of its width.
        most = min(right - left, bottom - top) // 2
        self._factor = max(1, min(max(across, down) if whole else min(across, down), most))
        self._inner = (self._smaller(right - left), self._smaller(bottom - top))
        self._canvas = _around(self._inner, film) if whole else self._inner
        self.width, self.height = self._canvas

    @property
    def surrounds(self) -> bool:
        """Whether the clip leaves a part of the film to its surround."""
        return self._canvas != self._inner

    def crop(self, planes: Planes) -> Planes:
        """Cut a clip's picture, and make it smaller where it is twice the film's size."""
        left, top, right, bottom = self._box
        y, u, v = planes
        y = y[top:bottom, left:right]
        u, v = (c[top // 2 : (bottom + 1) // 2, left // 2 : (right + 1) // 2] for c in (u, v))
        return self._shrunk((y, u, v)) if self._factor > 1 else (y, u, v)

    def surround(self, planes: Planes) -> Planes:
        """Lay a cut picture into the middle of the film's shape, itself large and soft around."""
        width, height = self._canvas
        inner_w, inner_h = self._inner
        left, top = (width - inner_w) // 4 * 2, (height - inner_h) // 4 * 2
        seen = cover_box(self._inner, self._canvas)
        made = []
        for plane, half in zip(planes, (1, 2, 2), strict=True):
            out = np.empty((height // half, width // half), np.uint8)
            cells = _soft_cells(plane, seen, out.shape, CELL // half, luma=half == 1)
            paint_surround(out, cells, CELL // half)
            at_y, at_x = top // half, left // half
            out[at_y : at_y + inner_h // half, at_x : at_x + inner_w // half] = plane
            made.append(out)
        return made[0], made[1], made[2]

    def _smaller(self, side: int) -> int:
        return side // self._factor // 2 * 2

    def _shrunk(self, planes: Planes) -> Planes:
        width, height = self._inner
        sizes = ((height, width), (height // 2, width // 2), (height // 2, width // 2))
        made = [np.empty(size, np.uint8) for size in sizes]
        for out, plane in zip(made, planes, strict=True):
            average_blocks(out, np.ascontiguousarray(plane), self._factor)
        return made[0], made[1], made[2]


def cover_box(
    clip: tuple[int, int], film: tuple[int, int], focus: tuple[float, float] = (0.5, 0.5)
) -> Box:
    """Largest even box of the film's shape in a clip, as near to the focus as the clip allows."""
    clip_w, clip_h = (side // 2 * 2 for side in clip)
    film_w, film_h = film
    # Rounded outwards to even numbers, so that less than two pixels of shape are lost.
    width = min(clip_w, -(-clip_h * film_w // (2 * film_h)) * 2)
    height = min(clip_h, -(-clip_w * film_h // (2 * film_w)) * 2)
    left, top = (
        min(max(int(at * whole - side / 2) // 2 * 2, 0), whole - side)
        for at, whole, side in zip(focus, (clip_w, clip_h), (width, height), strict=True)
    )
    return left, top, left + width, top + height


def _whole_box(clip: tuple[int, int]) -> Box:
    """All of a clip but an odd last row or column."""
    return 0, 0, clip[0] // 2 * 2, clip[1] // 2 * 2


def _around(inner: tuple[int, int], film: tuple[int, int]) -> tuple[int, int]:
    """Smallest even size of the film's shape that holds a picture."""
    width, height = inner
    film_w, film_h = film
    wide = max(width, round(height * film_w / (2 * film_h)) * 2)
    high = max(height, round(width * film_h / (2 * film_w)) * 2)
    return (wide, height) if wide > width else (width, high)


def _soft_cells(
    plane: UInt8Array, seen: Box, shape: tuple[int, int], cell: int, *, luma: bool
) -> Int32Array:
    """Means of a part of a plane on the grid of a surround, blurred and darkened; times 256."""
    half = CELL // cell
    left, top, right, bottom = (side // half for side in seen)
    rows, columns = -(-shape[0] // cell), -(-shape[1] // cell)
    cells, spare = np.empty((rows, columns), np.int32), np.empty((rows, columns), np.int32)
    mean_cells(cells, np.ascontiguousarray(plane[top:bottom, left:right]))
    for _ in range(_SOFTER):
        soften_cells(spare, cells)
        cells, spare = spare, cells
    ground, share = (16, _LIGHT) if luma else (128, _COLOUR)
    parts = round(share * 256)
    return np.asarray((cells - 256 * ground) * parts // 256 + 256 * ground, np.int32)
