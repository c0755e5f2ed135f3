"""What a calm film is spared: effects and transitions that flash, shake, rush or break the picture.

Where a recipe has them all the same, the film shows them softly; flashes it leaves out.
"""

from recipe_schema.vocabulary import Effect, Transition

HARSH_EFFECTS = frozenset(
    {
        Effect.FLASH,
        Effect.SCREEN_SHAKE,
        Effect.PIXELATION,
        Effect.CHROMATIC_ABERRATION_HEAVY,
        Effect.CHROMATIC_ABERRATION_EXTREME,
    }
)
HARSH_TRANSITIONS = frozenset(
    {
        Transition.QUICK_CUTS,
        Transition.GLITCH,
        Transition.GLITCH_DISSOLVE,
        Transition.GLITCH_EXPLOSION,
        Transition.EXPLOSION,
        Transition.ZOOM_BLUR,
    }
)
# Seconds under which cuts follow each other too fast: two a second, and a little for beats at 125
# to 130 BPM that lie 0.46 s apart.
CALM_SHOT_S = 0.45
