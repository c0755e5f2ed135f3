"""The word lists that forms show are those that the rooms know."""

from recipe_schema.forms import LibraryOptions, library_of
from recipe_schema.vocabulary import Aesthetic
from tasks.planning.bank import load_bank


def test_every_aesthetic_of_the_bank_is_in_the_form():
    assert {str(look) for look in Aesthetic} == set(load_bank().aesthetics)


def test_every_field_of_the_library_is_explained_in_the_form():
    fields = LibraryOptions.model_json_schema()["properties"]
    assert list(fields) == ["project", "reuse_clips", "near", "tenant"]
    assert all(field["description"] for field in fields.values())


def test_library_of_a_film_is_read_from_its_settings_whatever_else_they_hold():
    asked = LibraryOptions(project="tour", reuse_clips=False, near=0.8, tenant="band")
    settings = {"film": {"fps": "24"}, "seed": 3, **asked.model_dump(mode="json")}
    assert library_of(settings) == asked
    assert library_of({"seed": 3}) == LibraryOptions()
