"""The planning room: a song's analysis in, a recipe for its film out."""

from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import RendererLimits
from recipe_schema.recipe import Recipe, RecipeMetadata, RecipeSection
from tasks.errors import BadInputError
from tasks.planning.cues import instructions
from tasks.planning.grid import build_grid, lay_pieces
from tasks.planning.prompts import PromptWriter
from tasks.planning.shots import longest_shot_s, place_shots
from tasks.planning.storyboard import Sketch, draw_shots, open_and_close
from tasks.planning.style import choose_look

__all__ = ["plan"]

SLOWEST_PACE, FASTEST_PACE = 0.25, 4.0  # beyond, a film is one shot or a flicker


class BadPaceError(BadInputError):
    """A pace that no film can have."""


def plan(
    analysis: SongAnalysis,
    *,
    seed: int = 0,
    style: str | None = None,
    limits: RendererLimits | None = None,
    pace: float = 1.0,
    calm: bool = False,
) -> Recipe:
    """Plan the film of a song: shots that tile it, cut on its beats, in one look.

    Args:
        analysis: The song, or an excerpt of it.
        seed: Same seed, same recipe, byte for byte; another seed, another film.
        style: Name of an aesthetic; None chooses one by the song.
        limits: What the renderer can make; shots keep to it.
        pace: 2 makes about twice as many shots, 0.5 half.
        calm: For photosensitive eyes: no flashes, no shaking, soft key moments, two cuts a second
            at most.

    Raises:
        UnknownStyleError: No aesthetic is called `style`.
        BadPaceError: `pace` is outside 0.25 to 4.
    """
    if not SLOWEST_PACE <= pace <= FASTEST_PACE:
        raise BadPaceError(f"pace {pace:g} is outside {SLOWEST_PACE} to {FASTEST_PACE:g}")
    look = choose_look(analysis, seed=seed, style=style, calm=calm)
    grid = build_grid(analysis)
    pieces = lay_pieces(analysis, grid)
    spans = place_shots(pieces, grid, seed=seed, pace=pace, limits=limits, calm=calm)
    sketch = Sketch(
        pieces=pieces,
        grid=grid,
        look=look,
        seed=seed,
        writer=PromptWriter(look.aesthetic, look.visual_style, seed),
        taken=set(),
        slow_allowed=longest_shot_s(limits) == float("inf"),
    )
    return Recipe(
        seed=seed,
        song_sha256=analysis.song.sha256,
        metadata=RecipeMetadata(
            duration=analysis.duration,
            bpm=analysis.tempo_bpm,
            key=analysis.key,
            mood=analysis.mood.style,
            structure=tuple(
                RecipeSection(type=p.type, start=p.start, end=p.end, energy=p.energy)
                for p in pieces
            ),
            beats_source=analysis.backends.get("beats"),
            excerpt=analysis.excerpt,
        ),
        visual_style=look.visual_style,
        shot_list=open_and_close(draw_shots(spans, sketch)),
        assembly_instructions=instructions(pieces, grid, sketch.manner),
    )
