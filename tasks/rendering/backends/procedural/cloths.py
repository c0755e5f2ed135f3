"""What folds of light are made of, kind by kind: how sheets lie, wave and shine."""

from dataclasses import dataclass, field

from tasks.rendering.backends.procedural import sheets as sh


@dataclass(frozen=True)
class Kind:
    """How a kind of picture is built; lengths in half-heights, angles in radians."""

    count: int  # sheets at middling density
    tilt: tuple[float, float]
    first: float  # where the hindmost sheet begins
    gap: float  # from edge to edge
    waves: tuple[tuple[float, float], ...]  # size and radians a half-height
    opacity: float
    shadow: float
    reach: float
    edge: float
    lamp_z: float
    lamp_fall: float
    sky: float  # light of what lies behind
    cloth: dict[int, float] = field(default_factory=dict)


SILK = Kind(
    count=5, tilt=(-0.75, 0.75), first=-1.15, gap=0.46,
    waves=((0.26, 1.1), (0.11, 2.3), (0.035, 4.6)),
    opacity=0.9, shadow=0.75, reach=0.34, edge=0.006, lamp_z=0.75, lamp_fall=0.75, sky=0.5,
    cloth={
        sh.ALONG: 0.34, sh.ACROSS: 1.5, sh.BEND: 1.7, sh.RELIEF: 0.42, sh.PLEAT: 0.0,
        sh.HUE_ALONG: 0.05, sh.HUE_ACROSS: 0.10, sh.HUE_FOLD: 0.10, sh.AMBIENT: 0.035,
        sh.BODY: 1.5, sh.SHEEN: 0.65, sh.VELVET: 0.15, sh.THROUGH: 0.22, sh.FADE: 1.5,
        sh.RIM: 0.9,
    },
)  # fmt: skip
CURTAIN = Kind(
    count=4, tilt=(1.42, 1.72), first=-1.35, gap=0.5,
    waves=((0.14, 0.9), (0.06, 1.9), (0.02, 3.7)),
    opacity=0.97, shadow=0.8, reach=0.4, edge=0.006, lamp_z=0.6, lamp_fall=0.8, sky=0.9,
    cloth={
        sh.ALONG: 0.13, sh.ACROSS: 2.6, sh.BEND: 0.7, sh.RELIEF: 0.36, sh.PLEAT: 0.65,
        sh.HUE_ALONG: 0.03, sh.HUE_ACROSS: 0.05, sh.HUE_FOLD: 0.07, sh.AMBIENT: 0.02,
        sh.BODY: 1.9, sh.SHEEN: 0.4, sh.VELVET: 0.3, sh.THROUGH: 0.06, sh.FADE: 0.4,
        sh.RIM: 0.5,
    },
)  # fmt: skip
DUNES = Kind(
    count=5, tilt=(-0.16, 0.16), first=-0.22, gap=0.24,
    waves=((0.085, 1.5), (0.045, 2.9), (0.012, 6.1)),
    opacity=1.0, shadow=0.35, reach=0.16, edge=0.004, lamp_z=0.42, lamp_fall=0.5, sky=1.0,
    cloth={
        sh.ALONG: 0.75, sh.ACROSS: 1.5, sh.BEND: 1.5, sh.RELIEF: 0.5, sh.PLEAT: 0.7,
        sh.HUE_ALONG: 0.04, sh.HUE_ACROSS: 0.22, sh.HUE_FOLD: 0.10, sh.AMBIENT: 0.04,
        sh.BODY: 3.0, sh.SHEEN: 0.3, sh.VELVET: 0.1, sh.THROUGH: 0.0, sh.FADE: 2.2,
        sh.RIM: 0.8,
    },
)  # fmt: skip
RIBBONS = Kind(
    count=4, tilt=(-0.6, 0.6), first=-0.62, gap=0.42,
    waves=((0.30, 1.0), (0.12, 2.1), (0.03, 3.9)),
    opacity=0.96, shadow=0.6, reach=0.3, edge=0.006, lamp_z=0.8, lamp_fall=0.5, sky=0.55,
    cloth={
        sh.ALONG: 0.25, sh.ACROSS: 2.6, sh.BEND: 0.8, sh.RELIEF: 0.3, sh.PLEAT: 0.0,
        sh.HUE_ALONG: 0.06, sh.HUE_ACROSS: 0.22, sh.HUE_FOLD: 0.08, sh.AMBIENT: 0.05,
        sh.BODY: 1.5, sh.SHEEN: 0.7, sh.VELVET: 0.3, sh.THROUGH: 0.15, sh.FADE: 0.4,
        sh.RIM: 1.0,
    },
)  # fmt: skip
WALL = Kind(
    count=1, tilt=(1.35, 1.8), first=0.55, gap=0.7,
    waves=((0.10, 1.1), (0.05, 2.3), (0.02, 4.1)),
    opacity=0.72, shadow=0.5, reach=0.35, edge=0.006, lamp_z=0.7, lamp_fall=0.5, sky=1.0,
    cloth={
        sh.ALONG: 0.15, sh.ACROSS: 3.2, sh.BEND: 0.6, sh.RELIEF: 0.22, sh.PLEAT: 0.6,
        sh.HUE_ALONG: 0.03, sh.HUE_ACROSS: 0.08, sh.HUE_FOLD: 0.06, sh.AMBIENT: 0.03,
        sh.BODY: 1.0, sh.SHEEN: 0.3, sh.VELVET: 0.2, sh.THROUGH: 0.3, sh.FADE: 0.5,
        sh.RIM: 0.7,
    },
)  # fmt: skip
BUILD = {"silk": SILK, "curtain": CURTAIN, "dunes": DUNES, "ribbons": RIBBONS, "wall": WALL}
