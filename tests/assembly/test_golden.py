"""Every transition and effect looks as it did when somebody looked at it.

The pictures in `golden/` are frames of the real compositor, luma above chroma, side by side. To
remake them after an intended change: ``cd tests && python -m support.golden_frames``; look at the
difference before committing it.
"""

import numpy as np
import pytest
from support.golden_frames import PAINTED, as_picture, effect_frames, golden, transition_frames

from recipe_schema.vocabulary import Effect

# Code values: room for another order of rounding, none for another picture.
MEAN, FAR, FAR_SHARE = 1.0, 8, 0.005


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    return tmp_path_factory.mktemp("two")


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    return tmp_path_factory.mktemp("one")


def looks_like(painted, kept):
    assert painted.shape == kept.shape
    off = np.abs(painted.astype(np.int16) - kept)
    return off.mean() <= MEAN and (off > FAR).mean() < FAR_SHARE


@pytest.mark.parametrize("kind", PAINTED)
def test_a_transition_looks_as_it_did(two, kind):
    assert looks_like(as_picture(transition_frames(kind, two)), golden(f"transition-{kind.value}"))


@pytest.mark.parametrize("effect", Effect)
def test_an_effect_looks_as_it_did(one, effect):
    assert looks_like(as_picture(effect_frames(effect, one)), golden(f"effect-{effect.value}"))


def test_no_golden_picture_is_taken_for_another():
    """The tolerance tells all of them apart, so it would tell a change of one as well."""
    names = [f"effect-{effect.value}" for effect in Effect]
    kept = {name: golden(name) for name in names}
    alike = [(a, b) for a in names for b in names if a < b and looks_like(kept[a], kept[b])]
    assert alike == []
