"""A film that costs money asks for its catalogue before it renders anything."""

import pytest
from support.analyses import make_analysis
from support.stored_films import PLANNED

from flows import film as films
from flows.render_video import render_video
from recipe_schema.assembly import FilmFormat
from recipe_schema.farm import Production
from recipe_schema.forms import FarmOptions
from recipe_schema.versions import load_recipe
from recipe_schema.vocabulary import OnFailure
from tasks.errors import BadInputError


class BegunError(Exception):
    """Shots are rendered."""


@pytest.mark.parametrize("on_failure", [OnFailure.FAIL, OnFailure.PROCEDURAL])
def test_catalogue_that_cannot_be_opened_is_one_error_before_the_first_shot(
    tmp_path, monkeypatch, on_failure
):
    def begin(*_args, **_options):
        raise BegunError

    monkeypatch.setattr(films, "render_shots", begin)
    monkeypatch.setattr(films, "refuse_faults", lambda *_args, **_options: ())
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path))
    monkeypatch.setenv("SONGFILM_CATALOGUE_URL", "mysql://host/db")
    job = Production(
        recipe=load_recipe(PLANNED.read_text()),
        analysis=make_analysis(),
        film=FilmFormat(),
        renderer="procedural",
        store=str(tmp_path / "store"),
        farm=FarmOptions(on_failure=on_failure),
        film_run="film-x",
    )
    for usd_per_hour, error in (("1.5", BadInputError), ("0", BegunError)):
        monkeypatch.setenv("SONGFILM_USD_PER_HOUR", usd_per_hour)
        with pytest.raises(error):
            films.make_film(job, out=str(tmp_path / "f.mp4"), planned=True, asked={})


def test_clips_alone_ask_for_the_catalogue_too(tmp_path, monkeypatch):
    def begin(*_args, **_options):
        raise BegunError

    monkeypatch.setattr("flows.render_video.render_shots", begin)
    monkeypatch.setattr("flows.render_video.analysis_for", lambda *_args, **_options: (None, ()))
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path))
    monkeypatch.setenv("SONGFILM_CATALOGUE_URL", "mysql://host/db")
    told = {"recipe": PLANNED.read_text(), "store": str(tmp_path / "store"), "assemble": False}
    for usd_per_hour, error in (("1.5", BadInputError), ("0", BegunError)):
        monkeypatch.setenv("SONGFILM_USD_PER_HOUR", usd_per_hour)
        with pytest.raises(error):
            render_video.fn(**told)
