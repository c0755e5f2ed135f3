"""Bring 8 bit 4:2:0 pictures to 10 bit 4:2:2 without rounding, for editing codecs.

Luma is shifted. A chroma row of 4:2:0 lies in the middle between two rows of luma (MPEG-2 siting),
so the rows of 4:2:2 lie a quarter of a row above and below it: weights 3/4 and 1/4, which the two
further bits hold exactly. Whole numbers only, so that every machine makes the same picture.

Source: ITU-T H.264, figure 6-3 (chroma sample locations).
"""

from typing import Any

import av
import numpy as np
import numpy.typing as npt

TEN_BIT = "yuv422p10le"


def to_ten_bit(frame: Any) -> Any:
    """Copy a yuv420p frame as `TEN_BIT`.

    Args:
        frame: 8 bit, both sizes even.

    Returns:
        A new frame of the same size: luma times 4, chroma of twice the rows.
    """
    wide = av.VideoFrame(frame.width, frame.height, TEN_BIT)
    y, u, v = (_samples(plane, np.uint8) for plane in frame.planes)
    wide_y, wide_u, wide_v = (_samples(plane, np.uint16) for plane in wide.planes)
    np.left_shift(y, 2, out=wide_y, dtype=np.uint16)
    for rows, wide_rows in ((u, wide_u), (v, wide_v)):
        _double_rows(rows, wide_rows)
    return wide


def _samples(plane: Any, kind: type[np.generic]) -> npt.NDArray[Any]:
    """View of a plane, padding cut off."""
    values = np.frombuffer(plane, kind)
    return values.reshape(plane.height, -1)[:, : plane.width]


def _double_rows(rows: npt.NDArray[np.uint8], out: npt.NDArray[np.uint16]) -> None:
    """Four times the rows between two rows; the outermost ones repeat."""
    out[0::2] = out[1::2] = rows.astype(np.uint16) * 3
    out[2::2] += rows[:-1]
    out[1:-1:2] += rows[1:]
    out[0] += rows[0]
    out[-1] += rows[-1]
