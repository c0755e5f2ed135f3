"""An analysis edited by hand: what cannot be is refused with its place, what is odd is told."""

import json
import re

import pytest
from support.analyses import make_analysis

from recipe_schema.versions import RecipeFormatError, dump, load_analysis
from tasks.analysis.edits import check_edits
from tasks.errors import BadInputError

SONG = make_analysis()


def edited(change):
    """The song's file after somebody's change."""
    data = json.loads(dump(SONG))
    change(data)
    return json.dumps(data)


def section(number, **values):
    return lambda data: data["sections"][number].update(values)


def drop(name, k):
    return lambda data: data[name].pop(k)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (section(2, type="chrous"), r"'chrous' is not a section type .*'chorus'.*known: intro"),
        (section(2, start=16.0), r"sections 2 \(buildup\) and 3 \(drop\) leave a gap.*15 s.*16 s"),
        (section(2, start=14.0), r"sections 2 \(buildup\) and 3 \(drop\) overlap.*same time in"),
        (section(0, start=1.0), r"first section \(intro\) starts at 1 s; let it start at 0"),
        (section(-1, end=50.0), r"last section \(outro\) ends at 50 s, the song at 50\.625 s"),
        (section(1, end=2.0), r"section buildup ends at 2\.0 s, not after"),
        (lambda data: data["beats"].insert(3, 9.0), r"beats must rise: number 5 is at 1\.40625 s"),
        (lambda data: data["beats"].append(51.0), r"beats end at 51\.000 s, after the song"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(change, said):
    with pytest.raises(RecipeFormatError, match=said):
        load_analysis(edited(change))


def test_downbeat_without_its_beat_is_refused():
    with pytest.raises(BadInputError, match=re.escape("the first at 7.500 s; delete them from")):
        check_edits(load_analysis(edited(drop("beats", 16))))


@pytest.mark.parametrize("change", [drop("beats", 17), section(1, label="X"), drop("downbeats", 1)])
def test_free_edits_are_taken_as_they_are(change):
    analysis = load_analysis(edited(change))
    assert check_edits(analysis) is analysis


def test_borders_off_the_bars_are_taken_and_told_once():
    def move(data):
        for k, time in ((1, 7.9), (2, 15.2)):
            data["sections"][k]["start"] = data["sections"][k - 1]["end"] = time

    analysis = check_edits(load_analysis(edited(move)))
    assert analysis.warnings == ("sections begin off the bars: buildup at 7.90 s, drop at 15.20 s",)
    assert [each.start for each in analysis.sections[1:3]] == [7.9, 15.2]
    assert check_edits(analysis) == analysis
