"""Clips that a film shows much larger than they are, and GIFs that are heavy, are told."""

import pytest

from recipe_schema.artifacts import ArtifactRef, Clip
from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import Fit
from tasks.assembly.enlargement import enlargement_note
from tasks.assembly.gif import gif_note


def stored(width, height):
    ref = ArtifactRef(key="k", sha256="0" * 64, size=1)
    return Clip(
        shot_id="shot_001",
        fingerprint="0" * 64,
        file=ref,
        renderer="procedural",
        quality_class="exact",
        width_px=width,
        height_px=height,
        fps="30/1",
        frames=30,
        seed=1,
    )


CLIP = stored(848, 480)


@pytest.mark.parametrize("size", [(1920, 1080), (848, 480), (640, 360)])
def test_usual_sizes_are_not_told(size):
    film = FilmFormat(width_px=size[0], height_px=size[1])

    assert enlargement_note([CLIP], film) == ()
    assert enlargement_note([], film) == ()


def test_upright_film_enlarges_what_it_crops():
    film = FilmFormat(width_px=1080, height_px=1920)

    (told,) = enlargement_note([CLIP, CLIP], film)
    assert told.startswith("clips are 848x480, enlarged 4.0 times for 1080x1920")
    assert enlargement_note([CLIP], film.model_copy(update={"fit": Fit.CONTAIN})) == ()


def test_smallest_of_several_sizes_is_told():
    (told,) = enlargement_note([CLIP, stored(320, 180)], FilmFormat())

    assert told.startswith("the smallest clips are 320x180, enlarged 6.0 times")


def test_heavy_gif_says_how_it_becomes_smaller(tmp_path):
    gif = tmp_path / "a.gif"
    for size, said in ((5_000_000, ""), (7_300_000, "has 7.3 MB, more than many places take")):
        with gif.open("wb") as file:
            file.truncate(size)
        told = gif_note(gif, film=FilmFormat())
        assert said in "".join(told)
        assert len(told) == bool(said)
    assert "--size 360x202 or a shorter --length" in told[0]
