"""What a clip looks like: the right numbers, from its pixels alone, measured once."""

from fractions import Fraction

import numpy as np
import pytest
from support.clips import make_clip
from support.pictures import busy_picture, flat_picture, write_clip

from recipe_schema.assembly import Grading
from tasks.assembly import oklab
from tasks.assembly.task import looks
from tasks.assembly.task.looks import clip_traits, stored_lut
from tasks.assembly.traits import measure_traits
from tasks.errors import BadInputError
from tasks.media import workers
from tasks.media.ffmpeg import BadMediaError
from tasks.storage import open_store
from tasks.storage.keys import traits_digest
from tasks.storage.store import keep_file


def test_flat_grey_is_told_exactly(tmp_path):
    traits = measure_traits(write_clip(tmp_path / "a.mp4", [flat_picture(126)] * 3))
    light = float(oklab.lightness_of(np.array(110 / 219)))
    assert traits.lightness == pytest.approx(light, abs=2e-3)
    assert traits.black == pytest.approx(light, abs=2e-3)
    assert traits.white == pytest.approx(light, abs=2e-3)
    assert traits.contrast == pytest.approx(0.0, abs=1e-3)
    assert np.hypot(traits.chroma_a, traits.chroma_b) < 2e-3
    np.testing.assert_allclose(traits.levels, light, atol=2e-3)


def test_red_half_gives_half_its_colour(tmp_path):
    y, u, v = flat_picture(63, 102, 240)
    y[:, 32:], u[:, 16:], v[:, 16:] = 16, 128, 128
    traits = measure_traits(write_clip(tmp_path / "a.mp4", [(y, u, v)] * 2))
    red = oklab.rgb_to_oklab(np.array([1.0, 0.0, 0.0]))
    half = [traits.lightness, traits.chroma_a, traits.chroma_b]
    np.testing.assert_allclose(half, red / 2, atol=0.02)
    assert traits.contrast == pytest.approx(red[0] / 2, abs=0.02)
    assert traits.colourfulness == pytest.approx(np.hypot(*red[1:]) / np.sqrt(2), abs=0.02)
    assert traits.levels[0] < 0.03 < 0.6 < traits.levels[-1]
    assert list(traits.levels) == sorted(traits.levels)


def test_every_part_of_a_long_clip_counts(tmp_path):
    """The dark second half of a clip is seen, at any frame rate."""
    pictures = [flat_picture(200)] * 40 + [flat_picture(40)] * 40
    fast = measure_traits(write_clip(tmp_path / "a.mp4", pictures, fps=Fraction(60)))
    light, dark = (float(oklab.lightness_of(np.array((c - 16) / 219))) for c in (200, 40))
    assert fast.lightness == pytest.approx((light + dark) / 2, abs=0.06)


@pytest.mark.parametrize("size", [(4, 4), (16, 16), (66, 38), (320, 180), (36, 64)])
def test_any_size_is_measured_twice_alike(tmp_path, size):
    clip = write_clip(tmp_path / "a.mp4", [busy_picture(k, size=size) for k in range(7)])
    assert measure_traits(clip) == measure_traits(clip)


def test_a_clip_of_next_to_no_pixels_is_refused_with_its_size(tmp_path):
    clip = write_clip(tmp_path / "a.mp4", [flat_picture(90, size=(16, 2))] * 2)
    with pytest.raises(BadMediaError, match=r"a\.mp4: 16x2 pixels are too few; at least 4"):
        measure_traits(clip)


def test_traits_are_measured_once_and_recalled(tmp_path, monkeypatch):
    store = open_store(str(tmp_path / "store"))
    paths, clips = {}, []
    for name, level in (("shot_001", 60), ("shot_002", 180), ("shot_003", 60)):
        paths[name] = write_clip(tmp_path / f"{name}.mp4", [flat_picture(level)] * 2)
        file = keep_file(store, paths[name], "video/mp4")
        clips.append(make_clip(store, name, shot_id=name).model_copy(update={"file": file}))
    calls = []

    def here(function, *arguments):
        calls.append(arguments)
        return function(*arguments), 0.0

    monkeypatch.setattr(workers, "run", here)
    first = clip_traits(clips, paths, store)
    assert len(first) == len(calls) == 2
    assert first[clips[0].file.sha256].lightness < first[clips[1].file.sha256].lightness
    assert {traits_digest(info.key) for info in store.list("traits")} == set(first)
    assert clip_traits(clips, paths, store) == first
    assert len(calls) == 2
    monkeypatch.setattr(looks, "TRAITS_VERSION", "other")
    clip_traits(clips[:1], paths, store)
    assert len(calls) == 3


def test_clip_that_is_no_video_is_told(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"not a video")
    with pytest.raises(BadMediaError):
        measure_traits(path)


def test_lut_comes_from_the_store_and_its_loss_is_told(tmp_path):
    store = open_store(str(tmp_path / "store"))
    path = tmp_path / "a.cube"
    path.write_text("LUT_1D_SIZE 2\n0 0 0\n1 1 1\n")
    key = keep_file(store, path, "application/octet-stream").key
    lut = stored_lut(Grading(lut=key), store, tmp_path)
    assert lut is not None
    assert lut.table.shape == (2, 3)
    assert stored_lut(Grading(), store, tmp_path) is None
    store.delete(key)
    with pytest.raises(BadInputError, match=r"store has no colour table.*give the file again"):
        stored_lut(Grading(lut=key), store, tmp_path)
