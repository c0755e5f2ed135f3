"""Where each pixel looks: from the picture's grid to the scene, by the moment's camera."""

import math

import numpy as np

from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.renderer import FloatArray


def look_through(moment: Moment, *, height_px: int, width_px: int) -> FloatArray:
    """Affine map from pixel (x, y) to scene (x, y); the picture's half-height is one unit.

    Returns:
        Six numbers (xx, xy, x0, yx, yy, y0): scene x = xx * px + xy * py + x0, and so on.
    """
    unit = moment.scale * 2.0 / height_px
    cosine, sine = math.cos(moment.turn) * unit, math.sin(moment.turn) * unit
    mid_x, mid_y = (width_px - 1) / 2.0, (height_px - 1) / 2.0
    return np.array(
        [
            cosine, -sine, moment.pan_x - cosine * mid_x + sine * mid_y,
            sine, cosine, moment.pan_y - sine * mid_x - cosine * mid_y,
        ],
        np.float32,
    )  # fmt: skip


def to_pixels(view: FloatArray) -> FloatArray:
    """The way back: from scene to pixel."""
    xx, xy, x0, yx, yy, y0 = (float(v) for v in view)
    det = xx * yy - xy * yx
    a, b, c, d = yy / det, -xy / det, -yx / det, xx / det
    return np.array([a, b, -(a * x0 + b * y0), c, d, -(c * x0 + d * y0)], np.float32)
