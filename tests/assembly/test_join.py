import itertools
import resource
from fractions import Fraction

import av
import pytest
from support.films import FPS, coded_segments, film_pictures, read_code

from tasks.assembly.join import BadSegmentError, join_segments, unfinished
from tasks.assembly.sync_report import read_picture_times
from tasks.errors import NoSpaceError

SPANS = ((0, 37), (37, 38), (38, 90), (90, 121))


@pytest.fixture(scope="module")
def segments(tmp_path_factory):
    return coded_segments(tmp_path_factory.mktemp("segments"), SPANS)


def test_join_decodes_to_the_segments_pictures(segments, tmp_path):
    film = tmp_path / "film.mp4"
    assert join_segments(segments, film, fps=FPS) == 121
    apart = [y.tobytes() for path in segments for _, (y, _, _) in film_pictures(path)]
    joined = [(time, y) for time, (y, _, _) in film_pictures(film)]
    assert [y.tobytes() for _, y in joined] == apart
    assert [time for time, _ in joined] == [Fraction(n, 30) for n in range(121)]
    assert [read_code(y) for _, y in joined] == [(0, n) for n in range(121)]


def test_segments_under_test_hold_reordered_pictures(segments):
    with av.open(str(segments[2])) as container:
        packets = [p for p in container.demux(video=0) if p.dts is not None]
    assert any(p.pts != p.dts for p in packets)


def test_joined_packets_lie_on_the_exact_grid(segments, tmp_path):
    film = tmp_path / "film.mp4"
    join_segments(segments, film, fps=FPS)
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        assert stream.time_base == Fraction(1, 15360)
        dts = [p.dts for p in container.demux(stream) if p.dts is not None]
        assert stream.average_rate == FPS
        assert stream.duration == 121 * 512
    assert {b - a for a, b in itertools.pairwise(dts)} == {512}
    assert dts[0] == -2 * 512
    assert read_picture_times(film).worst_error_s(FPS) < 1e-9


def test_full_disk_is_told_as_such(segments, tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, hard))
    try:
        with pytest.raises(NoSpaceError, match="free some space"):
            join_segments(segments, tmp_path / "film.mp4", fps=FPS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_segment_of_other_settings_is_refused(segments, tmp_path):
    (tmp_path / "other").mkdir()
    other = coded_segments(tmp_path / "other", [(37, 50)], profile="baseline", bf="0")
    with pytest.raises(BadSegmentError, match="other settings"):
        join_segments([segments[0], *other], tmp_path / "film.mp4", fps=FPS)


def test_unfinished_film_never_has_its_final_name(tmp_path):
    out = tmp_path / "film.mp4"
    with pytest.raises(RuntimeError):
        _break_off(out)
    assert list(tmp_path.iterdir()) == []


def test_finished_film_replaces_an_older_one(tmp_path):
    out = tmp_path / "film.mp4"
    out.write_bytes(b"old")
    with unfinished(out) as part:
        part.write_bytes(b"new")
        assert out.read_bytes() == b"old"
    assert out.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("suffix", [".mp4", ".MKV"])
def test_film_may_have_the_longest_name_there_is(suffix, tmp_path):
    out = tmp_path / ("n" * (255 - len(suffix)) + suffix)
    with pytest.raises(RuntimeError):
        _break_off(out)
    assert list(tmp_path.iterdir()) == []
    with unfinished(out) as part:
        part.write_bytes(b"new")
        assert part.suffix == suffix
    assert list(tmp_path.iterdir()) == [out]


def test_two_films_of_one_folder_are_written_apart(tmp_path):
    with unfinished(tmp_path / "a.mp4") as a, unfinished(tmp_path / "b.mp4") as b:
        assert a != b
        a.write_bytes(b"a")
        b.write_bytes(b"b")
    assert (tmp_path / "a.mp4").read_bytes() == b"a"


def _break_off(out):
    with unfinished(out) as part:
        part.write_bytes(b"half")
        assert not out.exists()
        raise RuntimeError
