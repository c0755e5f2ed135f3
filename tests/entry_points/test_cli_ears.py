"""Options of the ears: what was typed reaches the flow, contradictions cost one sentence."""

import json
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from support.analyses import make_analysis
from support.films import make_recipe
from support.songs import write_click_song
from typer.testing import CliRunner

from deployments import ladder
from deployments.cli import app
from deployments.ears_wish import tempo_hint
from flows import analyze_song, music_video, plan_video
from recipe_schema.analysis import Confidence, Corrections, Excerpt, Loudness
from recipe_schema.forms import EarsOptions
from recipe_schema.versions import dump, load_analysis
from recipe_schema.vocabulary import TempoChange

ALL = (
    *("--double", "--downbeat-shift", "-1", "--beat-offset", "-12.5", "--meter", "3"),
    *("--beats", "librosa"),
)
ASKED = EarsOptions(
    tempo=TempoChange.DOUBLE, downbeat_shift=-1, beat_offset_ms=-12.5, meter=3, beats="librosa"
)
HEARD = make_analysis()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    return write_click_song(tmp_path_factory.mktemp("song") / "clicks.wav", 4.0)


@pytest.fixture
def asked(monkeypatch):
    """Parameters that flows are called with; `analyze-song` answers, the others end there."""
    calls = []

    @contextmanager
    def engine(_screen, **_options):
        yield SimpleNamespace(run=lambda flow: flow())

    def end(**parameters):
        calls.append(parameters)
        raise KeyboardInterrupt

    def hear(**parameters):
        calls.append(parameters)
        return HEARD

    monkeypatch.setattr(ladder, "_engine", engine)
    monkeypatch.setattr(analyze_song, "analyze_song", hear)
    monkeypatch.setattr(plan_video, "plan_video", end)
    monkeypatch.setattr(music_video, "music_video", end)
    return calls


def call(*words):
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, " ".join(result.output.split())


@pytest.mark.parametrize("verb", ["analyze", "plan", "make"])
def test_what_was_typed_reaches_the_flow(asked, song, tmp_path, verb):
    out = tmp_path / ("f.mp4" if verb == "make" else "o.json")
    call(verb, song, "--out", out, *ALL)
    call(verb, song, "--out", out, "--bpm", "97.5")
    call(verb, song, "--out", out, "--half")
    call(verb, song, "--out", out)
    wishes = [parameters["ears"] for parameters in asked]
    half = EarsOptions(tempo=TempoChange.HALF)
    assert wishes == [ASKED, EarsOptions(bpm=97.5), half, EarsOptions()]


@pytest.mark.parametrize(
    ("verb", "words", "said"),
    [
        ("plan", ("--half", "--double"), "--half and --double both say how fast the song is"),
        ("make", ("--bpm", "90", "--half"), "--bpm and --half both say"),
        ("analyze", ("--bpm", "5"), "--bpm must be at least 20"),
        ("plan", ("--beat-offset", "2000"), "--beat-offset must be at most 1000"),
        ("make", ("--downbeat-shift", "40"), "--downbeat-shift must be at most 16"),
        ("analyze", ("--meter", "0"), "--meter must be at least 1"),
        ("plan", ("--beats", "nobody"), "beat tracker 'nobody' is unknown; choose one of"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(asked, song, tmp_path, verb, words, said):
    out = tmp_path / ("f.mp4" if verb == "make" else "o.json")
    code, told = call(verb, song, "--out", out, *words)
    assert (code, asked) == (2, [])
    assert said in told


def test_recipe_is_not_corrected(asked, tmp_path):
    path = tmp_path / "r.json"
    path.write_text(dump(make_recipe([0.0, 2.0], duration_s=4.0)))
    code, told = call("plan", path, "--snap", "--half", "--out", tmp_path / "o.json")
    assert (code, asked) == (2, [])
    assert "correct what was heard, and plan anew" in told


def test_film_is_made_over_an_analysis_as_edited(asked, song, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text("// mine\n" + dump(HEARD))
    call("make", song, "--analysis", path, "--half", "--out", tmp_path / "f.mp4")
    assert load_analysis(asked[0]["analysis"]) == HEARD
    assert asked[0]["ears"].tempo == TempoChange.HALF
    part = HEARD.model_copy(update={"excerpt": Excerpt(start=1.0, length=HEARD.duration)})
    path.write_text(dump(part))
    code, told = call("make", song, "--analysis", path, "--start", 1, "--out", tmp_path / "f.mp4")
    assert (code, len(asked)) == (2, 1)
    assert "the analysis is of a part" in told
    code, told = call("make", song, "--analysis", song, "--out", tmp_path / "f.mp4")
    assert (code, len(asked)) == (2, 1)
    assert "not a JSON text file" in told


def heard(monkeypatch, **values):
    monkeypatch.setattr(f"{__name__}.HEARD", HEARD.model_copy(update=values))


def test_analyze_tells_how_sure_it_is_and_what_was_set(asked, monkeypatch, song, tmp_path):
    _, told = call("analyze", song, "--out", tmp_path / "a.json")
    assert "128.0 BPM, 4/4, C major" in told
    assert "confidence: tempo 90%, bars 80%, key 80%" in told
    assert "corrected:" not in told
    assert "unsure:" not in told
    set_right = Corrections(tempo=TempoChange.HALF, downbeat_shift=2, beat_offset_ms=-7.5)
    heard(monkeypatch, corrections=set_right)
    _, told = call("analyze", song, "--out", tmp_path / "a.json")
    assert "corrected: --half --downbeat-shift 2 --beat-offset -7.5" in told
    said = CliRunner().invoke(app, ["analyze", str(song), "--out", str(tmp_path / "a"), "--json"])
    done = json.loads(said.stdout.splitlines()[-1])
    assert done["analysis"]["corrections"]["tempo"] == "half"


@pytest.mark.parametrize(
    ("bpm", "sure", "bars", "said"),
    [
        (70.0, 0.3, 0.0, "hear it at 140? songfilm analyze my.mp3 --double; another: --bpm"),
        (174.0, 0.3, 0.0, "hear it at 87? songfilm analyze my.mp3 --half; another: --bpm"),
        (0.0, 0.0, 0.0, "hear a beat? songfilm analyze my.mp3 --bpm 120 (your tempo)"),
        (
            70.0,
            0.9,
            0.2,
            "bars begin elsewhere? songfilm analyze my.mp3 --downbeat-shift 1 (or 2, 3)",
        ),
        (70.0, 0.9, 0.8, ""),
    ],
)
def test_what_is_unsure_comes_with_what_to_type(bpm, sure, bars, said):
    unsure = Confidence(tempo=sure, downbeat=bars)
    analysis = HEARD.model_copy(update={"tempo_bpm": bpm, "confidence": unsure})
    assert tempo_hint(analysis, "my.mp3") == said


def test_nobody_is_asked_for_the_beat_of_silence():
    nothing = Loudness(integrated_lufs=None, lra=None, true_peak_dbtp=None, crest_db=None)
    unsure = Confidence(tempo=0.0, downbeat=0.0)
    silent = HEARD.model_copy(
        update={"tempo_bpm": 0.0, "confidence": unsure, "loudness": nothing, "beats": ()}
    )
    assert tempo_hint(silent, "my.mp3") == ""
