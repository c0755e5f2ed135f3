"""The name of a clip's content: equal for two requests exactly when their pixels are."""

import hashlib
import json

from tasks.rendering.drive import quantised
from tasks.rendering.renderer import Drive, Renderer, RenderRequest

FINGERPRINT_VERSION = 1  # raise it when fields are added or read differently


def fingerprint(request: RenderRequest, *, renderer: Renderer) -> str:
    """Digest what shapes a clip's pixels, and nothing else.

    A shot's id, lock, transitions and place in the song are left out: of its place only the
    number of frames before the shot's own start counts. The song counts where the renderer
    listens to it.

    Returns:
        Lower-case hex sha256 of canonical JSON.
    """
    text = json.dumps(_shaping_fields(request, renderer), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _shaping_fields(request: RenderRequest, renderer: Renderer) -> dict[str, object]:
    shot, style = request.shot, request.style
    listens = renderer.limits().uses_song and request.drive is not None
    return {
        "fingerprint_version": FINGERPRINT_VERSION,
        "renderer": renderer.name,
        "renderer_version": renderer.version(request),
        "size": [request.width_px, request.height_px],
        "fps": f"{request.fps.numerator}/{request.fps.denominator}",
        "frames": request.frames,
        "lead_frames": request.lead_frames,
        "seed": request.seed,
        "text": shot.mochi_prompt,
        "prompt": shot.prompt.model_dump() if shot.prompt else None,
        "theme": shot.visual_theme,
        "energy_level": shot.energy_level,
        "palette": [color.lower() for color in style.color_palette],
        "aesthetic": style.aesthetic,
        "motion_intensity": style.motion_intensity.value,
        "camera_style": style.camera_style,
        "drive": _digest(request.drive) if listens and request.drive else None,
    }


def _digest(drive: Drive) -> str:
    return hashlib.sha256(quantised(drive).astype("<u2").tobytes()).hexdigest()
