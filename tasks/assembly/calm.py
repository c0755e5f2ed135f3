"""What is left of effects, transitions and the song's pull in a film for photosensitive eyes.

A calm film has no flash of its own making, no torn signal and no hard shaking; what swings with
the song swings gently. Cuts stay where they are: how long shots last is the plan's business.
"""

from collections.abc import Mapping

from recipe_schema.recipe import Recipe
from recipe_schema.vocabulary import Effect, Transition

ROUTES = 0.3
"""Share of what the song moves that is left."""
LIGHT = 0.15
"""The same of light that the song moves, after its own limits."""
FLASHES_A_SECOND = 1
"""Swings of light as large as a flash that the song may make within a second."""
# Shares of strength; what is not named here is calm by itself.
_EFFECTS: Mapping[Effect, float] = {
    Effect.FLASH: 0.0,
    Effect.BLOOM_PULSE: 0.15,
    Effect.SCREEN_SHAKE: 0.25,
    Effect.PIXELATION: 0.4,
    Effect.CHROMATIC_ABERRATION: 0.5,
    Effect.CHROMATIC_ABERRATION_HEAVY: 0.4,
    Effect.CHROMATIC_ABERRATION_EXTREME: 0.3,
    Effect.COLOR_SHIFT: 0.6,
}
# A torn signal flickers by its nature, and what rushes at the eye does not suit a calm film: these
# melt, at their own place and length.
_MELTED = frozenset(
    {
        Transition.GLITCH,
        Transition.GLITCH_DISSOLVE,
        Transition.GLITCH_EXPLOSION,
        Transition.EXPLOSION,
        Transition.ZOOM_BLUR,
    }
)


def left_of(recipe: Recipe, effect: Effect) -> float:
    """Share of an effect's strength that a film shows."""
    return _EFFECTS.get(effect, 1.0) if recipe.visual_style.calm else 1.0


def shown_transition(recipe: Recipe, transition: Transition) -> Transition:
    """The transition that a film shows where its recipe names one."""
    melts = recipe.visual_style.calm and transition in _MELTED
    return Transition.DISSOLVE if melts else transition
