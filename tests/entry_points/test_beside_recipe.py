"""A recipe that lies beside its film is assembled in that film's format."""

import pytest
from support.stored_films import store_film
from typer.testing import CliRunner

from deployments import ladder
from deployments.beside_recipe import format_beside
from deployments.cli import app
from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import Fit, Quality, VideoCodec
from tasks.errors import BadInputError
from tasks.storage.local import LocalStore
from tasks.storage.store import to_json

SMALL = FilmFormat(
    width_px=640,
    height_px=360,
    fps="30",
    quality=Quality.DRAFT,
    codec=VideoCodec.H265,
    fit=Fit.CONTAIN,
)


@pytest.fixture
def recipe(tmp_path):
    manifest = store_film(LocalStore(tmp_path / "store"), "run-a", tmp_path)
    manifest = manifest.model_copy(update={"settings": {"film": SMALL.model_dump(mode="json")}})
    (tmp_path / "my.v2.manifest.json").write_text(to_json(manifest))
    return tmp_path / "my.v2.recipe.json"


def test_what_is_not_given_is_the_films(recipe):
    assert format_beside(recipe) == (
        SMALL,
        "640x360, 30 fps, draft, h265, fit contain, as the film beside the recipe",
    )


def test_what_is_given_counts(recipe):
    film, told = format_beside(recipe, size="720p", quality=Quality.MASTER, fit=Fit.COVER)

    wanted = {"width_px": 1280, "height_px": 720, "quality": Quality.MASTER, "fit": Fit.COVER}
    assert film == SMALL.model_copy(update=wanted)
    assert told == "30 fps, h265, as the film beside the recipe"


def test_native_clips_stay_native_unless_they_should_not(recipe, tmp_path):
    manifest = tmp_path / "my.v2.manifest.json"
    manifest.write_text(manifest.read_text().replace('"native": false', '"native": true'))

    film, told = format_beside(recipe)
    assert film.native
    assert "native clips, as the film beside" in told
    assert not format_beside(recipe, native=False)[0].native


def test_recipe_without_a_film_is_assembled_as_usual(recipe, tmp_path):
    assert format_beside(tmp_path / "other.recipe.json") == (FilmFormat(), None)
    assert format_beside(tmp_path / "recipe.json", fps="25")[0] == FilmFormat(fps="25")


def test_manifest_that_tells_no_format_is_told(recipe, tmp_path):
    for text in ("{}", "no json"):
        (tmp_path / "my.v2.manifest.json").write_text(text)
        film, told = format_beside(recipe)
        assert film == FilmFormat()
        assert told.startswith("my.v2.manifest.json does not say")


def test_assemble_takes_it_over(recipe, tmp_path, monkeypatch):
    asked = []

    def assemble(_screen, _recipe, _song, _out, wishes):
        asked.append(wishes.film)
        raise BadInputError("enough")

    monkeypatch.setattr(ladder, "assemble_film", assemble)
    words = ["assemble", str(recipe), "--song", "s.wav", "--out", "f.mp4", "--fps", "25"]

    result = CliRunner().invoke(app, words)

    assert asked == [SMALL.model_copy(update={"fps": "25/1"})]
    assert "note: 640x360, draft, h265" in result.output


def test_format_that_cannot_be_is_refused(recipe):
    with pytest.raises(BadInputError, match="640x360 at 900 frames a second: fps 900 is outside"):
        format_beside(recipe, fps="900")
