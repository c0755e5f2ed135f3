"""Time as a theme feels it: phases that the song drives, and the song's pulse, frame by frame.

A speed that the song changes must be integrated: `phase = sum(rate) / fps`, counted from the
shot's own start. Every frame's values are computed before the first is drawn, so that any frame
can be drawn alone. The clip's place in the song is not read: only the shot's own start is.
"""

import math
from dataclasses import dataclass

import numpy as np

from tasks.rendering.backends.procedural.camera import plan_camera
from tasks.rendering.backends.procedural.curves import (
    Column,
    age_s,
    begun,
    smoothed,
    swelled,
    thinned,
)
from tasks.rendering.backends.procedural.words import Wishes
from tasks.rendering.drive import DRIVE_STEPS, ROWS, quantised
from tasks.rendering.renderer import RenderRequest

HALFWAY = 0.5  # place of a clip without a song
LONG_AGO_S = 60.0  # age of a beat that has not been yet
CALM_SPEED, LIVELY_SPEED = 0.35, 1.45  # flow at energy 0 and 1, seconds of flow a second
SONG_SPEED = 0.5  # how far the song's energy bends the speed, at most half either way
KICK_SPEED = 1.0  # extra flow at the top of a kick: pictures lean into it
KICK_MEAN = 0.25  # of it is taken from all the time between
BEAT_LEAN = 0.6  # a beat in which no hit is heard throws the picture this far
SWELL_SPEED, SWELL_PERIOD_S = 0.35, 4.5  # of slow waves in the motion
BASS_SMOOTHING_S = 0.12  # bass breathes, it does not flicker
ENERGY_SMOOTHING_S = 0.5
HIGHS_SMOOTHING_S = 0.05
PULSES_PER_S_MAX = 3.0  # photosensitive safety: no more than three flashes in any second
CALM_PULSES_PER_S = 1.0  # in a calm film
CALM_RISE_S, CALM_SIZE = 0.15, 0.6  # its pulses come up softly and less high
CALM_DROP_RISE_S = 0.5
CALM_SMOOTHING_S = 0.4  # of its levels
CALM_AGE_S = 0.6  # its beats are this old when they come: their first moment is left out


@dataclass(frozen=True)
class Moment:
    """What one frame is drawn from.

    Attributes:
        frame: Number in the clip.
        time: Seconds since the shot's own start; negative in a handle.
        flow: Integrated motion in seconds of flow; rises faster when the song does.
        energy: How much the picture should do, 0..1.
        bass: Smoothed low band, 0..1.
        mids: Smoothed middle band, 0..1.
        highs: Sparkle, 0..1.
        voice: Smoothed level of the singing, else of the middle band, 0..1.
        beat: Pulse, 1 on a beat; at most three a second.
        downbeat: Pulse, 1 on a downbeat, likewise.
        kick: Pulse of a hit in the low band, as strong as the hit; at most three a second.
        hats: Short pulse of a hit in the high band, as fast as the song has them: for small
            lights, never for the whole picture.
        tension: Rises to 1 while the song builds up to a drop.
        drop: 1 where a drop begins (0.6: a chorus), gone four seconds later.
        place: Share of the song that has passed.
        bars: Downbeats passed since the shot's own start; negative in a handle.
        since_beat: Seconds since the last beat of the clip; `LONG_AGO_S` before the first.
        since_downbeat: Seconds since the last downbeat, likewise.
        since_kick: Seconds since the last kick, likewise.
        scale: Scene units a unit of the picture's half-height.
        turn: Rotation of the camera, radians.
        pan_x: Camera offset in half-heights, sideways.
        pan_y: Camera offset, downwards.
    """

    frame: int
    time: float
    flow: float
    energy: float
    bass: float
    mids: float
    highs: float
    voice: float
    beat: float
    downbeat: float
    kick: float
    hats: float
    tension: float
    drop: float
    place: float
    bars: float
    since_beat: float
    since_downbeat: float
    since_kick: float
    scale: float
    turn: float
    pan_x: float
    pan_y: float


def plan_motion(request: RenderRequest, wishes: Wishes) -> list[Moment]:
    """Work out every frame's moment."""
    fps = float(request.fps)
    song = _song(request)
    if request.style.calm:
        song = _calmed(song, fps)
    time = (np.arange(request.frames) - request.lead_frames) / fps
    rate = _flow_rate(request, wishes, song, time)
    flow = _from_start(np.cumsum(rate) / fps, rate, request)
    camera = plan_camera(
        request.seed, wishes, time=time, song=song, fps=fps, calm=request.style.calm
    )
    columns = {"time": time, "flow": flow, **song, **camera}
    return [
        Moment(frame=n, **{name: float(column[n]) for name, column in columns.items()})
        for n in range(request.frames)
    ]


def _song(request: RenderRequest) -> dict[str, Column]:
    """Energy, bands and pulses; without a song the shot's energy alone."""
    frames, fps = request.frames, float(request.fps)
    level = np.full(frames, request.shot.energy_level)
    if request.drive is None:
        never = np.full(frames, LONG_AGO_S)
        ages = {"since_beat": never, "since_downbeat": never, "since_kick": never}
        still = dict.fromkeys((*ROWS, "bars"), np.zeros(frames))
        return {**still, **ages, "energy": level, "place": np.full(frames, HALFWAY)}
    rows = quantised(request.drive).astype(np.float64) / DRIVE_STEPS
    heard = dict(zip(ROWS, rows, strict=True))
    most = CALM_PULSES_PER_S if request.style.calm else PULSES_PER_S_MAX
    pulses = {
        name: thinned(heard[name], fps, most_per_s=most) for name in ("beat", "downbeat", "kick")
    }
    bars = np.cumsum(begun(pulses["downbeat"]))
    return {
        **heard,
        "bars": bars - float(bars[min(max(request.lead_frames, 0), frames - 1)]),
        "energy": 0.6 * level + 0.4 * smoothed(heard["energy"], ENERGY_SMOOTHING_S * fps),
        "bass": smoothed(heard["bass"], BASS_SMOOTHING_S * fps),
        "mids": smoothed(heard["mids"], BASS_SMOOTHING_S * fps),
        "voice": smoothed(heard["voice"], BASS_SMOOTHING_S * fps),
        "highs": smoothed(heard["highs"], HIGHS_SMOOTHING_S * fps),
        **pulses,
        **{
            f"since_{name}": age_s(pulse, fps, never_s=LONG_AGO_S) for name, pulse in pulses.items()
        },
    }


def _calmed(song: dict[str, Column], fps: float) -> dict[str, Column]:
    """The song as a calm film feels it: no pulse is sudden, none is high."""
    pulses = {
        name: swelled(song[name], fps, rise_s=CALM_RISE_S, size=CALM_SIZE)
        for name in ("beat", "downbeat", "kick", "hats")
    }
    levels = {
        name: smoothed(song[name], CALM_SMOOTHING_S * fps)
        for name in ("bass", "mids", "highs", "voice", "tension")
    }
    ages = {
        name: song[name] + CALM_AGE_S for name in ("since_beat", "since_downbeat", "since_kick")
    }
    drop = swelled(song["drop"], fps, rise_s=CALM_DROP_RISE_S, size=CALM_SIZE)
    return {**song, **pulses, **levels, **ages, "drop": drop}


def usual_pace(energy: float) -> float:
    """Seconds of flow a second at a shot's energy, before words and song bend it."""
    return CALM_SPEED + (LIVELY_SPEED - CALM_SPEED) * energy


def _flow_rate(
    request: RenderRequest, wishes: Wishes, song: dict[str, Column], time: Column
) -> Column:
    """Seconds of flow a second, frame by frame."""
    level = request.shot.energy_level
    base = usual_pace(level) * wishes.speed
    wave = 2.0 * math.pi / SWELL_PERIOD_S
    swell = 1.0 + wishes.swell * SWELL_SPEED * np.array([math.sin(wave * t) for t in time])
    if request.drive is None:
        return base * swell
    thrust = np.maximum(song["kick"], BEAT_LEAN * song["beat"]) - KICK_MEAN
    lean = 1.0 + SONG_SPEED * (song["energy"] - level) + KICK_SPEED * wishes.pulse * thrust
    rate: Column = base * swell * np.maximum(lean, 0.25)
    return rate


def _from_start(phase: Column, rate: Column, request: RenderRequest) -> Column:
    """The phase counted from the shot's own start, wherever the clip begins."""
    lead = request.lead_frames
    if 0 <= lead < request.frames:
        origin = float(phase[lead])
    else:
        origin = float(phase[0]) + lead * float(rate[0]) / float(request.fps)
    return phase - origin
