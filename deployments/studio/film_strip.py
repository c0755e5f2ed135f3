"""A film at a glance: its shots in the colours of its palette, the song's sections below them."""

import html
from collections.abc import Collection

from recipe_schema.recipe import Recipe, Shot

STRIP_STYLE = """
.song{padding:.7rem 1.2rem .5rem}
.strip{display:block;width:100%;height:2.4rem;cursor:pointer}.strip rect:hover{opacity:1}
.strip .stand-in{fill:var(--warn)}
.strip .now{stroke:var(--ink);stroke-width:2.5;vector-effect:non-scaling-stroke}
.names{display:block;width:100%}.names text{font-size:11.5px;fill:var(--dim)}
@media(max-width:45rem){.names{display:none}}
"""
# Width of the drawing in its own units; the page's script counts on it.
_WIDTH = 1000


def draw_strip(recipe: Recipe, stand_ins: Collection[str]) -> str:
    """The strip as SVG; a click on it goes to that time of the film.

    Args:
        recipe: The film's plan.
        stand_ins: Ids of shots that are not as asked; they are marked.
    """
    scale = _WIDTH / recipe.metadata.duration
    palette = recipe.visual_style.color_palette
    shots = "".join(
        _drawn(shot, scale, color=palette[number % len(palette)], stand_in=shot.id in stand_ins)
        for number, shot in enumerate(recipe.shot_list)
    )
    names = "".join(
        f"<text x={section.start * scale:.2f} y=14>{section.type}</text>"
        for section in recipe.metadata.structure
    )
    return (
        f"<div class=song><svg class=strip viewBox='0 0 {_WIDTH} 40' preserveAspectRatio=none "
        f"data-seconds={recipe.metadata.duration:.3f} role=img aria-label='shots of the film'>"
        f"{shots}<line class=now x1=0 x2=0 y1=4 y2=36 /></svg>"
        f"<svg class=names viewBox='0 0 {_WIDTH} 22' aria-hidden=true>{names}</svg></div>"
    )


def _drawn(shot: Shot, scale: float, *, color: str, stand_in: bool) -> str:
    """One shot; a line over it tells that it is a stand-in."""
    begin, width = shot.timestamp * scale, max(shot.duration * scale - 1, 0.5)
    told = f"{html.escape(shot.id)}, {html.escape(shot.visual_theme)}"
    mark = ""
    if stand_in:
        told += ", a stand-in"
        mark = f"<rect class=stand-in x={begin:.2f} y=2 width={width:.2f} height=3 />"
    return (
        f"<rect x={begin:.2f} y=8 width={width:.2f} height=24 fill='{color}' opacity=.85>"
        f"<title>{told}</title></rect>{mark}"
    )
