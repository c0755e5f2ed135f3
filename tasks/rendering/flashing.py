"""Tells where a clip flashes more often than photosensitive eyes bear."""

from tasks.media.flash_meter import FLASHES_A_SECOND, find_flashing
from tasks.media.light_grid import LightCurve
from tasks.rendering.renderer import RenderRequest


def flash_notes(curve: LightCurve, request: RenderRequest) -> tuple[str, ...]:
    """Say where a clip flashes too often, and what to do.

    Args:
        curve: The clip's light, as `LightMeter` measures it.
        request: What it was painted from.

    Returns:
        A sentence for light and one for saturated red, each for its first stretch; none where the
        clip keeps to the limit. They name the theme and not the shot, because a stored clip may
        serve another shot.
    """
    fps = float(request.fps)
    notes: dict[bool, str] = {}
    for span in find_flashing(curve, fps=fps):
        at_s = (span.start_frame - request.lead_frames) / fps
        kind = "in red " if span.red else ""
        notes.setdefault(
            span.red,
            f"a clip of {request.shot.visual_theme!r} flashes {kind}{span.flashes} times within a "
            f"second, {max(at_s, 0.0):.1f} s after its shot's start, and {FLASHES_A_SECOND} are "
            f"safe for photosensitive eyes; {_advice(request)}",
        )
    return tuple(notes.values())


def _advice(request: RenderRequest) -> str:
    if request.style.calm:
        return "it is calm already: give the shot another theme or seed, or less energy"
    return "make the film with --calm (visual_style.calm), or give the shot less energy"
