"""What the prompt's words ask of the picture: speed, light, camera, lens.

Each of a prompt's fields speaks for its own: the camera's words move the camera, the subject's
never do. A prompt of one sentence is taken apart first: what lies between two commas and names
the camera is about the camera. Words after "no", "not" or "without" ask for nothing.
"""

import re
from dataclasses import dataclass
from functools import cache

from recipe_schema.recipe import Shot, VisualStyle
from recipe_schema.vocabulary import MotionIntensity
from tasks.rendering.backends.procedural import lexicon

MOTION_SPEED = {
    MotionIntensity.LOW: 0.6,
    MotionIntensity.MEDIUM: 0.9,
    MotionIntensity.HIGH: 1.25,
    MotionIntensity.EXTREME: 1.6,
}
MOTION_LEAN = {
    MotionIntensity.LOW: 0.0,
    MotionIntensity.MEDIUM: 0.35,
    MotionIntensity.HIGH: 0.75,
    MotionIntensity.EXTREME: 1.0,
}
FACTOR_RANGE = (0.45, 2.2)  # however many words pile up
EXPOSURE_RANGE = (0.5, 1.5)  # neither black nor white
MOVE_MAX = 1.8
STYLE_SHARE = 0.4  # of a film's camera style where the shot has a camera of its own
HAND_SHARE = 0.8  # of its unrest: a hand stays a hand
STILL_MOVES, STILL_SWAY = 0.0, 0.25  # what a camera that holds still has left
CALM_SPEED_MAX = 0.6  # of a calm film, before its words: fast patterns flicker
SCENE_LIGHT = 0.5  # exponent: a dark place weighs half as much as dark light

_NEGATED = re.compile(r"\b(?:no|not|never|without|nor|isn't|less)[\s-]+(?:\w+\s+)?$")


@dataclass(frozen=True)
class Wishes:
    """What words ask for: factors (1: as ever) and camera moves (0: none).

    Attributes:
        speed: Factor on all motion.
        pulse: Factor on how far the beat throws what moves.
        swell: Slow waves of more and less motion, 0 to 1.
        exposure: Factor on light.
        glow: Factor on spilled light.
        contrast: Factor on the depth of shadows.
        push: Towards the scene (away: negative).
        turn: Roll about the line of sight.
        pan: Sideways.
        rise: Upwards (down: negative).
        shake: A hand's unrest.
        sway: Factor on the life of a camera that nobody moves.
        lean: How far the camera throws itself into kicks and drops, 0 to 1.
        blur: How shallow the depth of field is, 0 (deep) to 1 (razor-thin).
        oval: How upright highlights out of focus stand, 0 (round) to 1.
        closeness: Factor on how near things are: above 1 macro, below 1 wide.
        density: Factor on how many there are.
    """

    speed: float
    pulse: float
    swell: float
    exposure: float
    glow: float
    contrast: float
    push: float
    turn: float
    pan: float
    rise: float
    shake: float
    sway: float
    lean: float
    blur: float
    oval: float
    closeness: float
    density: float


@dataclass(frozen=True)
class _Spoken:
    """A prompt's words by what they are about, lower case."""

    scene: str
    motion: str
    light: str
    setting: str
    camera: str
    lens: str


def read_wishes(shot: Shot, style: VisualStyle) -> Wishes:
    """Read a shot's motion, light, camera and lens words, and the film's camera style.

    The structured prompt counts where there is one, else the sentence. In a calm film all is
    slower, and no camera shakes or throws itself into the beat.
    """
    said = _spoken(shot)
    look = style.aesthetic.lower()
    turning = _sum(lexicon.SCENE_TURN, said.motion)
    camera = _camera(said.camera, style.camera_style.lower(), turning=turning)
    pace = MOTION_SPEED[style.motion_intensity]
    exposure = _factor(lexicon.LIGHT, said.light)
    exposure *= _factor(lexicon.LIGHT, said.setting) ** SCENE_LIGHT
    if style.calm:
        camera |= {"shake": 0.0, "lean": 0.0, "sway": min(camera["sway"], 1.0)}
        exposure = min(exposure, 1.0)
        pace = min(pace, CALM_SPEED_MAX)
    else:
        camera["lean"] = min(camera["lean"] + MOTION_LEAN[style.motion_intensity], 1.0)
    return Wishes(
        speed=pace * _factor(lexicon.SPEED, said.motion),
        pulse=_factor(lexicon.PULSE, said.motion),
        swell=min(_sum(lexicon.SWELL, said.motion), 1.0),
        exposure=min(max(exposure, EXPOSURE_RANGE[0]), EXPOSURE_RANGE[1]),
        glow=_factor(lexicon.GLOW, f"{said.light}. {look}"),
        contrast=_factor(lexicon.CONTRAST, f"{said.light}. {look}"),
        **camera,
        blur=min(max(_sum(lexicon.BLUR, said.lens), 0.0), 1.0),
        oval=min(_sum(lexicon.OVAL, said.lens), 1.0),
        closeness=min(
            max(_factor(lexicon.CLOSE_LENS, said.lens) * _factor(lexicon.CLOSE, said.scene), 0.5),
            2.0,
        ),
        density=_factor(lexicon.DENSITY, said.scene),
    )


def scene_of(shot: Shot) -> str:
    """What the shot shows and where, lower case: what a theme's own kinds are chosen by."""
    return _spoken(shot).scene


def named_of(shot: Shot) -> str:
    """What the shot shows, without what it does and where: the subject, or the first clause."""
    return shot.prompt.subject.lower() if shot.prompt else scene_of(shot).partition(",")[0]


def has_stem(stem: str, text: str) -> bool:
    """Whether a word of the text begins so."""
    return re.search(rf"\b{re.escape(stem)}", text) is not None


def says(words: str, text: str) -> bool:
    """Whether the text has one of the words, and does not deny it."""
    return any(
        _NEGATED.search(text, 0, found.start()) is None for found in _pattern(words).finditer(text)
    )


@cache
def _pattern(words: str) -> re.Pattern[str]:
    spelled = re.escape(words).replace(r"\|", "|").replace(r"\*", r"\w*")
    return re.compile(rf"\b(?:{spelled})\b")


def _spoken(shot: Shot) -> _Spoken:
    fields = shot.prompt
    if fields is not None:
        return _Spoken(
            scene=f"{fields.subject} {fields.action} {fields.setting}".lower(),
            motion=f"{fields.motion}. {fields.action}".lower(),
            light=fields.light.lower(),
            setting=fields.setting.lower(),
            camera=fields.camera.lower(),
            lens=fields.camera.lower(),
        )
    sentence = _pattern(lexicon.PRINT).sub(" ", shot.mochi_prompt.lower())
    parts = [part.strip() for part in re.split(r"[,;:]|\.(?!\d)", sentence)]
    camera = ", ".join(part for part in parts if says(lexicon.CAMERA, part))
    scene = ", ".join(part for part in parts if part and not says(lexicon.CAMERA, part))
    return _Spoken(
        scene=scene or sentence,
        motion=scene or sentence,
        light=sentence,
        setting="",
        camera=camera,
        lens=sentence,
    )


def _camera(own: str, style: str, *, turning: float) -> dict[str, float]:
    """The shot's own moves upon the film's manner; without its own the film's are whole."""
    moves = {}
    share = STYLE_SHARE if own else 1.0
    pace, manner = _factor(lexicon.SPEED, own), _factor(lexicon.SPEED, style)
    held = says(lexicon.STILL, own)
    fixed = says(lexicon.STILL, style)
    for name, table in _MOVES.items():
        lent = HAND_SHARE if name == "shake" and own else share
        amount = _sum(table, own) * (pace if name != "shake" else 1.0)
        amount += 0.0 if held or fixed else lent * manner * _sum(table, style)
        moves[name] = STILL_MOVES if held else min(max(amount, -MOVE_MAX), MOVE_MAX)
    moves["turn"] = min(moves["turn"] + turning, MOVE_MAX)
    if says(lexicon.STEADY, own) or fixed:
        moves["shake"] *= 0.4
    sway = _factor(lexicon.SWAY, f"{own}. {style}")
    moves["sway"] = sway * STILL_SWAY if held or fixed else sway
    moves["lean"] = 0.0 if held else 0.5 * says("lean|leans|leaning", own)
    return moves


_MOVES = {
    "push": lexicon.PUSH,
    "turn": lexicon.TURN,
    "pan": lexicon.PAN,
    "rise": lexicon.RISE,
    "shake": lexicon.SHAKE,
}


def _factor(table: lexicon.Table, text: str) -> float:
    product = 1.0
    for words, factor in table.items():
        if says(words, text):
            product *= factor
    return min(max(product, FACTOR_RANGE[0]), FACTOR_RANGE[1])


def _sum(table: lexicon.Table, text: str) -> float:
    return sum(amount for words, amount in table.items() if says(words, text))
