"""The dashboard's page of a finished film tells what was used again, and what that saved."""

from pathlib import Path

import pytest
from support.stored_films import store_film

from flows import artifacts
from recipe_schema.artifacts import SyncReport
from tasks.storage.keys import film_key
from tasks.storage.local import LocalStore


@pytest.fixture
def shown(monkeypatch, tmp_path):
    """What a film's page says."""
    pages = {}
    monkeypatch.setattr(
        artifacts,
        "patiently",
        lambda create, *text, key, **_: pages.update({key: " ".join(text)}),
    )
    store = LocalStore(tmp_path / "store")
    film = store_film(store, "film-a", Path(tmp_path))
    sync = SyncReport.model_validate_json(
        store.get_bytes(film_key("film-a", "demo-song.sync_report.json"))
    )

    def show(first, others):
        shots = [first] + [others] * (len(film.shots) - 1)
        made = [
            shot.model_copy(update=changes) for shot, changes in zip(film.shots, shots, strict=True)
        ]
        artifacts.show_film(film.model_copy(update={"shots": tuple(made)}), sync, title="song")
        return pages["film"]

    return show


def test_hits_similar_clips_and_savings_are_told(shown):
    near = {"cache": "hit", "saved_usd": 1.0, "saved_s": 60.0, "near_of": "0" * 64}
    page = shown(near, {"cache": "miss", "cost": 0.5, "seconds": 0.0})
    assert "| clips from the store | 1 of 14, 1 of them of similar words |" in page
    assert "| saved | $1.00 and 60 s of rendering |" in page
    assert "| rendering | $6.50 |" in page


def test_money_is_not_named_where_there_is_none(shown):
    page = shown({"cache": "hit", "saved_s": 30.0}, {"cache": "miss", "seconds": 10.0})
    assert "| saved | 30 s of rendering |" in page
    assert "| rendering | 2 min |" in page
    assert "$" not in page
    assert "| saved |" not in shown({"cache": "miss"}, {"cache": "miss"})
