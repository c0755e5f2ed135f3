import numpy as np
import pytest
from support.analyses import make_analysis

from deployments.beside_analysis import Beside
from tasks.errors import BadInputError
from tasks.media.curves import write_curves
from tasks.storage import open_store
from tasks.storage.store import keep_file


@pytest.fixture
def stored(tmp_path):
    """An analysis whose curves are in a store, and the store's address."""
    address = str(tmp_path / "store")
    file = tmp_path / "curves.npz"
    write_curves(file, {"energy": np.full(200, 0.5, np.float32)})
    curves = keep_file(open_store(address), file, "application/x-npz")
    return make_analysis(duration=2.0).model_copy(update={"curves": curves}), address


def test_picture_and_tables_are_written(tmp_path, stored):
    beside = Beside(tmp_path / "song.svg", tmp_path / "tables")
    beside.check(tmp_path / "analysis.json")
    files, notes = beside.write(stored[0], store=stored[1])
    assert [file.name for file in files] == [
        "song.svg", "song.csv", "sections.csv", "beats.csv", "curves.csv"
    ]  # fmt: skip
    assert all(file.stat().st_size for file in files)
    assert len(notes) == 1  # no portrait beside these curves


def test_what_cannot_be_written_is_refused_before_anything_is_heard(tmp_path):
    (tmp_path / "taken").touch()
    with pytest.raises(BadInputError, match=r"ends in \.png"):
        Beside(plot=tmp_path / "song.jpg").check()
    with pytest.raises(BadInputError, match="would be overwritten"):
        Beside(plot=tmp_path / "song.png").check(tmp_path / "song.png")
    with pytest.raises(BadInputError, match="need a folder"):
        Beside(tables=tmp_path / "taken").check()


def test_nothing_is_written_unasked(tmp_path, stored):
    assert Beside().write(stored[0], store=stored[1]) == ((), [])
