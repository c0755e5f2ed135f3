"""Which passages there are to fly through: the words that name each, and what it is built of."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tasks.rendering.backends.procedural import cavern, hall, shaft, trails
from tasks.rendering.backends.procedural.kit import dice
from tasks.rendering.backends.procedural.words import has_stem

FOLD = 1.0  # depth of a cave's fold
SHAFT, HALL, CAVERN, WHIRL = "shaft", "hall", "cavern", "whirl"
_SHAFT = {
    shaft.SIDES: 6.0, shaft.GAP: 1.3, shaft.RING: 1.0, shaft.STRIP: 0.4, shaft.RIBS: 3.0,
    shaft.HEAT: 0.0, shaft.GLOSS: 0.6, shaft.FLOOR: 0.60, shaft.FOG: 0.15,
}  # fmt: skip
_HALL = {
    hall.HALF: 1.0, hall.HIGH: 0.78, hall.LOW: 0.5, hall.DOOR_HALF: 0.72, hall.DOOR_HIGH: 0.54,
    hall.ARCH: 0.0, hall.GAP: 1.5, hall.RIM: 0.0, hall.STRIP: 0.0, hall.LAMP: 0.15, hall.DOOR: 0.0,
    hall.WINDOW: 0.0, hall.ROAD: 0.0, hall.FOG: 0.13, hall.GRAIN: 1.0,
}  # fmt: skip
_OPEN_WAY = {hall.DOOR_HALF: 90.0, hall.DOOR_HIGH: 90.0}  # no gates stand in it
_CAVERN = {
    cavern.LUMPS: 1.6, cavern.STRETCH: 1.5, cavern.RELIEF: 0.55, cavern.CLEAR_ICE: 0.0,
    cavern.OPEN: 0.0, cavern.OPEN_AT: 0.0, cavern.GAPS: -9.0, cavern.FOAM: 0.0, cavern.BUDS: 0.0,
    cavern.FOG: 0.16, cavern.SWIRL: 0.0,
}  # fmt: skip
_WHIRL = {
    trails.GAS: 0.9, trails.HOLE: 0.0, trails.ARCS: 0.0, trails.HELIX: 24.0, trails.SWARM: 0.0,
    trails.STAIR: 0.0, trails.CURL: 0.22, trails.REACH: 0.5,
}  # fmt: skip
_BASE: dict[str, dict[int, float]] = {
    SHAFT: _SHAFT, HALL: _HALL, CAVERN: _CAVERN, WHIRL: _WHIRL,
}  # fmt: skip


@dataclass(frozen=True)
class Passage:
    """One way to fly.

    Attributes:
        kind: Which kernel paints it.
        stems: Words that name it.
        built: What differs from its kind's usual values, by place in the row of values.
        radius: Of the passage, half-heights at depth 1.
        bends: How far it winds.
        specks: Factor on how many specks fly in it.
    """

    kind: str
    stems: tuple[str, ...]
    built: Mapping[int, float]
    radius: float = 0.85
    bends: float = 0.42
    specks: float = 1.0

    @property
    def gap(self) -> float:
        """Depth from one ring or gate to the next, or from fold to fold; a whirl has none."""
        at = {SHAFT: shaft.GAP, HALL: hall.GAP}.get(self.kind)
        if at is None:
            return FOLD if self.kind == CAVERN else math.inf
        return {**_BASE[self.kind], **self.built}[at]

    def values(self) -> list[float]:
        """Its kind's values in their order."""
        merged = {**_BASE[self.kind], **self.built}
        return [merged[place] for place in sorted(merged)]


# The most telling words first: the first passage that is named is the one.
PASSAGES: dict[str, Passage] = {
    "staircase": Passage(
        WHIRL, ("stair",),
        {trails.GAS: 0.35, trails.HELIX: 0.0, trails.STAIR: 1.0, trails.CURL: 0.0},
        bends=0.25, specks=0.0,
    ),
    "fish": Passage(WHIRL, ("fish", "swarm", "school"), {
        trails.GAS: 0.4, trails.HELIX: 0.0, trails.SWARM: 190.0, trails.CURL: 0.35,
    }, specks=0.4),
    "black hole": Passage(WHIRL, ("black hole", "spiral of light", "accretion"), {
        trails.HOLE: 0.17, trails.HELIX: 0.0, trails.CURL: 0.5, trails.ARCS: 170.0,
        trails.REACH: 1.2, trails.GAS: 0.6,
    }, specks=0.0),
    "star trails": Passage(WHIRL, ("star trail", "star"), {
        trails.ARCS: 260.0, trails.HELIX: 0.0, trails.GAS: 0.28, trails.REACH: 0.75,
    }, specks=0.0),
    "light trails": Passage(WHIRL, ("ring road", "light trail", "hyperspace", "warp"), {
        trails.HELIX: 260.0, trails.GAS: 0.30, trails.CURL: 0.30,
    }),
    "nebula": Passage(
        WHIRL, ("nebula", "gas", "spiral", "vortex", "wormhole", "whirl"), {trails.GAS: 1.25}
    ),
    "asteroids": Passage(CAVERN, ("asteroid", "rock"), {
        cavern.GAPS: -0.10, cavern.RELIEF: 0.8, cavern.FOG: 0.11, cavern.LUMPS: 1.5,
    }),
    "coral": Passage(CAVERN, ("coral", "reef", "glowing plant"), {
        cavern.BUDS: 0.9, cavern.LUMPS: 2.3, cavern.STRETCH: 2.2, cavern.CLEAR_ICE: 0.15,
    }),
    "wave": Passage(CAVERN, ("wave", "barrel", "surf"), {
        cavern.LUMPS: 1.9, cavern.STRETCH: 0.7, cavern.CLEAR_ICE: 0.75, cavern.OPEN: 1.0,
        cavern.FOAM: 0.65, cavern.SWIRL: 0.75, cavern.RELIEF: 0.34, cavern.FOG: 0.14,
    }),
    "ice": Passage(CAVERN, ("ice", "icy", "blue ice", "glacier", "crystal cave", "frozen"), {
        cavern.CLEAR_ICE: 0.7, cavern.LUMPS: 1.4, cavern.STRETCH: 1.2, cavern.FOAM: 0.06,
        cavern.RELIEF: 0.55,
    }),
    "cave": Passage(CAVERN, ("cave", "grotto", "carved", "canyon between"), {
        cavern.CLEAR_ICE: 0.12, cavern.BUDS: 0.22,
    }),
    "furnace": Passage(SHAFT, ("furnace", "burning", "red-hot", "molten", "fire", "lava"), {
        shaft.SIDES: 14.0, shaft.GAP: 1.8, shaft.HEAT: 0.9, shaft.RING: 0.55, shaft.STRIP: 0.0,
        shaft.GLOSS: 0.25, shaft.FLOOR: 9.0, shaft.RIBS: 2.0,
    }),
    "ribs": Passage(SHAFT, ("tunnel of glowing iron", "iron", "rib"), {
        shaft.SIDES: 10.0, shaft.GAP: 0.9, shaft.HEAT: 0.35, shaft.STRIP: 0.0, shaft.RIBS: 2.0,
        shaft.RING: 1.3, shaft.GLOSS: 0.4,
    }),
    "underpass": Passage(HALL, ("underpass", "highway tunnel", "subway", "motorway"), {
        **_OPEN_WAY, hall.HALF: 1.25, hall.HIGH: 0.62, hall.STRIP: 1.3, hall.LAMP: 0.25,
        hall.ROAD: 0.9,
    }),
    "windows": Passage(HALL, ("canyon", "street", "windows"), {
        **_OPEN_WAY, hall.HIGH: 9.0, hall.WINDOW: 1.3, hall.LAMP: 0.0, hall.HALF: 0.9,
        hall.ROAD: 0.5, hall.FOG: 0.08,
    }, bends=0.25),
    "railway": Passage(HALL, ("railway", "train", "metro"), {
        hall.ARCH: 1.0, hall.HALF: 0.92, hall.HIGH: 0.95, hall.DOOR_HALF: 0.80,
        hall.DOOR_HIGH: 0.80, hall.LAMP: 1.0, hall.RIM: 0.12, hall.GAP: 1.8, hall.GRAIN: 1.3,
    }),
    "nave": Passage(HALL, ("nave", "cathedral", "thin white arch"), {
        hall.ARCH: 1.0, hall.HALF: 1.15, hall.HIGH: 1.9, hall.DOOR_HALF: 0.72, hall.DOOR_HIGH: 1.35,
        hall.LAMP: 0.8, hall.RIM: 0.65, hall.GAP: 1.1,
    }),
    "arches": Passage(HALL, ("arch", "arcade", "colonnade", "column", "vault"), {
        hall.ARCH: 1.0, hall.HALF: 1.15, hall.HIGH: 1.0, hall.DOOR_HALF: 0.66, hall.DOOR_HIGH: 0.72,
        hall.LAMP: 1.3, hall.RIM: 0.40, hall.GAP: 1.6,
    }),
    "doors": Passage(HALL, ("door", "long corridor", "hotel"), {
        hall.HALF: 0.66, hall.HIGH: 0.62, hall.DOOR_HALF: 0.63, hall.DOOR_HIGH: 0.58,
        hall.DOOR: 1.2, hall.LAMP: 0.30, hall.RIM: 0.06, hall.GAP: 1.6,
    }),
    "gates": Passage(HALL, ("laser gate", "light gate", "gate", "hallway", "road", "portal"), {
        hall.RIM: 1.2, hall.ROAD: 0.25, hall.LAMP: 0.0,
    }),
    "frames": Passage(HALL, ("frame", "glass corridor", "mirror"), {
        hall.RIM: 0.9, hall.DOOR_HALF: 0.84, hall.DOOR_HIGH: 0.66, hall.GAP: 0.95, hall.STRIP: 0.25,
        hall.GRAIN: 0.4, hall.LAMP: 0.0,
    }),
    "glass": Passage(SHAFT, ("glass tube", "glass", "crystal"), {
        shaft.SIDES: 9.0, shaft.GLOSS: 1.5, shaft.RIBS: 1.0, shaft.STRIP: 0.9, shaft.RING: 0.9,
        shaft.FLOOR: 9.0, shaft.GAP: 1.0, shaft.FOG: 0.12,
    }),
    "chrome": Passage(SHAFT, ("chrome", "ventilation", "duct", "tube", "pipe", "shaft"), {
        shaft.SIDES: 18.0, shaft.GLOSS: 1.6, shaft.RIBS: 4.0, shaft.STRIP: 0.15, shaft.RING: 0.8,
        shaft.FLOOR: 9.0,
    }),
    "steel": Passage(SHAFT, ("steel", "strip", "metal"), {
        shaft.SIDES: 6.0, shaft.RING: 0.35, shaft.STRIP: 1.5, shaft.GLOSS: 1.0,
    }),
    "rings": Passage(SHAFT, ("ring", "neon"), {shaft.RING: 1.3, shaft.STRIP: 0.15}),
}  # fmt: skip
# What is flown through when no word tells.
THROWN = ("rings", "steel", "gates", "arches", "nebula", "light trails", "chrome", "underpass")


def find_passage(named: str, scene: str, *, seed: int) -> Passage:
    """Choose a passage: the one that is named, else one that the scene tells of, else thrown.

    Args:
        named: What the prompt shows, lower case.
        scene: What it shows, does and where, lower case.
        seed: Of the shot.
    """
    for words in (named, scene):
        for passage in PASSAGES.values():
            if any(has_stem(stem, words) for stem in passage.stems):
                return passage
    return PASSAGES[THROWN[int(dice(seed, 1) * len(THROWN))]]
