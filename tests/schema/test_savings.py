"""What a film saved, in words: nothing is said of nothing."""

import pytest
from support.clips import make_clip

from recipe_schema.savings import length_of_time, savings_of, spent
from tasks.storage.local import LocalStore


@pytest.fixture
def clip(tmp_path):
    return make_clip(LocalStore(tmp_path / "store"), cost=0.0, seconds=0.0)


def hit(clip, usd, seconds, near=False):
    return clip.model_copy(
        update={
            "cache": "hit",
            "saved_usd": usd,
            "saved_s": seconds,
            "near_of": "0" * 64 if near else None,
        }
    )


def test_money_and_time_are_named_when_there_are_any(clip):
    both = savings_of([clip, hit(clip, 1.5, 200.0), hit(clip, 1000.0, 100.0, near=True)])
    assert both.clips == "2 of 3, 1 of them of similar words"
    assert both.saved == "$1,001.50 and 5 min of rendering"
    assert savings_of([hit(clip, 0.0, 40.0)]).saved == "40 s of rendering"
    assert savings_of([hit(clip, 0.02, 0.0)]).saved == "$0.02"


def test_nothing_is_said_of_what_is_next_to_nothing(clip):
    nothing = savings_of([clip, hit(clip, 0.004, 0.4)])
    assert (nothing.clips, nothing.saved) == ("1 of 2", None)


def test_spent_money_is_named_only_when_it_was_spent(clip):
    assert spent([clip.model_copy(update={"seconds": 30.0})]) == "30 s"
    assert spent([clip.model_copy(update={"seconds": 200.0, "cost": 0.5})]) == "3 min, $0.50"
    assert spent([clip.model_copy(update={"cost": 0.5})]) == "$0.50"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (89, "89 s"), (90, "2 min"), (5400, "1.5 h")]
)
def test_time_is_told_in_a_unit_that_people_use(seconds, words):
    assert length_of_time(seconds) == words
