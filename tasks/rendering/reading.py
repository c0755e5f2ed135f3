"""What renderers read of a request: it shapes their pixels, and so the names of their clips."""

import hashlib
import unicodedata
from collections.abc import Mapping

from pydantic import JsonValue

from recipe_schema.base import SchemaModel
from tasks.rendering.drive import quantised
from tasks.rendering.renderer import Drive, RenderRequest

Reading = Mapping[str, JsonValue]

PROMPT = "prompt"  # the field of a reading that similar clips may differ in


class Sampling(SchemaModel):
    """How a generative model is run; each field changes its pixels.

    `guidance` is one scale, or one a step. `loras` are digests of their weights and scales, in
    the order in which they are merged: another order rounds otherwise.
    """

    model: str
    weights_revision: str
    steps: int
    guidance: float | tuple[float, ...]
    sampler: str
    precision: str
    negative: str = ""
    loras: tuple[tuple[str, float], ...] = ()


def painted(request: RenderRequest, *, hears: bool) -> Reading:
    """What a painter reads: theme, energy, words, look, motion, camera, and where the shot starts.

    The structured prompt counts where there is one, else the sentence.

    Args:
        request: The clip.
        hears: Whether the painter follows the song.
    """
    shot, style = request.shot, request.style
    return {
        "lead_frames": request.lead_frames,
        "theme": shot.visual_theme,
        "energy_level": shot.energy_level,
        "words": shot.prompt.model_dump() if shot.prompt else shot.mochi_prompt,
        "palette": [color.lower() for color in style.color_palette],
        "aesthetic": style.aesthetic,
        "motion_intensity": style.motion_intensity.value,
        "camera_style": style.camera_style,
        "calm": style.calm,
        "drive": _digest(request.drive) if hears and request.drive is not None else None,
    }


def prompted(request: RenderRequest, sampling: Sampling) -> Reading:
    """What a generative model reads: its prompt, as `prompt_of` gives it, and how it is run.

    Args:
        request: The clip.
        sampling: How the model is run.
    """
    negative = normalised(sampling.negative)
    return {**sampling.model_dump(), "negative": negative, PROMPT: prompt_of(request)}


def prompt_of(request: RenderRequest) -> str:
    """The prompt as generative models get it, so that equal names mean equal prompts."""
    return normalised(request.shot.mochi_prompt)


def normalised(text: str) -> str:
    """Words without differences that nobody sees: Unicode NFC, white space collapsed, ends bare.

    Capitals stay: text encoders tell "polish" from "Polish".
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def _digest(drive: Drive) -> str:
    return hashlib.sha256(quantised(drive).astype("<u2").tobytes()).hexdigest()
