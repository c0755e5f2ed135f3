"""The demo song on paper: tempo, form, chords and the tune, before any sound.

At 126 BPM a beat is exactly 21000 samples of 44.1 kHz, so every beat falls on a whole sample.
Times inside this folder are sample indices; steps are sixteenth notes. The harmony is A minor:
i9 - VImaj9 - IIImaj7 - VII6/9, answered by i9 - VImaj9 - iv9 - V7sus4-V7.
"""

from dataclasses import dataclass

SAMPLE_RATE_HZ = 44100
BPM = 126.0
BEAT = 21000
STEP = BEAT // 4
BAR = 4 * BEAT
LEAD_IN = BEAT  # a swell before the first downbeat, so that the first kick has an attack to hear
SWING = 380  # samples (8.6 ms) that odd sixteenths of hats and plucks lag: a light shuffle
KEY = "A minor"

FORM = (("intro", 4), ("buildup", 4), ("drop", 8), ("break", 4), ("chorus", 8), ("outro", 3))
BARS = sum(bars for _, bars in FORM)
SAMPLES = LEAD_IN + BARS * BAR
HUSH_BAR, HUSH_STEP = 7, 12  # the silent beat before the drop


@dataclass(frozen=True)
class Score:
    """What the demo song plays when; times in seconds.

    Sections are (type, start, end) and tile the song; the first holds the lead-in.
    """

    bpm: float
    beats: tuple[float, ...]
    downbeats: tuple[float, ...]
    sections: tuple[tuple[str, float, float], ...]
    key: str


@dataclass(frozen=True)
class Chord:
    """MIDI notes: the bass, five voices, and the four tones that the drop's riff uses."""

    name: str
    bass: int
    voices: tuple[int, ...]
    riff: tuple[int, int, int, int]


AM9 = Chord("Am9", 33, (57, 60, 64, 67, 71), (76, 79, 81, 76))
FMAJ9 = Chord("Fmaj9", 29, (57, 60, 64, 67, 72), (76, 77, 81, 72))
CMAJ7 = Chord("Cmaj7", 36, (55, 60, 64, 67, 71), (76, 79, 84, 74))
G69 = Chord("G6/9", 31, (55, 59, 62, 69, 71), (74, 79, 83, 74))
DM9 = Chord("Dm9", 38, (53, 57, 60, 64, 69), (77, 81, 84, 76))
ESUS = Chord("E7sus4", 40, (57, 59, 62, 64, 71), (76, 81, 83, 81))
E7 = Chord("E7", 40, (56, 59, 62, 64, 71), (76, 80, 83, 80))
AMADD9 = Chord("Am(add9)", 33, (57, 60, 64, 71, 76), (76, 81, 83, 76))

_STATEMENT = (AM9, FMAJ9, CMAJ7, G69)
_ANSWER = (AM9, FMAJ9, DM9, ESUS)
HARMONY = (
    *_STATEMENT,
    *_ANSWER,
    *_STATEMENT,
    *_ANSWER,
    *(FMAJ9, G69, AM9, ESUS),
    *_STATEMENT,
    *_ANSWER,
    *(AM9, FMAJ9, AMADD9),
)


@dataclass(frozen=True)
class Note:
    """A note of a tune: bar and step of its start, length in steps, MIDI pitch."""

    bar: int
    step: int
    length: int
    pitch: int


HOOK = (
    *(Note(0, 0, 3, 76), Note(0, 3, 3, 72), Note(0, 6, 2, 74), Note(0, 8, 4, 76)),
    *(Note(0, 12, 2, 79), Note(0, 14, 6, 81)),
    *(Note(1, 4, 2, 79), Note(1, 6, 4, 76), Note(1, 10, 2, 72), Note(1, 12, 2, 74)),
    *(Note(1, 14, 5, 76), Note(2, 3, 3, 74), Note(2, 6, 2, 72), Note(2, 8, 4, 79)),
    *(Note(2, 12, 2, 76), Note(2, 14, 8, 74)),
    *(Note(3, 6, 2, 71), Note(3, 8, 2, 69), Note(3, 10, 4, 71)),
    *(Note(4, 0, 3, 76), Note(4, 3, 3, 72), Note(4, 6, 2, 74), Note(4, 8, 4, 76)),
    *(Note(4, 12, 2, 79), Note(4, 14, 6, 81)),
    *(Note(5, 4, 2, 79), Note(5, 6, 4, 81), Note(5, 10, 2, 84), Note(5, 12, 4, 79)),
    *(Note(6, 0, 3, 77), Note(6, 3, 3, 74), Note(6, 6, 2, 76), Note(6, 8, 4, 77)),
    *(Note(6, 12, 2, 81), Note(6, 14, 6, 83)),
    *(Note(7, 4, 4, 81), Note(7, 8, 6, 80), Note(7, 14, 2, 76)),
)
REFRAIN = (
    *(Note(0, 0, 6, 76), Note(0, 6, 2, 72), Note(0, 8, 4, 74), Note(0, 12, 4, 76)),
    *(Note(1, 0, 6, 74), Note(1, 6, 2, 71), Note(1, 8, 8, 69)),
    *(Note(2, 0, 3, 76), Note(2, 3, 3, 72), Note(2, 6, 2, 74), Note(2, 8, 4, 76)),
    *(Note(2, 12, 2, 79), Note(2, 14, 2, 81), Note(3, 0, 4, 83), Note(3, 4, 4, 81)),
    Note(3, 8, 8, 80),
)

# 3 + 3 + 2 sixteenths, as (step, steps); what would hang over into a kick stops at it
TRESILLO = ((0, 2), (3, 1), (6, 2), (8, 2), (11, 1), (14, 2))


def at(bar: int, step: float = 0.0, *, swing: bool = False) -> int:
    """Tell the sample at which a step of a bar starts."""
    late = SWING if swing and step % 2 == 1 else 0
    return LEAD_IN + bar * BAR + round(step * STEP) + late


def section_bars(name: str) -> range:
    """List the bars of a section."""
    first = 0
    for section, bars in FORM:
        if section == name:
            return range(first, first + bars)
        first += bars
    raise KeyError(name)


def chord_at(bar: int, step: float = 0.0) -> Chord:
    """Tell the chord under a step; every E7sus4 resolves to E7 in the middle of its bar."""
    chord = HARMONY[bar + int(step // 16)]
    return E7 if chord is ESUS and step % 16 >= 8 else chord


def write_score() -> Score:
    """Tell the beats, bars and sections in seconds."""
    beats = tuple(at(0, 4 * k) / SAMPLE_RATE_HZ for k in range(4 * BARS))
    edges = [0, *(at(section_bars(name).stop) for name, _ in FORM)]
    sections = tuple(
        (name, edges[k] / SAMPLE_RATE_HZ, edges[k + 1] / SAMPLE_RATE_HZ)
        for k, (name, _) in enumerate(FORM)
    )
    return Score(bpm=BPM, beats=beats, downbeats=beats[::4], sections=sections, key=KEY)
