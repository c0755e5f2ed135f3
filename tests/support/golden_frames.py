"""Small frames of every transition and effect, painted as a film's are, for golden pictures.

Run as a script, this remakes the committed ones: ``python -m support.golden_frames`` in `tests`.
Look at the difference before it is committed: the pictures are what users see.
"""

import math
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recipe_schema.assembly import Grading, TimelineEvent
from recipe_schema.vocabulary import Effect, Transition
from support.pictures import Plane, Planes, film_frame, picture_job
from tasks.assembly.compositor import Compositor
from tasks.assembly.effects import EFFECTS
from tasks.assembly.job import FilmJob
from tasks.assembly.transitions import TRANSITIONS

FOLDER = Path(__file__).parents[1] / "assembly" / "golden"
SIZE = (128, 72)
RATE = 30
CUT_S, EVENT_S, BEAT_S = 2.0, 0.5, 0.5
STRENGTHS = (1.0, 2.0)
PAINTED = tuple(kind for kind in Transition if TRANSITIONS[kind].painter)
# Where frames are taken: shares of the way before (below 0) and after the cut.
_AROUND, _BEFORE = (-0.5, 0.0, 0.5), (-0.8, -0.5, 0.0)


def stage() -> Planes:
    """Dusk: a sky that shades off, a lamp, and two people before stripes."""
    x, y = _grid()
    luma = 40.0 + 90.0 * y + 30.0 * np.sin(x * 40.0) * (y > 0.72)
    u = 128.0 + 34.0 * (1.0 - y) - 26.0 * (y > 0.72)
    v = 128.0 + 20.0 * x - 10.0
    _lay(luma, u, v, (x - 0.8) ** 2 * 3.0 + (y - 0.25) ** 2 < 0.016, (232, 110, 140))
    for middle, colour in ((0.3, (70, 105, 168)), (0.52, (95, 160, 100))):
        body = ((x - middle) / 0.085) ** 2 + ((y - 0.83) / 0.3) ** 2 < 1.0
        head = ((x - middle) / 0.045) ** 2 + ((y - 0.46) / 0.085) ** 2 < 1.0
        _lay(luma, u, v, body, colour)
        _lay(luma, u, v, head, (165, 112, 152))
    return _planes(luma, u, v)


def street() -> Planes:
    """Noon: tiles in colours of their own, a wedge of grey steps, and a fine check."""
    x, y = _grid()
    luma = 140.0 - 60.0 * y
    u, v = 128.0 + 30.0 * np.cos(5.0 * x), 128.0 + 30.0 * np.sin(7.0 * y)
    for k in range(6):
        tile = (abs(x - 0.1 - 0.16 * k) < 0.06) & (abs(y - 0.35) < 0.2)
        _lay(luma, u, v, tile, (40 + 30 * k, 90 + 15 * k, 165 - 14 * k))
    steps = y > 0.86
    luma[steps] = 16.0 + np.floor(x[steps] * 8.0) * 30.0
    u[steps] = v[steps] = 128.0
    check = (abs(x - 0.75) < 0.12) & (abs(y - 0.7) < 0.1)
    luma[check] = np.where((np.floor(x * 32) + np.floor(y * 18)) % 2, 190.0, 60.0)[check]
    return _planes(luma, u, v)


def _grid() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    width, height = SIZE
    x, y = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    return x, y


def _lay(
    luma: NDArray[np.float64],
    u: NDArray[np.float64],
    v: NDArray[np.float64],
    where: NDArray[np.bool_],
    colour: tuple[int, int, int],
) -> None:
    for plane, value in zip((luma, u, v), colour, strict=True):
        plane[where] = value


def _planes(*values: NDArray[np.float64]) -> Planes:
    luma, u, v = (np.clip(np.round(value), 16, 235).astype(np.uint8) for value in values)
    return luma, np.ascontiguousarray(u[::2, ::2]), np.ascontiguousarray(v[::2, ::2])


def transition_frames(kind: Transition, folder: Path) -> list[Planes]:
    """The frames of a transition from the stage to the street that are kept."""
    job = _ungraded(
        folder,
        [[stage()], [street()]],
        starts_s=(0.0, CUT_S),
        duration_s=2 * CUT_S,
        shots=({}, {"transition_in": kind}),
    )
    placed = job.timeline.shots[1]
    with closing(Compositor(job)) as compositor:
        return [
            film_frame(compositor, job, placed.cut_frame + math.floor(share * length))
            for share in (_AROUND if placed.trail_frames else _BEFORE)
            for length in [placed.lead_frames if share < 0 else placed.trail_frames]
        ]


def effect_frames(effect: Effect, folder: Path) -> list[Planes]:
    """A frame of the street under an event of one effect, at each strength, where it is full."""
    attack_s = EFFECTS[effect].envelope(beat_s=BEAT_S).attack_s
    frames = []
    for strength in STRENGTHS:
        event = TimelineEvent(time=EVENT_S, event="x", effects=(effect,), strength=strength)
        job = _ungraded(folder, [[street()]], duration_s=3.0, events=(event,))
        with closing(Compositor(job)) as compositor:
            frame = round((EVENT_S + attack_s) * RATE)
            frames.append(film_frame(compositor, job, frame))
    return frames


def _ungraded(folder: Path, clips: list[list[Planes]], **options: Any) -> FilmJob:
    """A job that shows its clips' own colours."""
    job = picture_job(folder, clips, size=SIZE, fps=Fraction(RATE), **options)
    told = job.recipe.assembly_instructions.model_copy(update={"grade": Grading(strength=0.0)})
    return replace(job, recipe=job.recipe.model_copy(update={"assembly_instructions": told}))


def as_picture(frames: list[Planes]) -> Plane:
    """Frames side by side; each one's luma above its two chroma planes."""
    return np.hstack([np.vstack([y, np.hstack([u, v])]) for y, u, v in frames])


def golden(name: str) -> Plane:
    """The committed picture."""
    return np.asarray(Image.open(FOLDER / f"{name}.png"), np.uint8)


def pictures(folder: Path) -> Iterator[tuple[str, Plane]]:
    """Name and picture of every transition and effect, newly painted."""
    for kind in PAINTED:
        yield f"transition-{kind.value}", as_picture(transition_frames(kind, _made(folder / "two")))
    for effect in Effect:
        yield f"effect-{effect.value}", as_picture(effect_frames(effect, _made(folder / "one")))


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def main() -> None:
    """Write all golden pictures anew."""
    with tempfile.TemporaryDirectory() as folder:
        for name, picture in pictures(Path(folder)):
            Image.fromarray(picture).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
