import importlib.util

import numpy as np
import pytest
from support.analyses import make_analysis

from tasks.analysis.tables import make_tables, write_tables
from tasks.errors import MissingDependencyError

CURVES = {"energy": np.linspace(0, 1, 300, dtype=np.float32), "bass": np.zeros(300, np.float32)}


def test_beats_know_their_bar_section_and_tempo():
    beats = make_tables(make_analysis(bpm=120.0, first_beat=0.5), CURVES)["beats"]
    assert list(beats.columns) == ["time", "bar", "beat", "section", "bpm"]
    assert beats.bar[:9].tolist() == [1, 1, 1, 1, 2, 2, 2, 2, 3]
    assert beats.beat[:5].tolist() == [1, 2, 3, 4, 1]
    assert np.allclose(beats.bpm, 120.0)
    # The second section starts with bar 5.
    assert beats.section[15:17].tolist() == [1, 2]


def test_beats_before_the_first_bar_end_bar_zero():
    whole = make_analysis(bpm=120.0)
    led = whole.model_copy(update={"downbeats": whole.beats[3::4]})
    beats = make_tables(led, CURVES)["beats"]
    assert beats.bar[:5].tolist() == [0, 0, 0, 1, 1]
    assert beats.beat[:5].tolist() == [2, 3, 4, 1, 2]


def test_sections_song_and_curves_are_told_in_full():
    analysis = make_analysis()
    tables = make_tables(analysis, CURVES)
    assert tables["sections"].type.tolist() == [section.type for section in analysis.sections]
    assert tables["sections"].end.tolist() == [section.end for section in analysis.sections]
    song = tables["song"].iloc[0]
    assert (song.tempo_bpm, song.key, song.integrated_lufs) == (128.0, "C major", -9.0)
    assert tables["curves"].time[100] == pytest.approx(1.0)
    assert np.array_equal(tables["curves"].energy, CURVES["energy"])


def test_a_song_without_beats_has_tables():
    tables = make_tables(make_analysis(beats=False), {})
    assert len(tables["beats"]) == len(tables["curves"]) == 0
    assert np.isnan(float(tables["song"].tempo_bpm.iloc[0] or np.nan))


def test_tables_are_files(tmp_path):
    files = write_tables(make_tables(make_analysis(), CURVES), tmp_path / "deep" / "tables")
    assert sorted(file.name for file in files) == [
        "beats.csv", "curves.csv", "sections.csv", "song.csv"
    ]  # fmt: skip
    curves = (tmp_path / "deep" / "tables" / "curves.csv").read_text().splitlines()
    assert curves[0] == "time,energy,bass"
    assert curves[-1] == "2.99,1,0"


def test_without_pandas_its_extra_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match=r"songfilm\[tables\]"):
        make_tables(make_analysis(), CURVES)
