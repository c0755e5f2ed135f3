"""What the prompt's words ask of the picture: speed, light, camera."""

import re
from dataclasses import dataclass

from recipe_schema.recipe import Shot, VisualStyle
from recipe_schema.vocabulary import MotionIntensity

MOTION_SPEED = {
    MotionIntensity.LOW: 0.6,
    MotionIntensity.MEDIUM: 0.9,
    MotionIntensity.HIGH: 1.25,
    MotionIntensity.EXTREME: 1.6,
}
# Word stems and the factor each puts on a quantity; several words multiply.
SPEED_STEMS = {
    "slow": 0.6, "gentl": 0.7, "calm": 0.65, "soft": 0.8, "still": 0.5, "drift": 0.75,
    "float": 0.75, "hypnotic": 0.8, "serene": 0.6, "breath": 0.75, "ambient": 0.75,
    "fast": 1.5, "rapid": 1.6, "quick": 1.4, "rush": 1.6, "frantic": 1.8, "explo": 1.4,
    "violent": 1.6, "energetic": 1.3, "surg": 1.4, "accelerat": 1.4, "racing": 1.6,
}  # fmt: skip
LIGHT_STEMS = {
    "dark": 0.72, "dim": 0.75, "shadow": 0.78, "night": 0.8, "moody": 0.8, "low-key": 0.75,
    "bright": 1.3, "blind": 1.5, "radiant": 1.35, "sunlit": 1.3, "high-key": 1.35,
    "brilliant": 1.3, "dazzling": 1.4,
}  # fmt: skip
GLOW_STEMS = {
    "neon": 1.3, "glow": 1.3, "bloom": 1.4, "haz": 1.4, "fog": 1.4, "mist": 1.3, "dreamy": 1.4,
    "crisp": 0.6, "sharp": 0.6, "clean": 0.7,
}  # fmt: skip
PUSH_STEMS = {
    "push": 1.0, "zoom in": 1.0, "dolly in": 1.0, "fly": 0.8, "forward": 0.8, "close in": 0.8,
    "pull": -1.0, "zoom out": -1.0, "dolly out": -1.0, "retreat": -0.8, "recede": -0.8,
}  # fmt: skip
TURN_STEMS = {"rotat": 1.0, "orbit": 1.0, "spin": 1.5, "roll": 0.8, "swirl": 0.8, "whirl": 1.2}
PAN_STEMS = {"pan": 1.0, "track": 0.8, "sweep": 1.0, "glid": 0.7, "drift": 0.5}
SHAKE_STEMS = {"handheld": 0.7, "shake": 1.2, "shaky": 1.0, "dynamic": 0.25, "chaotic": 1.0}
RISE_STEMS = {
    "rise": 0.8, "rising": 0.8, "crane": 0.8, "tilt up": 0.8, "ascend": 1.0,
    "dive": -1.0, "descend": -0.9, "tilts down": -0.6, "tilt down": -0.6, "sink": -0.7,
}  # fmt: skip
BLUR_STEMS = {
    "shallow": 0.6, "bokeh": 0.8, "out-of-focus": 0.5, "razor-thin": 0.5, "macro": 0.5,
    "soft focus": 0.6, "85mm": 0.3, "50mm": 0.15, "anamorphic": 0.3, "deep focus": -1.0,
}  # fmt: skip
CLOSE_STEMS = {
    "macro": 1.6, "close-up": 1.4, "extreme close": 1.25, "detail": 1.15, "85mm": 1.2,
    "wide": 0.75, "aerial": 0.65, "vast": 0.8, "24mm": 0.8, "planet": 0.8, "establishing": 0.75,
}  # fmt: skip
DENSITY_STEMS = {
    "dense": 1.5, "thick": 1.3, "crowd": 1.4, "thousands": 1.6, "countless": 1.6, "storm": 1.5,
    "heavy": 1.3, "endless": 1.2, "sparse": 0.5, "few": 0.6, "single": 0.45, "lone": 0.45,
    "minimal": 0.6, "empty": 0.5, "faint": 0.7, "thin": 0.8,
}  # fmt: skip
STILL_STEMS = ("static", "locked", "steady", "tripod", "fixed")
FACTOR_RANGE = (0.45, 2.2)  # however many words pile up


@dataclass(frozen=True)
class Wishes:
    """What words ask for: factors (1: as ever) and camera moves (0: none).

    Attributes:
        speed: Factor on all motion.
        exposure: Factor on light.
        glow: Factor on spilled light.
        push: Towards the scene (away: negative).
        turn: Roll about the line of sight.
        pan: Sideways.
        rise: Upwards (down: negative).
        shake: A hand's unrest.
        blur: How shallow the depth of field is, 0 (deep) to 1 (razor-thin).
        closeness: Factor on how near things are: above 1 macro, below 1 wide.
        density: Factor on how many there are.
    """

    speed: float
    exposure: float
    glow: float
    push: float
    turn: float
    pan: float
    rise: float
    shake: float
    blur: float
    closeness: float
    density: float


def read_wishes(shot: Shot, style: VisualStyle) -> Wishes:
    """Read a shot's motion, light and camera words and the film's camera style.

    The structured prompt counts where there is one, else the sentence.
    """
    sentence = shot.mochi_prompt.lower()
    fields = shot.prompt
    motion = f"{fields.motion} {fields.action}".lower() if fields else sentence
    light = f"{fields.light} {fields.setting}".lower() if fields else sentence
    camera = f"{fields.camera} {style.camera_style}".lower() if fields else sentence
    if not fields:
        camera = f"{camera} {style.camera_style.lower()}"
    still = 0.3 if any(has_stem(stem, camera) for stem in STILL_STEMS) else 1.0
    return Wishes(
        speed=MOTION_SPEED[style.motion_intensity] * _factor(SPEED_STEMS, motion),
        exposure=_factor(LIGHT_STEMS, light),
        glow=_factor(GLOW_STEMS, f"{light} {style.aesthetic.lower()}"),
        push=_sum(PUSH_STEMS, camera) * still,
        turn=_sum(TURN_STEMS, f"{camera} {motion}") * still,
        pan=_sum(PAN_STEMS, camera) * still,
        rise=_sum(RISE_STEMS, camera) * still,
        shake=_sum(SHAKE_STEMS, camera) * still,
        blur=min(max(_sum(BLUR_STEMS, camera), 0.0), 1.0),
        closeness=_factor(CLOSE_STEMS, f"{camera} {scene_of(shot)}"),
        density=_factor(DENSITY_STEMS, scene_of(shot)),
    )


def scene_of(shot: Shot) -> str:
    """What the shot shows and where, lower case: what a theme's own kinds are chosen by."""
    fields = shot.prompt
    if fields is None:
        return shot.mochi_prompt.lower()
    return f"{fields.subject} {fields.action} {fields.setting}".lower()


def has_stem(stem: str, text: str) -> bool:
    """Whether a word of the text begins so."""
    return re.search(rf"\b{re.escape(stem)}", text) is not None


def _factor(stems: dict[str, float], text: str) -> float:
    product = 1.0
    for stem, factor in stems.items():
        if has_stem(stem, text):
            product *= factor
    return min(max(product, FACTOR_RANGE[0]), FACTOR_RANGE[1])


def _sum(stems: dict[str, float], text: str) -> float:
    total = sum(amount for stem, amount in stems.items() if has_stem(stem, text))
    return min(max(total, -1.5), 1.5)
