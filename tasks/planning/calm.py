"""The bank as a calm film uses it: no words that flash, no effects that jump, no hand-held camera.

Words count twice: video models make what they read, and the procedural renderer listens to them.
"""

import re
from dataclasses import replace

from recipe_schema.vocabulary import Effect
from tasks.planning.bank import Aesthetic, Texts

# Accents that stay: none follows the beat, none breaks the picture or rules it with stripes.
GENTLE_EFFECTS = frozenset({Effect.BLOOM, Effect.GLOW, Effect.VIGNETTE, Effect.GRAIN})
LOUDEST_BAND = "mid"  # of light, camera and motion
CAMERA_STYLE = "slow-floating"
_RESTLESS = re.compile(
    r"\b(strob|flash|flicker|blink|lightning|puls|flar|burst|explo|erupt|shatter|handheld)", re.I
)
_UNSTEADY = re.compile(r"handheld|dynamic|energetic")


def calmed(aesthetic: Aesthetic) -> Aesthetic:
    """The same look without what flashes, pulses or shakes."""
    return replace(
        aesthetic,
        camera_style=camera_style(aesthetic.camera_style),
        accents={
            band: tuple(effect for effect in effects if effect in GENTLE_EFFECTS)
            for band, effects in aesthetic.accents.items()
        },
        # Dim ones, too, where the others flash.
        lights={
            band: restful(of if band == "low" else (*aesthetic.lights["low"], *of))
            for band, of in aesthetic.lights.items()
        },
        subjects={theme: restful(of) for theme, of in aesthetic.subjects.items()},
    )


def camera_style(style: str) -> str:
    """The look's own camera, unless a hand shakes it."""
    return CAMERA_STYLE if _UNSTEADY.search(style) else style


def restful(texts: Texts) -> Texts:
    """Those of the texts that tell of nothing sudden; all of them where none does."""
    return tuple(text for text in texts if not _RESTLESS.search(text)) or texts
