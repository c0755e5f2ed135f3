"""Stems at the door: asked for by name, separated once a song, told, and never missing silently."""

import logging
from collections.abc import Iterator

import numpy as np
import pytest
from support.sounds import RATE_HZ, as_audio, beat_times, clicks, sine

from recipe_schema.forms import EarsOptions
from recipe_schema.versions import dump
from tasks.analysis import separator
from tasks.analysis.separator import SeparatorError, StemPiece
from tasks.analysis.task import analyze_song, check_ears, hearing, listeners
from tasks.analysis.version import weights_digest
from tasks.errors import BadInputError, MissingDependencyError
from tasks.media import progress
from tasks.media.audio import AudioStream, write_wav
from tasks.media.curves import read_curves
from tasks.settings import Settings
from tasks.storage import open_store


class Sides:
    """Plays drums in the left channel and all else in the right one; a minute a second."""

    name = "sides"
    release = "1"
    separated = 0
    broken = False

    def version(self) -> str:
        return f"sides {Sides.release}"

    def expected_s(self, duration_s: float) -> float | None:
        return 60.0 * duration_s

    def separate(self, audio: AudioStream) -> Iterator[StemPiece]:
        Sides.separated += 1
        for block in audio.blocks():
            left, right = block[:1], block[1:]
            stems = {"drums": left, "bass": 0.2 * right, "other": 0.8 * right}
            if Sides.broken:
                stems = {name: stem[:, ::2] for name, stem in stems.items()}
            yield StemPiece(audio.sample_rate_hz, {**stems, "vocals": np.zeros_like(stems["bass"])})


class Announced:
    """What another package's entry point gives."""

    def load(self) -> type[Sides]:
        return Sides


@pytest.fixture(autouse=True)
def _sides(monkeypatch, tmp_path):
    monkeypatch.setattr(separator, "_announced", lambda: {"sides": Announced()})
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path / "home"))
    for name, value in (("release", "1"), ("separated", 0), ("broken", False)):
        monkeypatch.setattr(Sides, name, value)


@pytest.fixture
def hear(tmp_path):
    """Goes through the door with a song of beats on the left and a tone on the right."""
    duration = 3.0
    beats = clicks(beat_times(120, duration), duration)
    tone = sine(330, duration, level=0.3) * (np.arange(len(beats)) > 1.5 * RATE_HZ)
    path = tmp_path / "song.wav"
    write_wav(path, as_audio(np.stack((beats, tone))))

    def through(stems: str | None = "sides", analysis: str | None = None, **ears: object):
        wanted = EarsOptions.model_validate({"stems": stems, **ears})
        store = str(tmp_path / "store")
        return analyze_song.fn(str(path), ears=wanted, analysis=analysis, store=store)

    return through


def test_stems_are_separated_once_a_song_and_release(hear):
    heard, hit = hear()
    assert not hit
    assert hear() == (heard, True)
    assert hear(beats="librosa")[1] is False
    assert Sides.separated == 1
    Sides.release = "2"
    assert hear()[0].backends["stems"] == "sides 2"
    assert Sides.separated == 2
    plain, _ = hear(stems=None)
    assert "stems" not in plain.backends
    assert Sides.separated == 2


def test_songs_are_heard_anew_when_stems_are_measured_otherwise(hear, monkeypatch):
    hear()
    monkeypatch.setattr(listeners, "STEMS_CODE_VERSION", "next")
    monkeypatch.setattr(hearing, "STEMS_CODE_VERSION", "next")
    assert hear()[1] is False
    assert Sides.separated == 2


def test_songs_are_heard_anew_by_other_weights(hear, monkeypatch, tmp_path):
    (tmp_path / "pulse.npz").write_bytes(b"one")
    one = weights_digest.__wrapped__(tmp_path)
    (tmp_path / "pulse.npz").write_bytes(b"two")
    assert len({one, weights_digest.__wrapped__(tmp_path), weights_digest()}) == 3
    hear(stems=None)
    monkeypatch.setattr(listeners, "weights_digest", lambda: one)
    assert hear(stems=None)[1] is False
    assert hear(stems=None)[1] is True


def test_given_analysis_whose_stems_are_lost_says_so(hear, tmp_path):
    heard, _ = hear()
    given = dump(heard)
    kept, _ = hear(stems=None, analysis=given)
    assert kept == heard
    open_store(str(tmp_path / "store")).delete(heard.curves.key)
    found, _ = hear(stems=None, analysis=given)
    assert (found.beats, found.curves) == (heard.beats, hear(stems=None)[0].curves)
    assert "stems" not in found.backends
    assert found.warnings[-1].startswith("the stems of the analysis are not in the store")


def test_curves_and_analysis_say_whose_stems_they_are_and_what_is_missing(hear, tmp_path):
    heard, _ = hear()
    assert heard.backends["stems"] == "sides 1"
    assert "sides hears no vocals in the song: stem-vocals stays at rest" in heard.warnings
    curves = read_curves(open_store(str(tmp_path / "store")).local_file(heard.curves, tmp_path))
    assert {curve.shape for curve in curves.values()} == {(300,)}
    assert curves["stem-drums"][30] > 0.8
    assert curves["stem-other"][:140].max() == 0.0
    assert curves["stem-other"][180:].min() > 0.9
    plain = read_curves(
        open_store(str(tmp_path / "store")).local_file(hear(stems=None)[0].curves, tmp_path)
    )
    assert not any(name.startswith("stem-") for name in plain)


def test_the_wait_is_told_before_it_begins(hear, caplog):
    seen: list[progress.Progress] = []
    progress.listen(seen.append)
    try:
        with caplog.at_level(logging.WARNING):
            hear()
    finally:
        progress.unlisten(seen.append)
    told = "about 3 minutes on the CPU, seconds on a GPU"
    assert f"separating 3 s of song by sides 1: {told}" in caplog.messages
    stems = [state for state in seen if state.stage == "stems"]
    assert (stems[0].done, stems[0].total, stems[0].note) == (0, 3, told)
    assert (stems[-1].done, stems[-1].total) == (3, 3)


def test_a_separator_that_fails_fails_the_song(hear):
    Sides.broken = True
    with pytest.raises(SeparatorError, match=r"sides gave 1\.50 s of stems"):
        hear()
    Sides.broken = False
    assert hear()[1] is False


def test_places_of_weights_are_settings_and_empty_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("SONGFILM_DEMUCS_MODELS", "")
    monkeypatch.setenv("SONGFILM_BEAT_THIS_WEIGHTS", "")
    assert Settings().demucs_models is None
    assert Settings().tracker_weights == {}
    monkeypatch.setenv("SONGFILM_DEMUCS_MODELS", str(tmp_path))
    with pytest.raises(MissingDependencyError, match=rf"{tmp_path} has no weights of htdemucs"):
        check_ears(EarsOptions(stems="htdemucs"))


def test_an_unknown_model_is_refused_before_the_song_is_opened(tmp_path):
    with pytest.raises(BadInputError, match=r"stems 'htdemux' are unknown; .* sides"):
        analyze_song.fn(
            "nowhere.wav", ears=EarsOptions(stems="htdemux"), store=str(tmp_path / "store")
        )
