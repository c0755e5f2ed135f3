"""--calm: a new film is planned so, a recipe keeps its own unless told, and is told of."""

import json
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from support.films import make_recipe
from typer.testing import CliRunner

from deployments import ladder
from deployments.cli import app
from flows import render_video as rung
from recipe_schema.versions import dump, load_recipe
from recipe_schema.vocabulary import Transition


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path / "home"))


@pytest.fixture
def written(tmp_path):
    """A recipe's file; an explosion is in it."""
    path = tmp_path / "mine.json"
    film = make_recipe([0.0, 2.0], duration_s=4.0, transition=Transition.EXPLOSION)
    path.write_text(dump(film))
    return path


def call(*words):
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, " ".join(result.output.split())


@pytest.mark.parametrize(
    ("words", "calm"), [((), False), (("--calm",), True), (("--no-calm",), False)]
)
def test_make_and_demo_ask_for_a_calm_plan(monkeypatch, tmp_path, words, calm):
    asked = []

    def refuse(_screen, _place, *rest):
        asked.append(rest[-1].look.calm)
        raise KeyboardInterrupt

    monkeypatch.setattr(ladder, "make_film", refuse)
    monkeypatch.setattr(ladder, "make_demo", refuse)
    call("make", "song.wav", "--out", tmp_path / "f.mp4", *words)
    call("demo", "--folder", tmp_path, *words)
    assert asked == [calm, calm]


def test_plan_writes_calm_into_a_recipe_and_tells_what_is_softened(written, tmp_path):
    calm = tmp_path / "calm.json"
    code, said = call("plan", written, "--calm", "--out", calm)
    assert code == 0, said
    assert "visual_style.calm: on" in said
    assert "so explosion (shot_001, shot_002) is softened" in said
    assert "plain, calm" in said
    before, after = (load_recipe(path.read_text()) for path in (written, calm))
    assert after.visual_style.calm
    assert after.shot_list == before.shot_list
    code, said = call("plan", calm, "--no-calm", "--out", tmp_path / "back.json")
    assert (code, "may flash" in said) == (0, True)
    assert load_recipe((tmp_path / "back.json").read_text()) == before


def test_plan_of_a_recipe_needs_something_to_do(written, tmp_path):
    code, said = call("plan", written, "--out", tmp_path / "o.json")
    assert code == 2
    assert "--fill, --snap, --calm" in said
    code, said = call("plan", written, "--calm", "--song", "s.wav", "--out", tmp_path / "o.json")
    assert code == 2
    assert "--song goes with --fill and --snap" in said


@pytest.mark.parametrize(
    ("own", "words", "calm", "told"),
    [
        (False, ("--calm",), True, True),
        (False, (), False, False),
        (True, (), True, False),
        (True, ("--calm",), True, False),
        (True, ("--no-calm",), False, True),
    ],
)
def test_render_keeps_a_recipes_own_calm_unless_told(monkeypatch, written, own, words, calm, told):
    recipe = load_recipe(written.read_text())
    style = recipe.visual_style.model_copy(update={"calm": own})
    written.write_text(dump(recipe.model_copy(update={"visual_style": style})))
    text = written.read_text()
    rendered = []

    @contextmanager
    def engine(_screen, **_options):
        yield SimpleNamespace(run=lambda flow: flow())

    def render_video(recipe, **_rest):
        rendered.append(load_recipe(recipe).visual_style.calm)
        return ()

    monkeypatch.setattr(ladder, "_engine", engine)
    monkeypatch.setattr(rung, "render_video", render_video)
    code, said = call("render", written, *words)
    assert code == 0, said
    assert rendered == [calm]
    assert ("note: visual_style.calm" in said) == told
    assert written.read_text() == text
    said = CliRunner().invoke(app, ["render", str(written), *words, "--json"]).stdout
    notes = [event for line in said.splitlines() if (event := json.loads(line))["event"] == "note"]
    assert bool(notes) == told
