"""Time as a theme feels it: phases that the song drives, and the song's pulse, frame by frame.

A speed that the song changes must be integrated: `phase = sum(rate) / fps`, counted from the
shot's own start. Every frame's values are computed before the first is drawn, so that any frame
can be drawn alone. The clip's place in the song is not read: only the shot's own start is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.rendering.backends.procedural.kit import dice
from tasks.rendering.backends.procedural.words import Wishes
from tasks.rendering.drive import DRIVE_STEPS, ROWS, quantised
from tasks.rendering.renderer import RenderRequest

Column = NDArray[np.float64]

CALM_SPEED, LIVELY_SPEED = 0.35, 1.45  # flow at energy 0 and 1, seconds of flow a second
SONG_SPEED = 0.5  # how far the song's energy bends the speed, at most half either way
KICK_SPEED = 0.9  # extra flow at the top of a beat: pictures lean into it
BASS_SMOOTHING_S = 0.12  # bass breathes, it does not flicker
ENERGY_SMOOTHING_S = 0.5
HIGHS_SMOOTHING_S = 0.05
PULSES_PER_S_MAX = 3.0  # photosensitive safety: no more than three flashes in any second
PULSE_RISE = 0.15  # a jump of this size begins a pulse
PUSH_PER_S = 0.055  # camera's approach, log of the scale, at push 1
PUSH_SPAN = 0.55  # a push never exceeds this log scale: long shots slow down
TURN_PER_S = 0.11  # radians a second at turn 1
DRIFT_TURN = 0.05  # radians of swaying that every picture has
PAN_PER_S = 0.05  # scene heights a second at pan 1
LONG_AGO_S = 60.0  # age of a beat that has not been yet
SHAKE_SIZE = 0.011  # scene half-heights at shake 1


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
    song = _song(request)
    rate = _flow_rate(request, wishes, song)
    time = (np.arange(request.frames) - request.lead_frames) / float(request.fps)
    flow = _from_start(np.cumsum(rate) / float(request.fps), rate, request)
    camera = _camera(request, wishes, time=time, flow=flow)
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
        return {**still, **ages, "energy": level}
    rows = quantised(request.drive).astype(np.float64) / DRIVE_STEPS
    heard = dict(zip(ROWS, rows, strict=True))
    pulses = {name: _calmed(heard[name], fps) for name in ("beat", "downbeat", "kick")}
    downbeats = np.cumsum(np.diff(pulses["downbeat"], prepend=0.0) > PULSE_RISE)
    return {
        **heard,
        "bars": downbeats - float(downbeats[min(max(request.lead_frames, 0), frames - 1)]),
        "energy": 0.6 * level + 0.4 * _smoothed(heard["energy"], ENERGY_SMOOTHING_S * fps),
        "bass": _smoothed(heard["bass"], BASS_SMOOTHING_S * fps),
        "mids": _smoothed(heard["mids"], BASS_SMOOTHING_S * fps),
        "voice": _smoothed(heard["voice"], BASS_SMOOTHING_S * fps),
        "highs": _smoothed(heard["highs"], HIGHS_SMOOTHING_S * fps),
        **pulses,
        **{f"since_{name}": _age_s(pulse, fps) for name, pulse in pulses.items()},
    }


def _smoothed(column: Column, width_frames: float) -> Column:
    """Weighted mean over about `width_frames` either side; ends repeat."""
    reach = max(int(np.ceil(2.0 * width_frames)), 1)
    offsets = np.arange(-reach, reach + 1) / max(width_frames, 0.5)
    weights = 1.0 / (1.0 + offsets * offsets) ** 2
    padded = np.pad(column, reach, mode="edge")
    return np.convolve(padded, weights / weights.sum(), mode="valid")


def _calmed(pulses: Column, fps: float) -> Column:
    """Pulses without those that follow another within a third of a second."""
    calm = pulses.copy()
    rising = np.flatnonzero(np.diff(pulses, prepend=0.0) > PULSE_RISE)
    kept = -np.inf
    for place, start in enumerate(rising):
        if start - kept >= fps / PULSES_PER_S_MAX - 1e-6:
            kept = float(start)
            continue
        end = rising[place + 1] if place + 1 < len(rising) else len(pulses)
        before = calm[start - 1]
        calm[start:end] = np.minimum(calm[start:end], before * 0.8 ** np.arange(1, end - start + 1))
    return calm


def _age_s(pulses: Column, fps: float) -> Column:
    """Seconds since the last pulse began."""
    begins = np.diff(pulses, prepend=0.0) > PULSE_RISE
    frame = np.arange(len(pulses))
    last = np.maximum.accumulate(np.where(begins, frame, -1))
    return np.where(last < 0, LONG_AGO_S, (frame - last) / fps)


def _flow_rate(request: RenderRequest, wishes: Wishes, song: dict[str, Column]) -> Column:
    """Seconds of flow a second, frame by frame."""
    level = request.shot.energy_level
    base = (CALM_SPEED + (LIVELY_SPEED - CALM_SPEED) * level) * wishes.speed
    if request.drive is None:
        return np.full(request.frames, base)
    lean = 1.0 + SONG_SPEED * (song["energy"] - level) + KICK_SPEED * (song["beat"] - 0.25)
    rate: Column = base * np.maximum(lean, 0.25)
    return rate


def _from_start(phase: Column, rate: Column, request: RenderRequest) -> Column:
    """The phase counted from the shot's own start, wherever the clip begins."""
    lead = request.lead_frames
    if 0 <= lead < request.frames:
        origin = float(phase[lead])
    else:
        origin = float(phase[0]) + lead * float(rate[0]) / float(request.fps)
    return phase - origin


def _camera(
    request: RenderRequest, wishes: Wishes, *, time: Column, flow: Column
) -> dict[str, Column]:
    """Scale, turn, pan and shake."""
    way = 1.0 if dice(request.seed, 901) < 0.5 else -1.0
    seeds = [6.2832 * dice(request.seed, 902 + k) for k in range(6)]
    push = PUSH_SPAN * np.tanh(wishes.push * PUSH_PER_S * time / PUSH_SPAN)
    sway = DRIFT_TURN * np.sin(0.23 * flow + seeds[0])
    shake = wishes.shake * SHAKE_SIZE
    return {
        "scale": np.exp(-push) * (1.0 + 0.012 * np.sin(0.31 * flow + seeds[1])),
        "turn": sway + way * wishes.turn * TURN_PER_S * time,
        "pan_x": way * wishes.pan * PAN_PER_S * time + shake * _tremble(time, seeds[2], seeds[3]),
        "pan_y": -wishes.rise * PAN_PER_S * time + shake * _tremble(time, seeds[4], seeds[5]),
    }


def _tremble(time: Column, a: float, b: float) -> Column:
    """A hand's unrest: a few incommensurate slow waves."""
    return np.sin(2.3 * time + a) + 0.6 * np.sin(4.7 * time + b) + 0.35 * np.sin(9.1 * time + a + b)
