"""Downbeats, meter and key."""

import mir_eval
import numpy as np
import pytest
from support.sounds import (
    RATE_HZ,
    as_audio,
    beat_times,
    chord,
    clicks,
    noise,
    silence,
    sine,
    song_named,
)

from tasks.analysis import analyze
from tasks.analysis.chroma import measure_chroma
from tasks.analysis.key import TONICS, find_key
from tasks.analysis.spectrum import SAMPLE_RATE_HZ, to_listening_rate

C_MAJOR = ((60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67))
A_MINOR = ((57, 60, 64), (62, 65, 69), (64, 68, 71), (57, 60, 64))


def bars_of_chords(chords, *, bpm, meter, repeats=4):
    bar = meter * 60.0 / bpm
    harmony = np.concatenate([chord(c, bar) for _ in range(repeats) for c in chords])
    duration = len(harmony) / RATE_HZ
    times = beat_times(bpm, duration, offset=0.0)
    drums = clicks(times, duration, accent_every=meter, level=0.15)[: len(harmony)]
    return harmony + drums, times


@pytest.mark.parametrize("meter", [3, 4])
def test_chord_changes_and_accents_make_bars(meter):
    samples, truth = bars_of_chords(C_MAJOR, bpm=96.0, meter=meter)
    heard = analyze(as_audio(samples), song=song_named())
    assert heard.meter == meter
    found = np.array(heard.downbeats)
    assert mir_eval.beat.f_measure(truth[::meter], found) >= 0.9
    assert set(heard.downbeats) <= set(heard.beats)


@pytest.mark.parametrize(
    ("chords", "shift", "key"),
    [
        (C_MAJOR, 0, "C major"),
        (C_MAJOR, 6, "F# major"),
        (A_MINOR, 0, "A minor"),
        (A_MINOR, -5, "E minor"),
    ],
)
def test_key_of_chord_pads(chords, shift, key):
    pad = np.concatenate([chord(tuple(p + shift for p in c), 1.0) for c in chords])
    name, confidence = find_key(measure_chroma(to_listening_rate(pad, RATE_HZ)))
    assert name == key
    assert 0.0 < confidence <= 1.0


def test_key_ignores_the_tuning():
    quarter_flat = tuple(tuple(p - 0.4 for p in c) for c in C_MAJOR)
    pad = np.concatenate([chord(c, 1.0) for c in quarter_flat])
    chroma = measure_chroma(to_listening_rate(pad, RATE_HZ))
    assert chroma.tuning == pytest.approx(-0.4, abs=0.05)
    assert find_key(chroma)[0] == "C major"


def cadence(*, shift=0.0, level=1.0):
    pads = [chord(tuple(p + shift for p in c), 1.0, rate=SAMPLE_RATE_HZ) for c in C_MAJOR]
    return np.concatenate(pads) * np.float32(level)


def test_key_moves_with_the_song_and_not_with_its_gain():
    _, sure = find_key(measure_chroma(cadence()))
    for semitones in (-5, 1, 4, 6):
        key, confidence = find_key(measure_chroma(cadence(shift=semitones)))
        assert key == f"{TONICS['major'][semitones % 12]} major"
        assert confidence == pytest.approx(sure, abs=0.05)
    assert find_key(measure_chroma(cadence(level=0.05))) == (
        "C major",
        pytest.approx(sure, abs=0.01),
    )


@pytest.mark.parametrize("cents", [-50, -45, 45, 50])
def test_a_song_between_two_pitches_has_the_key_of_either(cents):
    key, confidence = find_key(measure_chroma(cadence(shift=cents / 100)))
    assert key in {"C major", "Db major" if cents > 0 else "B major"}
    assert confidence > 0.5


@pytest.mark.parametrize(
    "samples",
    [
        silence(2.0, rate=SAMPLE_RATE_HZ),
        noise(4.0, rate=SAMPLE_RATE_HZ),
        clicks(beat_times(120.0, 4.0, offset=0.0), 4.0, rate=SAMPLE_RATE_HZ),
        sine(440.0, 2.0, rate=SAMPLE_RATE_HZ),
    ],
    ids=["silence", "noise", "clicks", "one note"],
)
def test_what_has_no_key_gets_no_confidence(samples):
    assert find_key(measure_chroma(samples.astype(np.float32)))[1] == 0.0
