"""Project, fresh and near on the command line, and what it says of clips that were there."""

import contextlib
from types import SimpleNamespace

import pytest
from support.clips import make_clip
from support.songs import write_click_song
from support.stored_films import PLANNED, store_film
from typer.testing import CliRunner

from deployments import ladder
from deployments.cli import app
from recipe_schema.forms import LibraryOptions
from tasks.storage.local import LocalStore


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    return write_click_song(tmp_path_factory.mktemp("song") / "clicks.wav", 4.0)


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SONGFILM_STORE", str(tmp_path / "store"))
    return LocalStore(tmp_path / "store")


@pytest.fixture
def manifest(store, tmp_path):
    """A film of a project: two of its clips were there, one of them stands in."""
    film = store_film(store, "film-a", tmp_path)
    reused = [
        {"cache": "hit", "saved_usd": 0.75, "saved_s": 130.0},
        {"cache": "hit", "saved_usd": 0.45, "saved_s": 110.0, "near_of": "0" * 64},
    ]
    others = [{"cache": "miss", "cost": 0.25, "seconds": 20.0}] * (len(film.shots) - 2)
    shots = zip(film.shots, [*reused, *others], strict=True)
    return film.model_copy(
        update={
            "shots": tuple(shot.model_copy(update=changes) for shot, changes in shots),
            "settings": {"project": "tour", "tenant": "band", "near": 0.8},
        }
    )


@pytest.fixture
def asked(monkeypatch, manifest, store):
    """What flows are called with; nothing is made."""
    calls = {}

    def flow(name, answer):
        def called(**options):
            calls[name] = options["library"]
            clips = (make_clip(store), make_clip(store).model_copy(update=hit))
            return clips if not options.get("assemble", True) else answer

        hit = {"cache": "hit", "cost": 0.0, "seconds": 0.0, "saved_usd": 0.5, "saved_s": 120.0}
        monkeypatch.setattr(f"flows.{name}.{name}", called)

    for name in ("music_video", "render_video", "re_roll"):
        flow(name, manifest)
    engine = SimpleNamespace(run=lambda work: work())
    monkeypatch.setattr(
        ladder, "_engine", lambda screen, *, pictures: contextlib.nullcontext(engine)
    )
    return calls


def call(*words):
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result, " ".join(result.output.split())


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--fresh",), LibraryOptions(project="tour", reuse_clips=False)),
        (("--near", "0.9"), LibraryOptions(project="tour", near=0.9)),
    ],
)
def test_flags_reach_the_flow_of_each_rung(song, tmp_path, asked, flags, told):
    recipe, film, given = PLANNED, tmp_path / "f.mp4", ("--project", "tour", *flags)
    assert call("make", song, "--out", film, *given)[0].exit_code == 0
    assert asked.pop("music_video") == told
    assert call("render", recipe, *given)[0].exit_code == 0
    assert asked.pop("render_video") == told
    assert call("assemble", recipe, "--song", song, "--out", film, *given)[0].exit_code == 0
    assert asked.pop("render_video") == told


def test_fresh_and_near_contradict_each_other_on_each_rung(song, tmp_path, asked):
    recipe, film, both = PLANNED, tmp_path / "f.mp4", ("--fresh", "--near", "0.9")
    for words in (
        ("make", song, "--out", film),
        ("render", recipe),
        ("assemble", recipe, "--song", song, "--out", film),
        ("re-roll", film, "--shot", "shot_001", "--out", tmp_path / "g.mp4"),
    ):
        result, said = call(*words, *both)
        assert (result.exit_code, "stand in; give one" in said) == (2, True)
    assert not asked


def test_without_flags_clips_are_shared_and_nothing_stands_in(song, tmp_path, asked):
    assert call("make", song, "--out", tmp_path / "f.mp4")[0].exit_code == 0
    assert asked["music_video"] == LibraryOptions()


def test_new_take_stays_in_the_project_of_its_film(tmp_path, asked, manifest):
    film = tmp_path / "film.mp4"
    film.touch()
    (tmp_path / "film.recipe.json").write_text(PLANNED.read_text())
    (tmp_path / "film.manifest.json").write_text(manifest.model_dump_json())
    words = ("re-roll", film, "--shot", "shot_002", "--out", tmp_path / "b.mp4")
    assert call(*words)[0].exit_code == 0
    kept = LibraryOptions(project="tour", tenant="band", near=0.8)
    assert asked.pop("re_roll") == kept
    assert call(*words, "--project", "encore", "--fresh")[0].exit_code == 0
    changes = {"project": "encore", "reuse_clips": False}
    assert asked["re_roll"] == kept.model_copy(update=changes)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--project", "a/b"), "--project 'a/b': a project's name has 1 to 80 characters, no /"),
        (("--project", ""), "--project ''"),
        (("--near", "0.2"), "--near 0.2: a similarity is at least 0.5 and below 1"),
        (("--near", "1"), "--near 1.0: a similarity"),
    ],
)
def test_what_is_no_project_or_similarity_is_refused(song, tmp_path, asked, flags, said):
    result, output = call("make", song, "--out", tmp_path / "f.mp4", *flags)
    assert result.exit_code == 2
    assert said in output
    assert not asked


def test_film_that_costs_money_is_not_begun_without_a_catalogue(
    song, tmp_path, asked, manifest, monkeypatch
):
    film = tmp_path / "a.mp4"
    (tmp_path / "a.manifest.json").write_text(manifest.model_dump_json())
    (tmp_path / "a.recipe.json").write_text(PLANNED.read_text())
    out = ("--out", tmp_path / "f.mp4")
    rungs = (
        ("make", song, *out),
        ("render", PLANNED),
        ("assemble", PLANNED, "--song", song, *out),
        ("re-roll", film, "--shot", "shot_002", *out),
    )
    monkeypatch.setenv("SONGFILM_CATALOGUE_URL", "mysql://host/db")
    monkeypatch.setenv("SONGFILM_USD_PER_HOUR", "1.5")
    for words in rungs:
        result, output = call(*words)
        assert result.exit_code == 2, words
        assert output.count("SONGFILM_CATALOGUE_URL is not understood") == 1
    assert not asked
    monkeypatch.setenv("SONGFILM_USD_PER_HOUR", "0")
    for words in rungs:
        assert call(*words)[0].exit_code == 0, words


def test_film_tells_what_was_used_again_saved_and_spent(song, tmp_path, asked, manifest):
    _, output = call("make", song, "--out", tmp_path / "f.mp4")
    shots, spent = len(manifest.shots), len(manifest.shots) - 2
    assert f"used again: 2 of {shots} clips (1 of similar words)" in output
    assert "that saved $1.20 and 4 min of rendering" in output
    assert f"spent: {spent * 20 / 60:.0f} min, ${spent * 0.25:.2f}" in output


def test_clips_tell_what_was_saved(asked):
    _, output = call("render", PLANNED)
    assert "clips: 1 rendered, 1 from the store; that saved $0.50 and 2 min" in output
    assert "spent: 2 min, $0.50" in output


def test_money_is_not_named_where_there_is_none(song, tmp_path, asked, manifest, monkeypatch):
    free = tuple(shot.model_copy(update={"cost": 0.0, "saved_usd": 0.0}) for shot in manifest.shots)
    poor = manifest.model_copy(update={"shots": free})
    monkeypatch.setattr("flows.music_video.music_video", lambda **options: poor)
    _, output = call("make", song, "--out", tmp_path / "f.mp4")
    assert "that saved 4 min of rendering" in output
    assert "$" not in output
