"""Songs of our own for the network: electronic and band music whose every beat is known.

The rendered training songs share one sampler's sounds, and few are electronic. These are invented
from a seed: genre, tempo, meter, swing, drum pattern, synthesiser sounds, phrases with fills,
breaks and drops, side-chain, room, and a player's or a machine's timing. Some have no beat at
all: noise, drones, and hits at no time that could be foretold.
``python invent.py OUT --songs 140 --beatless 24`` writes OUT/audio/*.wav and
OUT/items/*/truth.json as the evaluation kit has them.
"""

import argparse
import json
import wave
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, fftconvolve, sosfilt

RATE_HZ = 22050
Wave = npt.NDArray[np.float64]
Rng = np.random.Generator


@dataclass(frozen=True)
class Genre:
    """What songs of a kind share; patterns are 16 steps a bar of four, 12 of three.

    Attributes:
        bpm: Lowest and highest tempo.
        kicks: Patterns to choose from, one letter a step: x hit, o perhaps.
        snares: The same of snares or claps.
        hats: The same of hats.
        drums: Share of the phrases that have drums.
        played: Whether a person plays: loose timing, drifting tempo.
        meter: Beats a bar.
    """

    bpm: tuple[float, float]
    kicks: tuple[str, ...]
    snares: tuple[str, ...]
    hats: tuple[str, ...]
    drums: float = 0.8
    played: bool = False
    meter: int = 4


_BACKBEAT = ("....x.......x...", "....x.......x..o", "....x..o.o..x...")
_EIGHTHS = ("x.x.x.x.x.x.x.x.", "xoxoxoxoxoxoxoxo", "x.xox.xox.xox.xo")
_OFFBEATS = ("..x...x...x...x.", "o.x.o.x.o.x.o.x.", "xxxxxxxxxxxxxxxx")
_FLOOR = ("x...x...x...x...", "x...x...x...x..o", "x...x...x...x.o.")
GENRES: dict[str, Genre] = {
    "house": Genre((116, 130), _FLOOR, ("....x.......x...", "................"), _OFFBEATS),
    "techno": Genre((124, 148), _FLOOR, ("................", "....x.......x..."), _OFFBEATS, 0.85),
    "trance": Genre((130, 144), _FLOOR, _BACKBEAT, _OFFBEATS, 0.65),
    "breaks": Genre(
        (100, 140),
        ("x.....x...x.....", "x..x..x...x..o..", "x.x.......xo...."),
        ("....x..o.o..x..o", "....x..o....x.o."),
        (*_EIGHTHS, "xxxxxxxxxxxxxxxx"),
    ),
    "drum-and-bass": Genre(
        (160, 180),
        ("x.........x.....", "x..o......x..o.."),
        ("....x..o.o..x..o", "....x.......x..."),
        (*_EIGHTHS, "x.xxx.x.x.xxx.x."),
    ),
    "half-time": Genre(
        (132, 152),
        ("x.....o...o..o..", "x..x......x.....", "x.............o."),
        ("........x.......", "........x.....o."),
        ("x.x.x.x.x.xxx.x.", "x.x.xxx.x.x.xxxx", "x...x...x...x..."),
    ),
    "hip-hop": Genre(
        (72, 102),
        ("x......x..x.....", "x.o....x.xo.....", "x.....x...x..o.."),
        _BACKBEAT,
        (*_EIGHTHS, "xxxxxxxxxxxxxxxx"),
    ),
    "synthwave": Genre(
        (78, 122), ("x.......x.......", *_FLOOR[:1]), _BACKBEAT[:1], (*_EIGHTHS, *_OFFBEATS)
    ),
    "dembow": Genre(
        (85, 104), _FLOOR[:1], ("...x..x....x..x.",), ("x.x.x.x.x.x.x.x.", "................")
    ),
    "chip": Genre(
        (100, 205), (*_FLOOR, "x.....x.x....o.."), _BACKBEAT, (*_EIGHTHS, "................")
    ),
    "rock": Genre(
        (84, 172),
        ("x.......x.......", "x.x.....x.x.....", "x......xx.o....."),
        _BACKBEAT,
        (*_EIGHTHS, "x...x...x...x..."),
        played=True,
    ),
    "ballad": Genre(
        (56, 92), ("x.........x.....", "x.......x......."), _BACKBEAT[:1], _EIGHTHS, 0.55, True
    ),
    "beatless": Genre(
        (60, 130), ("................",), ("................",), ("................",), 0.0, True
    ),
    "waltz": Genre(
        (84, 190),
        ("x...........", "x.......o..."),
        ("....x...x...", "............", "........x..."),
        ("x...x...x...", "x.x.x.x.x.x.", "............"),
        0.6,
        True,
        3,
    ),
}
_CHANCES = {
    "house": 2.0,
    "techno": 1.5,
    "breaks": 1.5,
    "half-time": 1.5,
    "chip": 1.5,
    "waltz": 1.8,
    "rock": 1.5,
}
_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10))
_CHORDS = (
    (0, 4, 5, 3),
    (0, 5, 3, 4),
    (0, 0, 3, 4),
    (5, 3, 0, 4),
    (0, 6, 5, 4),
    (0, 0, 0, 0),
    (0, 3, 0, 4),
    (1, 4, 0, 0),
)


@dataclass
class Song:
    """A song in the making: its grid, and what was put on it."""

    steps: Wave  # seconds of every sixteenth
    meter: int
    mix: dict[str, Wave]
    kicks: list[int] = field(default_factory=list)

    def add(self, part: str, sound: Wave, at_s: float, gain: float) -> None:
        """Lay a sound over a part."""
        first = round(at_s * RATE_HZ)
        track = self.mix[part]
        if 0 <= first < len(track):
            last = min(first + len(sound), len(track))
            track[first:last] += gain * sound[: last - first]


def invent(seed: int, folder: Path) -> str:
    """Write one song and its truth."""
    rng = np.random.default_rng((2026, seed))
    names = list(GENRES)
    chances = np.array([_CHANCES.get(name, 1.0) for name in names])
    name = names[int(rng.choice(len(names), p=chances / chances.sum()))]
    genre = GENRES[name]
    bars = int(rng.integers(5, 9)) * 4 + int(rng.integers(0, 2)) * 2
    bpm = float(np.exp(rng.uniform(*np.log(genre.bpm))))
    song, grid, silence_s = _lay_grid(genre, bpm, bars, rng)
    _fill(song, genre, bars, rng)
    mixed = _master(song, rng)
    beats = [
        (float(t), i % genre.meter + 1) for i, t in enumerate(grid[: bars * genre.meter * 4 : 4])
    ]
    title = f"own_{seed:03d}"
    truth = {
        "id": title,
        "group": f"own-{name}",
        "source": title,
        "beats": beats,
        "tempo": bpm,
        "meter": genre.meter,
        "lead_s": silence_s,
    }
    _write(folder, title, mixed, truth)
    return f"{title} {name} {bpm:.0f}"


def invent_beatless(seed: int, folder: Path) -> str:
    """Write one sound without any beat, and its truth."""
    rng = np.random.default_rng((2027, seed))
    length_s = float(rng.uniform(30, 90))
    size = int(length_s * RATE_HZ)
    kind = ("noise", "drone", "hits")[seed % 3]
    sound = np.zeros(size)
    if kind == "noise":
        low_hz = float(np.exp(rng.uniform(np.log(30), np.log(3000))))
        high_hz = float(min(10500.0, low_hz * rng.uniform(3, 300)))
        band = butter(1, (low_hz, high_hz), "band", fs=RATE_HZ, output="sos")
        sound += sosfilt(band, rng.standard_normal(size))
    elif kind == "drone":
        synth = replace(_synth(rng), attack_s=2.0, decay_s=60.0, sustain=0.9)
        for pitch in rng.integers(33, 72, int(rng.integers(1, 5))):
            sound += synth.note(float(pitch), length_s)[:size]
    else:
        song = Song(np.zeros(0), 4, {"hits": sound})
        sounds = [*_kit(rng).values(), *(_synth(rng).note(p, 0.4) for p in rng.integers(40, 80, 3))]
        for at_s in np.cumsum(rng.exponential(rng.uniform(0.1, 1.5), size // 2000)):
            hit = sounds[int(rng.integers(len(sounds)))]
            song.add("hits", hit, float(at_s), float(rng.uniform(0.1, 1)))
    swell = 1 + rng.uniform(0, 0.8) * np.sin(
        2 * np.pi * (np.arange(size) / RATE_HZ * rng.uniform(0.02, 0.3) + rng.random())
    )
    sound = sound * swell + 10 ** rng.uniform(-5, -2) * rng.standard_normal(size)
    sound *= 10 ** rng.uniform(-2, 0) / np.abs(sound).max()
    title = f"beatless_{seed:03d}"
    truth = {"id": title, "group": f"own-no-{kind}", "source": title, "beats": [], "meter": 4}
    _write(folder, title, sound, truth)
    return f"{title} {kind}"


def _write(folder: Path, title: str, sound: Wave, truth: Mapping[str, object]) -> None:
    item = folder / "items" / title
    item.mkdir(parents=True, exist_ok=True)
    (folder / "audio").mkdir(exist_ok=True)
    (item / "truth.json").write_text(json.dumps(truth))
    with wave.open(str(folder / "audio" / f"{title}.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(np.round(sound * 32000).astype("<i2").tobytes())


def _lay_grid(genre: Genre, bpm: float, bars: int, rng: Rng) -> tuple[Song, Wave, float]:
    """The song's sixteenths as they sound, the beats as they are counted, and the lead-in."""
    count = bars * genre.meter * 4
    pace = np.full(count, 15.0 / bpm)
    if genre.played:
        drift = np.cumsum(rng.normal(0, 0.004, count // 16 + 2))
        pace *= np.exp(np.interp(np.arange(count) / 16, np.arange(len(drift)), drift))
    silence_s = float(rng.choice([0.0, rng.uniform(0, 2.0)]))
    grid = silence_s + np.concatenate(([0.0], np.cumsum(pace)))
    steps = grid.copy()
    if rng.random() < 0.3:  # swung sixteenths, or eighths
        level = int(rng.choice([1, 2]))
        swing = rng.uniform(0.08, 0.33) * level * float(pace[0])
        steps[level :: 2 * level] += swing
    if genre.played:
        steps = steps + rng.normal(0, rng.uniform(0.002, 0.012), len(steps))
    size = int((grid[-1] + 3.0) * RATE_HZ)
    parts = ("drums", "bass", "music", "wet")
    return Song(steps, genre.meter, {part: np.zeros(size) for part in parts}), grid, silence_s


def _fill(song: Song, genre: Genre, bars: int, rng: Rng) -> None:
    """Phrases of four or eight bars: layers come and go, drums fill at their ends."""
    kit = _kit(rng)
    root = int(rng.integers(36, 48))
    scale = _SCALES[int(rng.integers(len(_SCALES)))]
    sounds = {layer: _synth(rng) for layer in ("bass", "chords", "arp", "lead")}
    patterns = {
        "kick": rng.choice(genre.kicks),
        "snare": rng.choice(genre.snares),
        "hat": rng.choice(genre.hats),
    }
    chords = _CHORDS[int(rng.integers(len(_CHORDS)))]
    chord_bars = float(rng.choice([0.5, 1, 1, 1, 2]))
    phrase = int(rng.choice([4, 8, 8]))
    habits = {
        "bass": str(rng.choice(["long", "eighths", "off", "kick"])),
        "chords": str(rng.choice(["pad", "stabs", "off"])),
        "arp": int(rng.choice([1, 2, 2, 4])),
        "lead": rng.uniform(0.2, 0.7),
    }
    melody = [rng.random(song.meter * 4 * 2) for _ in range(2)]
    with_drums = genre.drums > 0 and rng.random() < max(genre.drums, 0.9 * (genre.drums > 0.3))
    for bar in range(bars):
        if bar % phrase == 0:
            on = {layer: rng.random() < 0.65 for layer in sounds}
            drums = with_drums and rng.random() < genre.drums
            hats = rng.random() < 0.85
            if not any(on.values()) and not drums:
                on["chords"] = on["bass"] = True
        last = bar % phrase == phrase - 1
        chord = scale[chords[int(bar / chord_bars) % len(chords)] % 7]
        if drums:
            _drum_bar(song, kit, patterns, bar, rng, fill=last and rng.random() < 0.6, hats=hats)
            if bar % phrase == 0 and rng.random() < 0.5:
                song.add("drums", kit["crash"], song.steps[bar * song.meter * 4], 0.5)
        halves = (0.0, 0.5) if chord_bars < 1 and song.meter == 4 else (0.0,)
        for half in halves:
            if half:
                chord = scale[chords[int((bar + half) / chord_bars) % len(chords)] % 7]
            _music(
                song,
                sounds,
                on,
                habits,
                patterns["kick"],
                bar,
                half,
                1.0 / len(halves),
                chord,
                root,
                scale,
                melody[bar // phrase % 2],
                rng,
            )


def _drum_bar(
    song: Song,
    kit: dict[str, Wave],
    patterns: dict[str, str],
    bar: int,
    rng: Rng,
    *,
    fill: bool,
    hats: bool,
) -> None:
    steps = song.meter * 4
    for step in range(steps):
        at = song.steps[bar * steps + step]
        filling = fill and step >= steps - 4 * int(rng.integers(1, 3))
        for name, pattern in patterns.items():
            letter = pattern[step % len(pattern)]
            hit = letter == "x" or (letter == "o" and rng.random() < 0.4)
            if name == "hat":
                hit = hit and hats
            if filling and name == "snare":
                hit = rng.random() < 0.6
            if hit:
                accent = 1.0 if step % 4 == 0 or name != "hat" else 0.6
                song.add("drums", kit[name], at, accent * rng.uniform(0.75, 1.0))
                if name == "kick":
                    song.kicks.append(round(at * RATE_HZ))


def _music(
    song: Song,
    sounds: dict[str, "Synth"],
    on: dict[str, bool],
    habits: dict[str, object],
    kick: str,
    bar: int,
    begin: float,
    share: float,
    chord: int,
    root: int,
    scale: tuple[int, ...],
    melody: Wave,
    rng: Rng,
) -> None:
    """Bass, chords, arpeggio and lead of one chord."""
    steps = song.meter * 4
    first, count = bar * steps + int(begin * steps), int(share * steps)
    triad = [chord, chord + (4 if (chord + 4) % 12 in scale else 3), chord + 7]
    sixteenth = float(np.median(np.diff(song.steps)))
    for k in range(count):
        at = song.steps[first + k]
        place = int(begin * steps) + k
        habit = habits["bass"]
        plays = {
            "long": k == 0,
            "eighths": k % 2 == 0,
            "off": k % 4 == 2,
            "kick": kick[place % len(kick)] == "x" or k == 0,
        }[str(habit)]
        if on["bass"] and plays:
            length = count if habit == "long" else 2
            song.add("bass", sounds["bass"].note(root + chord % 12, length * sixteenth), at, 0.6)
        stabs = {"pad": k == 0, "stabs": k in (0, 3, 6, 10), "off": k % 4 == 2}
        if on["chords"] and stabs[str(habits["chords"])]:
            length = count if habits["chords"] == "pad" else 2
            for pitch in triad:
                note = sounds["chords"].note(root + 24 + pitch % 12, length * sixteenth)
                song.add("music", note, at, 0.16)
        if on["arp"] and place % int(str(habits["arp"])) == 0:
            pitch = triad[(place // int(str(habits["arp"]))) % 3] % 12
            song.add("music", sounds["arp"].note(root + 36 + pitch, 1.5 * sixteenth), at, 0.18)
        if on["lead"] and place % 2 == 0:
            draw = melody[(bar % 2 * steps + place) % len(melody)]
            weight = 1.0 if place % 4 == 0 else 0.6
            if draw < float(str(habits["lead"])) * weight:
                pitch = scale[int(draw * 997) % 7] if place % 4 else triad[int(draw * 997) % 3] % 12
                song.add("music", sounds["lead"].note(root + 36 + pitch, 3 * sixteenth), at, 0.3)


@dataclass(frozen=True)
class Synth:
    """One synthesiser sound."""

    shape: str
    attack_s: float
    decay_s: float
    sustain: float
    cutoff_hz: float
    detune: float

    def note(self, midi: float, length_s: float) -> Wave:
        """A note of that pitch and length."""
        hz = 440.0 * 2 ** ((midi - 69) / 12)
        size = max(64, int((length_s + 0.08) * RATE_HZ))
        t = np.arange(size) / RATE_HZ
        voices = [self._wave(hz * (1 + d), t) for d in (0.0, self.detune)[: 1 + (self.detune > 0)]]
        tone = sum(voices[1:], voices[0]) / len(voices)
        level = np.minimum(1.0, t / self.attack_s)
        level *= self.sustain + (1 - self.sustain) * np.exp(-t / self.decay_s)
        level *= np.clip((length_s + 0.06 - t) / 0.05, 0.0, 1.0)
        low = butter(2, min(self.cutoff_hz, 0.45 * RATE_HZ), fs=RATE_HZ, output="sos")
        return np.asarray(sosfilt(low, tone * level))

    def _wave(self, hz: float, t: Wave) -> Wave:
        phase = hz * t
        if self.shape == "sine":
            return np.asarray(np.sin(2 * np.pi * phase))
        if self.shape == "fm":
            inner = np.sin(2 * np.pi * 2 * phase) * 3 * np.exp(-t / 0.2)
            return np.asarray(np.sin(2 * np.pi * phase + inner))
        partials = np.arange(1, max(2, min(24, int(9000 / hz))))
        weight = 1.0 / partials
        if self.shape == "square":
            weight = weight * (partials % 2)
        if self.shape == "organ":
            weight = np.where(np.isin(partials, (1, 2, 4, 8)), 1.0, 0.0) / np.sqrt(partials)
        return np.asarray(weight @ np.sin(2 * np.pi * partials[:, None] * phase))


def _synth(rng: Rng) -> Synth:
    return Synth(
        shape=str(rng.choice(["saw", "square", "sine", "fm", "organ"])),
        attack_s=float(np.exp(rng.uniform(np.log(0.001), np.log(0.06)))),
        decay_s=float(np.exp(rng.uniform(np.log(0.05), np.log(1.5)))),
        sustain=float(rng.uniform(0.0, 0.9)),
        cutoff_hz=float(np.exp(rng.uniform(np.log(500), np.log(9000)))),
        detune=float(rng.choice([0.0, 0.004, 0.012])),
    )


def _kit(rng: Rng) -> dict[str, Wave]:
    """Kick, snare or clap, hat and crash of one drum machine."""

    def noise(length_s: float, low_hz: float, high_hz: float, decay_s: float) -> Wave:
        size = int(length_s * RATE_HZ)
        band = butter(2, (low_hz, min(high_hz, 10500.0)), "band", fs=RATE_HZ, output="sos")
        sound = sosfilt(band, rng.standard_normal(size))
        return np.asarray(sound * np.exp(-np.arange(size) / RATE_HZ / decay_s))

    t = np.arange(int(0.5 * RATE_HZ)) / RATE_HZ
    base_hz, sweep_hz = rng.uniform(38, 75), rng.uniform(40, 260)
    phase = base_hz * t + sweep_hz * 0.04 * (1 - np.exp(-t / 0.04))
    kick = np.sin(2 * np.pi * phase) * np.exp(-t / rng.uniform(0.06, 0.3))
    click = noise(0.5, 800, 6000, 0.004) * rng.uniform(0, 0.8)
    body = np.sin(2 * np.pi * rng.uniform(150, 240) * t) * np.exp(-t / rng.uniform(0.03, 0.12))
    rattle = noise(0.5, rng.uniform(300, 1500), 9000, rng.uniform(0.03, 0.16))
    hat = noise(0.3, rng.uniform(4000, 8000), 10500, rng.uniform(0.01, 0.08))
    return {
        "kick": (kick + click[: len(kick)]) * rng.uniform(0.6, 1.1),
        "snare": (body[: len(rattle)] * rng.uniform(0, 0.8) + rattle) * rng.uniform(0.4, 0.9),
        "hat": hat * rng.uniform(0.2, 0.7),
        "crash": noise(1.6, 2500, 10500, 0.5) * 0.5,
    }


def _master(song: Song, rng: Rng) -> Wave:
    """Side-chain, room, drive and level."""
    duck = np.ones(len(song.mix["bass"]))
    if rng.random() < 0.5:
        dip = 1 - rng.uniform(0.3, 0.9) * (1 - np.arange(int(0.25 * RATE_HZ)) / (0.25 * RATE_HZ))
        for kick in song.kicks:
            part = duck[kick : kick + len(dip)]
            np.minimum(part, dip[: len(part)], out=part)
    music = duck * (song.mix["bass"] * rng.uniform(0.5, 1.1) + song.mix["music"])
    size = int(rng.uniform(0.2, 1.8) * RATE_HZ)
    room = rng.standard_normal(size) * np.exp(-np.arange(size) / (size / 5))
    wet = fftconvolve(music + 0.4 * song.mix["drums"], room)[: len(music)]
    wet *= rng.uniform(0.0, 0.4) * np.std(music + song.mix["drums"]) / (np.std(wet) + 1e-9)
    mixed = music * rng.uniform(0.5, 1.2) + song.mix["drums"] * rng.uniform(0.5, 1.2) + wet
    mixed += rng.standard_normal(len(mixed)) * 10 ** rng.uniform(-5, -3)
    mixed /= np.percentile(np.abs(mixed), 99.9) + 1e-9
    drive = rng.uniform(0.5, 2.5)
    return np.asarray(np.tanh(drive * mixed) / np.tanh(drive) * 0.9)


def main() -> None:
    """Invent songs, two at a time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--songs", type=int, default=140)
    parser.add_argument("--beatless", type=int, default=24)
    chosen = parser.parse_args()
    with ProcessPoolExecutor(2) as pool:
        for told in pool.map(partial(invent, folder=chosen.out), range(chosen.songs)):
            print(told, flush=True)
        for told in pool.map(partial(invent_beatless, folder=chosen.out), range(chosen.beatless)):
            print(told, flush=True)


if __name__ == "__main__":
    main()
