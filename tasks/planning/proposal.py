"""A proposed recipe in words: the storyboard that a person reads before a film is rendered."""

from collections.abc import Sequence

from recipe_schema.recipe import Recipe, Shot

# Characters of a shot's picture in a table: two lines of the dashboard's dialog.
_PICTURE = 76
_SHOWN_WARNINGS = 8
_CALM = ", calm (no flashes, soft beats, no shaking)"


def describe_proposal(
    recipe: Recipe,
    *,
    told: Sequence[str] = (),
    warnings: Sequence[str] = (),
    estimate: str = "",
    file: str = "",
) -> str:
    """Write the page that opens a review, as markdown.

    Args:
        recipe: What is proposed.
        told: What must be read before the film can go on; comes first.
        warnings: What is odd and would be lived with.
        estimate: What rendering will take, in words.
        file: Key of the recipe in the artifact store.
    """
    style = recipe.visual_style
    parts = [
        f"### {len(recipe.shot_list)} shots for {recipe.metadata.duration:.1f} s",
        _listed("**Please read this first:**", told),
        f"Look **{style.aesthetic}**{_CALM if style.calm else ''}, "
        f"colours {' '.join(f'`{c}`' for c in style.color_palette)}, "
        f"{recipe.metadata.bpm:.0f} BPM, seed {recipe.seed}.",
        estimate,
        _listed("Odd, and lived with:", warnings),
        storyboard_table(recipe),
        f"The recipe is in the store as `{file}`." if file else "",
    ]
    return "\n\n".join(part for part in parts if part)


def storyboard_table(recipe: Recipe) -> str:
    """A line a shot, as a markdown table."""
    lines = ["| shot | from | for | section | theme | picture |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {shot.id} | {shot.timestamp:.1f}\u00a0s | {shot.duration:.1f}\u00a0s | {shot.section} "
        f"| {_cell(shot.visual_theme)} | {_cell(_picture(shot))} |"
        for shot in recipe.shot_list
    ]
    return "\n".join(lines)


def _listed(title: str, lines: Sequence[str]) -> str:
    """A title and its lines, the first few."""
    if not lines:
        return ""
    more = len(lines) - _SHOWN_WARNINGS
    shown = [f"- {_cell(line)}" for line in lines[:_SHOWN_WARNINGS]]
    if more > 0:
        shown.append(f"- and {more} more")
    return "\n".join([title, "", *shown])


def _picture(shot: Shot) -> str:
    """What a shot shows, shortly: its structured prompt's subject if it has one."""
    fields = shot.prompt
    text = f"{fields.subject} {fields.action}".strip() if fields else shot.mochi_prompt
    return text if len(text) <= _PICTURE else text[: _PICTURE - 1].rstrip() + "…"


def _cell(text: str) -> str:
    """Text that stays inside its cell or list item and is no markup."""
    plain = " ".join(text.split())
    for mark in ("\\", "|", "`", "*", "_", "[", "<"):
        plain = plain.replace(mark, f"\\{mark}")
    return plain
