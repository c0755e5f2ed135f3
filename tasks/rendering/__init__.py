"""Rendering: a shot becomes a clip, by whichever renderer the recipe or the settings name."""

from pathlib import Path

from tasks.rendering.renderer import Progress, RenderRequest, Told, load_renderer

__all__ = ["render"]


def render(
    request: RenderRequest,
    path: Path,
    *,
    renderer: str,
    progress: Progress = lambda done, total: None,
) -> Told:
    """Render one shot into a file.

    Args:
        request: Everything that shapes the clip's pixels.
        path: Where the clip goes; it appears there only when it is complete.
        renderer: Name of the renderer, such as procedural.
        progress: Called with frames done and frames in all.

    Returns:
        What a person should know of it, such as a theme that something else stands in for.

    Raises:
        BadInputError: The renderer is unknown or cannot make what is asked.
        RunCancelledError: Somebody asked the work to stop.
    """
    return load_renderer(renderer).render(request, path, progress=progress)
