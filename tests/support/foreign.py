"""Pictures as they come from cameras and other generators: lit and coloured in many ways."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasks.assembly import oklab

Plane = NDArray[np.uint8]
Planes = tuple[Plane, Plane, Plane]
Picture = NDArray[np.float64]

SIZE = (160, 90)
# Fair, tan and deep skin in daylight, gamma-coded.
SKINS = ((0.86, 0.68, 0.58), (0.72, 0.52, 0.40), (0.42, 0.28, 0.21))


class Scene(NamedTuple):
    """The colours between which a scene lies, and the light on the people in it."""

    dark: tuple[float, float, float]
    light: tuple[float, float, float]
    on_skin: float | None = None


SCENES = {
    "warm photo": Scene((0.25, 0.15, 0.08), (0.95, 0.80, 0.55), 1.0),
    "cold day": Scene((0.10, 0.18, 0.30), (0.80, 0.90, 1.00), 1.0),
    "fog": Scene((0.45, 0.48, 0.50), (0.72, 0.74, 0.75), 0.9),
    "night": Scene((0.00, 0.01, 0.03), (0.20, 0.22, 0.35), 0.45),
    "snow": Scene((0.62, 0.60, 0.60), (1.00, 0.99, 0.97), 1.08),
    "green cast": Scene((0.02, 0.15, 0.05), (0.55, 0.85, 0.45)),
    "magenta club": Scene((0.08, 0.00, 0.10), (0.95, 0.25, 0.85)),
    "contrast": Scene((-0.4, -0.4, -0.4), (1.4, 1.4, 1.4)),
}


def skin_boxes() -> list[tuple[slice, slice]]:
    """Rows and columns of the three patches of skin."""
    width, height = SIZE
    rows = slice(round(height * 0.3), round(height * 0.7))
    lefts = (width * (0.12 + 0.27 * k) for k in range(len(SKINS)))
    return [(rows, slice(round(left), round(left + 0.16 * width))) for left in lefts]


def paint(scene: Scene) -> Picture:
    """Soft shapes from a scene's darkest to its lightest colour; people if it has any."""
    width, height = SIZE
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width]).reshape(2, 1, 1)
    rng = np.random.default_rng(11)
    waves = sum(
        np.sin(a * k * x + b * k * y + p) / k
        for k, (a, b, p) in enumerate(rng.uniform(-6.0, 6.0, (7, 3)), 1)
    )
    waves = np.asarray(waves)
    share = ((waves - waves.min()) / np.ptp(waves))[..., None]
    picture = np.array(scene.dark) * (1.0 - share) + np.array(scene.light) * share
    if scene.on_skin is not None:
        for box, skin in zip(skin_boxes(), SKINS, strict=True):
            columns = box[1].stop - box[1].start
            shade = (0.85 + 0.15 * np.linspace(0.0, 1.0, columns))[None, :, None]
            picture[box] = np.array(skin) * scene.on_skin * shade
    return np.clip(picture, 0.0, 1.0)


def to_planes(picture: Picture) -> Planes:
    """A picture as a codec stores it."""
    height, width, _ = picture.shape
    luma, pair = oklab.rgb_to_differences(picture)
    small = pair.reshape(height // 2, 2, width // 2, 2, 2).mean(axis=(1, 3))
    u, v = np.ascontiguousarray(np.moveaxis(np.round(128.0 + 224.0 * small), -1, 0), np.uint8)
    return np.asarray(np.round(16.0 + 219.0 * luma), np.uint8), u, v
