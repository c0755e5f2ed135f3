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
STILL_STEMS = ("static", "locked", "steady", "tripod", "fixed")
FACTOR_RANGE = (0.45, 2.2)  # however many words pile up


@dataclass(frozen=True)
class Wishes:
    """Factors (1: as ever) and camera moves (0: none) that words ask for."""

    speed: float
    exposure: float
    glow: float
    push: float
    turn: float
    pan: float
    shake: float


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
    still = 0.3 if any(_has(stem, camera) for stem in STILL_STEMS) else 1.0
    return Wishes(
        speed=MOTION_SPEED[style.motion_intensity] * _factor(SPEED_STEMS, motion),
        exposure=_factor(LIGHT_STEMS, light),
        glow=_factor(GLOW_STEMS, f"{light} {style.aesthetic.lower()}"),
        push=_sum(PUSH_STEMS, camera) * still,
        turn=_sum(TURN_STEMS, f"{camera} {motion}") * still,
        pan=_sum(PAN_STEMS, camera) * still,
        shake=_sum(SHAKE_STEMS, camera) * still,
    )


def _has(stem: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(stem)}", text) is not None


def _factor(stems: dict[str, float], text: str) -> float:
    product = 1.0
    for stem, factor in stems.items():
        if _has(stem, text):
            product *= factor
    return min(max(product, FACTOR_RANGE[0]), FACTOR_RANGE[1])


def _sum(stems: dict[str, float], text: str) -> float:
    total = sum(amount for stem, amount in stems.items() if _has(stem, text))
    return min(max(total, -1.5), 1.5)
