"""Makes small requests for clips, with and without a song."""

from fractions import Fraction

import numpy as np

from recipe_schema.recipe import Shot, ShotPrompt, VisualStyle
from recipe_schema.vocabulary import MotionIntensity, SectionType
from tasks.rendering.drive import drive_for
from tasks.rendering.renderer import Drive, RenderRequest

NEON = ("#ff006e", "#00f5ff", "#7209b7", "#00ff88")
WARM = ("#ff7b00", "#ffd000", "#d00000", "#3c096c")
CALM = ("#0b3954", "#087e8b", "#bfd7ea", "#ff5a5f")


def make_shot(
    theme: str = "liquid-abstract",
    *,
    energy: float = 0.6,
    timestamp: float = 0.0,
    text: str = "abstract light in motion",
    prompt: ShotPrompt | None = None,
) -> Shot:
    """A shot of two seconds."""
    return Shot(
        id="shot_001",
        timestamp=timestamp,
        duration=2.0,
        section=SectionType.VERSE,
        mochi_prompt=text,
        visual_theme=theme,
        energy_level=energy,
        prompt=prompt,
    )


def make_style(
    palette: tuple[str, ...] = NEON, *, motion: str = "medium", camera: str = "steady"
) -> VisualStyle:
    """A film's look."""
    return VisualStyle(
        aesthetic="abstract",
        color_palette=palette,
        motion_intensity=MotionIntensity(motion),
        camera_style=camera,
    )


def make_drive(
    *, frames: int, fps: Fraction = Fraction(30), start_s: float = 0.0, bpm: float = 120.0
) -> Drive:
    """A steady kick with hats between, at one tempo, loud all the way."""
    seconds = max(start_s, 0.0) + frames / float(fps) + 4.0
    time = np.arange(int(seconds * 100)) / 100
    beat = 60.0 / bpm
    curves = {
        "energy": np.full(len(time), 0.7, np.float32),
        "bass": np.exp(-4 * (time % beat) / beat).astype(np.float32),
        "mids": np.full(len(time), 0.5, np.float32),
        "highs": np.exp(-6 * (time % (beat / 2)) / beat).astype(np.float32),
    }
    beats = np.arange(0.0, seconds, beat)
    return drive_for(
        curves, beats=beats, downbeats=beats[::4], start_s=start_s, frames=frames, fps=fps
    )


def make_request(
    shot: Shot | None = None,
    style: VisualStyle | None = None,
    *,
    width_px: int = 160,
    height_px: int = 96,
    fps: Fraction = Fraction(30),
    frames: int = 12,
    start_s: float = 0.0,
    seed: int = 7,
    drive: Drive | None = None,
) -> RenderRequest:
    """A tiny clip."""
    return RenderRequest(
        shot=shot or make_shot(),
        style=style or make_style(),
        width_px=width_px,
        height_px=height_px,
        fps=fps,
        frames=frames,
        start_s=start_s,
        seed=seed,
        drive=drive,
    )
