"""Demucs: networks of random weights, loaded by its own code, give the stems that it gives."""

import socket
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from support.sounds import RATE_HZ, as_audio, noise, sine
from support.tiny_demucs import SOURCES, write_network

from tasks import cancellation
from tasks.analysis.separator import STEMS, load_separator
from tasks.analysis.stems import measure_song, measure_stems, trace_stems
from tasks.errors import MissingDependencyError, RunCancelledError
from tasks.media.audio import Audio, FloatArray, open_audio, write_wav

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(map(find_spec, ("torch", "demucs"))), reason="needs songfilm[stems]"
    ),
]


@pytest.fixture(scope="module", autouse=True)
def torch() -> Iterator[Any]:
    """torch, whose threads wait for each other for minutes where others use the cores."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        module = import_module("torch")
    threads = module.get_num_threads()
    module.set_num_threads(1)
    yield module
    module.set_num_threads(threads)


@pytest.fixture(autouse=True)
def _nobody_asked_to_stop() -> Iterator[None]:
    cancellation.clear()
    yield
    cancellation.clear()


@pytest.fixture(scope="module")
def folder(torch, tmp_path_factory) -> Path:
    """Two networks, a model of both, and one of six sources."""
    made = tmp_path_factory.mktemp("weights")
    write_network(made, "tiny0001")
    write_network(made, "tiny0002")
    write_network(made, "tiny0006", (*SOURCES, "guitar", "piano"))
    weights = [[1.0, 0.0, 0.5, 1.0], [0.0, 1.0, 0.5, 1.0]]
    bag = {"models": ["tiny0001", "tiny0002"], "weights": weights}
    (made / "duo.yaml").write_text(yaml.safe_dump(bag))
    return made


def song(seconds: float, *, rate: int = RATE_HZ, channels: int = 2) -> Audio:
    """A low tone that stands still in a hiss, louder in the left, not quite around zero."""
    left = sine(110, seconds, level=0.3, rate=rate) + noise(seconds, seed=1, rate=rate) + 0.01
    right = 0.5 * sine(110, seconds, level=0.3, rate=rate) + noise(seconds, seed=2, rate=rate)
    return as_audio(np.stack((left, right))[:channels], sample_rate_hz=rate)


def separated(name: str, folder: Path, audio: Audio) -> dict[str, FloatArray]:
    pieces = list(load_separator(name, weights=folder).separate(audio))
    return {
        stem: np.concatenate([piece.stems[stem] for piece in pieces], axis=1)
        for stem in pieces[0].stems
    }


@pytest.mark.parametrize(
    ("name", "seconds"), [("tiny0001", 0.3), ("tiny0001", 2.0), ("tiny0001", 3.6), ("duo", 1.7)]
)
def test_stems_are_those_of_demucs_itself(torch, folder, name, seconds):
    from demucs.apply import apply_model
    from demucs.pretrained import get_model

    audio, model = song(seconds), get_model(name, repo=folder)
    mean, spread = audio.mono().mean(), audio.mono().std() + 1e-8
    mix = torch.from_numpy((audio.samples - mean) / spread)[None]
    wanted = apply_model(model, mix, shifts=0, split=True, overlap=0.25)[0].numpy() * spread + mean
    found = separated(name, folder, audio)
    assert list(found) == model.sources
    for number, stem in enumerate(model.sources):
        assert found[stem] == pytest.approx(wanted[number], abs=1e-6)
    assert np.abs(wanted).max() > 0.01


def test_the_same_samples_give_the_same_stems_in_pieces_of_a_second_or_two(folder):
    audio = song(4.0)
    first, again = separated("tiny0001", folder, audio), separated("tiny0001", folder, audio)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    lengths = [
        piece.stems["bass"].shape[1]
        for piece in load_separator("tiny0001", weights=folder).separate(audio)
    ]
    assert sum(lengths) == audio.samples.shape[1]
    assert max(lengths) <= 1.5 * RATE_HZ


@pytest.mark.parametrize(("rate", "channels"), [(48000, 2), (22050, 1), (44100, 1)])
def test_any_rate_and_mono_give_the_stems_of_the_same_sound(folder, rate, channels):
    tones = {
        hz: np.repeat(sine(300, 3.0, level=0.3, rate=hz)[None], 2, axis=0) for hz in (44100, rate)
    }
    wanted = separated("tiny0001", folder, as_audio(tones[44100]))
    found = separated("tiny0001", folder, as_audio(tones[rate][:channels], sample_rate_hz=rate))
    middle = slice(10_000, 120_000)  # a tone that begins at once is not the same at another rate
    for name, stem in found.items():
        assert stem.shape == wanted[name].shape == (2, 3 * 44100)
        assert stem[:, middle] == pytest.approx(wanted[name][:, middle], abs=2e-3)


def test_a_file_is_separated_while_it_is_decoded(folder, tmp_path):
    write_wav(tmp_path / "song.wav", song(3.0))
    streamed = open_audio(tmp_path / "song.wav")
    separator = load_separator("tiny0001", weights=folder)
    powers = measure_stems(streamed, measure_song(streamed), separator, progress=lambda *_: None)
    assert {power.shape for power in powers.values()} == {(300,)}
    whole = separated("tiny0001", folder, song(3.0))
    for name in STEMS:
        mean = float(np.square(whole[name], dtype=np.float64).mean())
        assert powers[name].mean() == pytest.approx(mean, rel=1e-2)


def test_six_sources_give_four_curves(folder):
    audio = song(2.5)
    separator = load_separator("tiny0006", weights=folder)
    powers = measure_stems(audio, measure_song(audio), separator, progress=lambda *_: None)
    assert list(trace_stems(powers)) == [f"stem-{name}" for name in STEMS]


def test_a_request_stops_inside_a_piece(folder):
    pieces = load_separator("duo", weights=folder).separate(song(4.0))
    next(pieces)
    cancellation.request()
    with pytest.raises(RunCancelledError):
        next(pieces)


def test_version_names_model_release_and_weights(folder, tmp_path):
    told = load_separator("tiny0001", weights=folder).version()
    assert told.startswith("tiny0001, demucs 4.")
    others = {load_separator(name, weights=folder).version()[-12:] for name in ("tiny0002", "duo")}
    assert told[-12:] not in others
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert load_separator("tiny0001", weights=tmp_path).version() == told
    assert load_separator("htdemucs").version() == told.split(",")[1].join(("htdemucs,", ""))


def test_four_networks_are_told_to_take_four_times_as_long(torch, folder):
    if torch.cuda.is_available():
        pytest.skip("a GPU is not waited for")
    alone, four = (load_separator(name).expected_s(60.0) for name in ("htdemucs", "htdemucs_ft"))
    assert four == pytest.approx(4 * alone)
    assert load_separator("duo", weights=folder).expected_s(60.0) == pytest.approx(2 * alone)
    torch.set_num_threads(2)
    assert load_separator("htdemucs").expected_s(60.0) == pytest.approx(alone / 2)
    torch.set_num_threads(1)


def test_damaged_weights_are_told(folder, tmp_path):
    source = next(folder.glob("tiny0001-*.th"))
    (tmp_path / source.name).write_bytes(source.read_bytes()[:-9])
    (tmp_path / "bare.th").write_bytes(b"not a network")
    for name in ("tiny0001", "bare"):
        with pytest.raises(MissingDependencyError, match=r"cannot be read .*copy or download"):
            next(load_separator(name, weights=tmp_path).separate(song(0.5)))


def test_without_weights_and_network_it_is_told_what_to_do(torch, monkeypatch, tmp_path):
    def refuse(*address: object, **options: object) -> None:
        raise OSError("no network in this test")

    for name in ("getaddrinfo", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.raises(MissingDependencyError, match="go online once, or set SONGFILM_DEMUCS_"):
        next(load_separator("hdemucs_mmi").separate(song(0.5)))


@pytest.mark.gpu
def test_a_gpu_gives_the_stems_of_the_cpu(torch, folder, monkeypatch):
    if not torch.cuda.is_available():
        pytest.skip("torch has no GPU")
    audio = song(3.0)
    card = separated("tiny0001", folder, audio)
    assert load_separator("tiny0001", weights=folder).expected_s(60.0) is None
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for name, stem in separated("tiny0001", folder, audio).items():
        assert card[name] == pytest.approx(stem, abs=2e-3)
