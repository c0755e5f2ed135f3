"""The word lists that forms show are those that the rooms know."""

from recipe_schema.vocabulary import Aesthetic
from tasks.planning.bank import load_bank


def test_every_aesthetic_of_the_bank_is_in_the_form():
    assert {str(look) for look in Aesthetic} == set(load_bank().aesthetics)
