"""Ocean: a sea in calm or storm, a lagoon, a shore, a lake; glowing surf; light under water."""

from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.open_sea import OpenSea
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.undersea import Undersea
from tasks.rendering.renderer import FloatArray

STEMS = {
    "under": (
        "under water", "underwater", "underside", "seen from below", "below the surface",
        "beneath the surface", "shaft", "coral", "reef", "dive", "kelp", "deep sea",
    ),
    "lake": ("lake", "river", "pond", "ripple", "quiet", "fjord", "stream"),
    "lagoon": ("lagoon", "turquoise", "clear water", "atoll"),
    "beach": ("beach", "surf", "shore", "tide", "sand"),
    "storm": ("storm", "raging", "dark cloud", "foam", "wall of water", "breaking", "thunder"),
    "glowing": ("biolum", "glow", "night", "moon", "plankton"),
    "evening": ("evening", "sun", "calm sea", "bay", "golden", "chrome", "long wave", "swell"),
}  # fmt: skip


class Ocean:
    """Water as far as the eye can see, from above or from below."""

    glow = 0.8
    vignette = 0.4

    def __init__(self, stage: Stage) -> None:
        kind = stage.variant(STEMS, throw=1)
        self.scene = Undersea(stage) if kind == "under" else OpenSea(stage, kind)

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Paint the scene."""
        self.scene.paint(light, moment)
