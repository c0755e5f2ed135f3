"""Nobody makes the ears worse unawares: scores on development songs of the evaluation kit.

Ten of the 29 songs, two of every group: rendering all takes five minutes of CPU, which CI does not
have. ``SONGFILM_DEV_SCORES=all`` hears every one. The reference is written by ``python -m
tests.bench ears --write-reference``, when a change for the better is meant.
"""

import os

import pytest
from support.dev_scores import SONGS, read_reference
from support.eval_kit import NoKitError, find_kit, hear_songs, means, render, score, song_ids

SPLIT = "dev"
DROP = 0.01


@pytest.mark.slow
def test_development_songs_are_heard_as_well_as_ever(tmp_path):
    every = os.environ.get("SONGFILM_DEV_SCORES") == "all"
    try:
        kit = find_kit()
        ids = song_ids(kit, SPLIT) if every else list(SONGS)
        audio = render(kit, SPLIT, ids)
    except NoKitError as missing:
        pytest.skip(str(missing))
    hear_songs(ids, audio, tmp_path)
    found = means(score(kit, SPLIT, ids, audio, tmp_path))
    reference = read_reference("all" if every else "suite")
    assert set(found) == set(reference)
    worse = {
        f"{group} {metric}": (was, found[group].get(metric))
        for group, row in reference.items()
        for metric, was in row.items()
        if found[group].get(metric, 0.0) < was - DROP
    }
    assert not worse
