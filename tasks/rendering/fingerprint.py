"""The name of a clip's content: equal for two requests exactly when their pixels are."""

import hashlib
import json

from pydantic import JsonValue

from tasks.rendering.reading import PROMPT
from tasks.rendering.renderer import Renderer, RenderRequest

FINGERPRINT_VERSION = 2  # raise it when fields are added or read differently


def fingerprint(request: RenderRequest, *, renderer: Renderer) -> str:
    """Digest what shapes a clip's pixels, and nothing else.

    Size, rate, length and seed shape every clip; the rest is what the renderer says that it
    reads. A shot's id, lock, transitions and place in the song are read by none.

    Returns:
        Lower-case hex sha256 of canonical JSON.
    """
    return _digest(_common(request, renderer), dict(renderer.reads(request)))


def kinship(request: RenderRequest, *, renderer: Renderer) -> str | None:
    """Digest everything but prompt and seed: clips of one kinship may stand in for each other.

    Returns:
        Lower-case hex sha256; None when no other clip may stand in, because the renderer follows
        the song or does not work from a prompt.
    """
    reads = dict(renderer.reads(request))
    if renderer.limits().uses_song or reads.pop(PROMPT, None) is None:
        return None
    return _digest(_common(request, renderer) | {"seed": None}, reads)


def _common(request: RenderRequest, renderer: Renderer) -> dict[str, JsonValue]:
    return {
        "fingerprint_version": FINGERPRINT_VERSION,
        "renderer": renderer.name,
        "renderer_version": renderer.version(request),
        "size": [request.width_px, request.height_px],
        "fps": f"{request.fps.numerator}/{request.fps.denominator}",
        "frames": request.frames,
        "seed": request.seed,
    }


def _digest(common: dict[str, JsonValue], reads: dict[str, JsonValue]) -> str:
    text = json.dumps(common | {"reads": reads}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
