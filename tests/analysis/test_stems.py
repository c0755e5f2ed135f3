"""Stems: whatever a separator hands over becomes curves, and what it withholds is told."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from support.sounds import as_audio, noise, silence, sine

from tasks import cancellation
from tasks.analysis.separator import STEMS, SeparatorError, StemPiece, load_separator
from tasks.analysis.stems import (
    MIX,
    SongPower,
    measure_song,
    measure_stems,
    stem_notes,
    trace_stems,
    waiting_note,
)
from tasks.errors import BadInputError, MissingDependencyError, RunCancelledError
from tasks.media.audio import Audio, FloatArray

RATE = 8000


class Taken:
    """Hands over given stems in pieces of given lengths."""

    name = "taken"

    def __init__(self, stems: dict[str, FloatArray], *, cuts: tuple[int, ...] = ()) -> None:
        self._stems = {name: np.atleast_2d(stem) for name, stem in stems.items()}
        self._cuts = cuts
        self.handed = 0

    def version(self) -> str:
        return "1"

    def expected_s(self, duration_s: float) -> float | None:
        return None

    def separate(self, audio: Audio) -> Iterator[StemPiece]:
        borders = [0, *self._cuts, audio.samples.shape[1]]
        for first, last in pairwise(borders):
            self.handed += 1
            yield StemPiece(RATE, {name: s[:, first:last] for name, s in self._stems.items()})


@pytest.fixture(autouse=True)
def _nobody_asked_to_stop() -> Iterator[None]:
    cancellation.clear()
    yield
    cancellation.clear()


def ignore(done: int, total: int) -> None:
    """Progress that nobody follows."""


def late(hz: float, *, level: float = 0.3) -> FloatArray:
    """Two seconds of which the second one sounds."""
    return np.concatenate((silence(1.0, rate=RATE), sine(hz, 1.0, level=level, rate=RATE)))


def early(hz: float, *, level: float = 0.3) -> FloatArray:
    return late(hz, level=level)[::-1].copy()


def song_of(stems: dict[str, FloatArray]) -> Audio:
    return as_audio(np.sum(list(stems.values()), axis=0), sample_rate_hz=RATE)


def powers_of(stems: dict[str, FloatArray], *, cuts: tuple[int, ...] = ()) -> dict[str, FloatArray]:
    song = song_of(stems)
    return measure_stems(song, measure_song(song), Taken(stems, cuts=cuts), progress=ignore)


FOUR = {"drums": early(2000), "bass": late(60), "vocals": early(440), "other": late(700)}


def test_each_curve_moves_with_its_own_stem():
    curves = trace_stems(powers_of(FOUR))
    assert list(curves) == [f"stem-{name}" for name in STEMS]
    for name, curve in curves.items():
        assert curve.dtype == np.float32
        assert curve.shape == (200,)
        heard, rest = (
            (curve[20:90], curve[150:])
            if FOUR[name[5:]][500]
            else (
                curve[115:190],
                curve[:90],
            )
        )
        assert heard.min() > 0.85, name
        assert rest.max() < 0.25, name
    assert curves["stem-bass"][125:190].std() < 0.01  # a low note does not ripple


def test_pieces_leave_no_seam():
    whole = powers_of(FOUR)
    for cuts in ((1,), (8000, 8001, 12345), tuple(range(77, 16000, 333))):
        pieces = powers_of(FOUR, cuts=cuts)
        for name in (*STEMS, MIX):
            assert pieces[name] == pytest.approx(whole[name], rel=1e-6, abs=1e-12)


def test_a_value_is_the_power_around_its_time():
    click = silence(1.0, rate=RATE)
    click[4000] = 1.0
    power = measure_song(as_audio(click, sample_rate_hz=RATE)).power
    assert np.flatnonzero(power).tolist() == [50]
    assert power[50] == pytest.approx(1.0 / 80.0)
    constant = np.full(44100, 0.5, np.float32)
    assert measure_song(as_audio(constant)).power == pytest.approx(np.full(100, 0.25))


def test_gain_changes_nothing():
    loud, soft = (
        trace_stems(powers_of({name: stem * gain for name, stem in FOUR.items()}))
        for gain in (1.0, 0.25)
    )
    for name, curve in loud.items():
        assert soft[name] == pytest.approx(curve, abs=1e-3)


def test_what_is_left_of_an_absent_stem_stays_at_rest_and_is_told():
    stems = FOUR | {"vocals": noise(2.0, level=0.3 * 10 ** (-36 / 20), rate=RATE)}
    curves = trace_stems(powers_of(stems))
    assert not curves["stem-vocals"].any()
    assert stem_notes(curves, separator="taken") == (
        "taken hears no vocals in the song: stem-vocals stays at rest",
    )
    soft = FOUR | {"vocals": early(440, level=0.3 * 10 ** (-15 / 20))}
    assert trace_stems(powers_of(soft))["stem-vocals"].max() > 0.9


def test_a_voice_that_sings_but_a_moment_is_as_full_as_any():
    word = silence(2.0, rate=RATE)
    word[8000:8400] = sine(440, 0.05, level=0.3, rate=RATE)
    leak = noise(2.0, level=0.3 * 10 ** (-40 / 20), rate=RATE)
    curve = trace_stems(powers_of(FOUR | {"vocals": word + leak}))["stem-vocals"]
    assert curve.max() > 0.8
    assert curve[:95].max() == 0.0


def test_guitar_and_piano_play_in_other():
    six = FOUR | {"guitar": early(300), "piano": -late(700)}
    folded = powers_of(six)
    assert set(folded) == {*STEMS, MIX}
    same = powers_of(FOUR | {"other": early(300)})
    assert folded["other"] == pytest.approx(same["other"], abs=1e-9)


def test_a_stem_that_is_not_separated_is_told_with_the_band_that_stands_in():
    curves = trace_stems(powers_of({"vocals": FOUR["vocals"], "accompaniment": FOUR["bass"]}))
    assert set(curves) == {"stem-vocals", "stem-other"}
    assert stem_notes(curves, separator="duo") == (
        "duo separates no drums: the song's bass band stands in",
        "duo separates no bass: the song's bass band stands in",
    )


def test_silence_and_a_song_of_a_moment_have_stems():
    still = dict.fromkeys(STEMS, silence(0.5, rate=RATE))
    curves = trace_stems(powers_of(still))
    assert not any(curve.any() for curve in curves.values())
    assert len(stem_notes(curves, separator="taken")) == 4
    moment = dict.fromkeys(STEMS, np.full(1, 0.1, np.float32))
    assert {curve.shape for curve in trace_stems(powers_of(moment)).values()} == {(1,)}


@pytest.mark.parametrize(
    ("stems", "told"),
    [
        ({name: stem[:9000] for name, stem in FOUR.items()}, "1.12 s of stems for 2.00 s"),
        (FOUR | {"bass": FOUR["bass"][:100]}, "of lengths"),
        (FOUR | {"bass": np.full(16000, np.nan, np.float32)}, "no numbers"),
    ],
)
def test_pieces_that_are_not_the_songs_stems_are_refused(stems, told):
    song = song_of(FOUR)
    with pytest.raises(SeparatorError, match=told):
        measure_stems(song, measure_song(song), Taken(stems), progress=ignore)


def test_progress_counts_seconds_and_a_request_stops_before_the_next_piece():
    song, seen = song_of(FOUR), []

    def follow(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 1:
            cancellation.request()

    taken = Taken(FOUR, cuts=(4000, 8000, 12000))
    with pytest.raises(RunCancelledError):
        measure_stems(song, measure_song(song), taken, progress=follow)
    assert seen == [(0, 2), (0, 2), (1, 2)]
    assert taken.handed == 2


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, ""),
        (20.0, "less than a minute on the CPU"),
        (60.0, "about 1 minute on the CPU, seconds on a GPU"),
        (601.0, "about 11 minutes on the CPU, seconds on a GPU"),
    ],
)
def test_a_wait_is_told_in_minutes(seconds, told):
    assert waiting_note(seconds) == told


def test_an_unknown_name_is_refused_with_those_that_are_known(tmp_path):
    with pytest.raises(BadInputError, match=r"'htdemux' are unknown.*htdemucs, htdemucs_6s"):
        load_separator("htdemux")
    (tmp_path / "mine.yaml").write_text("models: []")
    with pytest.raises(BadInputError, match=r"choose one of .*mdx_extra, mine"):
        load_separator("htdemux", weights=tmp_path)
    with pytest.raises(BadInputError, match=r"SONGFILM_DEMUCS_MODELS: .*nowhere is no folder"):
        load_separator("htdemucs", weights=tmp_path / "nowhere")


def test_a_folder_without_the_weights_is_refused_before_work(tmp_path):
    with pytest.raises(MissingDependencyError, match="has no weights of htdemucs; put its"):
        load_separator("htdemucs", weights=tmp_path)
    (tmp_path / "htdemucs.yaml").write_text("models: ['955717e8']")
    with pytest.raises(MissingDependencyError, match=r"lacks networks of htdemucs: 955717e8-….th"):
        load_separator("htdemucs", weights=tmp_path)
    (tmp_path / "htdemucs.yaml").write_text("- nonsense")
    with pytest.raises(BadInputError, match="no list of a model's networks"):
        load_separator("htdemucs", weights=tmp_path)


@pytest.mark.parametrize("package", ["torch", "demucs"])
def test_a_package_that_is_not_installed_is_named_with_its_extra(monkeypatch, package):
    from tasks.analysis.backends import demucs

    monkeypatch.setattr(
        demucs.importlib.util, "find_spec", lambda name: None if name == package else object()
    )
    with pytest.raises(MissingDependencyError, match=rf"need {package}.*songfilm\[stems\]"):
        load_separator("htdemucs_ft")


def test_a_song_of_no_samples_has_no_power():
    assert measure_song(Audio(np.zeros((1, 0), np.float32), RATE)).power.tolist() == [0.0]
    assert isinstance(measure_song(song_of(FOUR)), SongPower)
