"""The picture that stands for a film: one shot, sharp, colourful, well lit."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image
from support.films import make_job, make_recipe, read_code

from recipe_schema.assembly import Lettering, LyricLine, Lyrics, Titles
from recipe_schema.vocabulary import Effect, Transition
from tasks.assembly.cuttings import Cutting
from tasks.assembly.frame_plan import FilmPlan
from tasks.assembly.poster import (
    BadPosterError,
    best_moment,
    check_poster,
    judge_frames,
    poster_frames,
    score_picture,
    write_poster,
)
from tasks.assembly.seam import plan_seam, render_seam
from tasks.media.ffmpeg import BadMediaError
from tasks.media.frames import ClipWriter


def paint(*, level=110, contrast=40.0, colour=50.0, blur=1):
    """A picture of noise blocks; larger blocks are less sharp."""
    rng = np.random.default_rng(5)
    small = rng.normal(0.0, 1.0, (3, 96 // blur, 160 // blur))
    noise = np.kron(small, np.ones((1, blur, blur)))
    y = np.clip(level + contrast * noise[0], 16, 235).astype(np.uint8)
    u, v = (
        np.clip(128 + colour * plane[::2, ::2], 16, 240).astype(np.uint8) for plane in noise[1:]
    )
    return y, u, v


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (paint(contrast=8), paint(contrast=8, blur=8)),
        (paint(colour=35), paint(colour=5)),
        (paint(level=110), paint(level=30)),
        (paint(level=110), paint(level=220)),
        (paint(level=60, contrast=10), paint(level=16, contrast=0.0, colour=0.0)),
    ],
    ids=["sharp", "colourful", "not dark", "not bright", "not black"],
)
def test_better_picture_scores_higher(better, worse):
    assert score_picture(better) > score_picture(worse)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    recipe = make_recipe([0.0, 2.0, 4.0], duration_s=6.0, transition=Transition.SLOW_DISSOLVE)
    shots = list(recipe.shot_list)
    shots[1] = shots[1].model_copy(update={"effects": (Effect.FLASH,)})
    recipe = recipe.model_copy(update={"shot_list": tuple(shots)})
    return make_job(tmp_path_factory.mktemp("clips"), recipe, beats=[k / 4 for k in range(24)])


def test_frames_that_are_judged_show_one_shot_and_no_flash(film):
    frames = poster_frames(film)

    assert frames
    for frame in frames:
        for placed in film.timeline.shots[1:]:
            assert not placed.transition_start <= frame < placed.transition_end
    # The flashing shot is lit anew on each bar, at 2 and 3 s: 3 s is its middle.
    assert 90 not in frames


def test_film_of_nothing_but_transitions_has_a_poster_all_the_same(film):
    shots = tuple(
        replace(placed, lead_frames=30, trail_frames=30, transition_in=Transition.DISSOLVE)
        for placed in film.timeline.shots[:2]
    )
    timeline = replace(film.timeline, shots=shots, frames=120, closing_frames=30)

    assert poster_frames(replace(film, timeline=timeline)) == (60,)


def test_poster_is_the_frame_at_the_films_own_size(film, tmp_path):
    for name in ("poster.png", "poster.jpg"):
        write_poster(film, 150, tmp_path / name)
        with Image.open(tmp_path / name) as picture:
            assert picture.size == (film.film.width_px, film.film.height_px)
            luma = np.asarray(picture.convert("L"))
        assert read_code(luma) == (2, 150)
    assert len(judge_frames(film, (30, 150))) == 2


def test_poster_shows_no_words(film, tmp_path):
    lettering = Lettering(
        titles=Titles(title="A TITLE"),
        lyrics=Lyrics(lines=(LyricLine(start=0.0, end=6.0, text="ONE LONG LINE"),), burnt=True),
    )
    told = film.recipe.assembly_instructions.model_copy(update={"lettering": lettering})
    lettered = replace(film, recipe=film.recipe.model_copy(update={"assembly_instructions": told}))

    for job, name in ((film, "plain.png"), (lettered, "lettered.png")):
        write_poster(job, 30, tmp_path / name)

    assert FilmPlan(lettered).at(30).captions
    assert (tmp_path / "lettered.png").read_bytes() == (tmp_path / "plain.png").read_bytes()
    assert judge_frames(lettered, (30,)) == judge_frames(film, (30,))


def test_clip_that_cannot_be_shown_is_called_by_its_shot(film, tmp_path):
    broken = tmp_path / "0123abcd"
    broken.write_bytes(b"no film")
    shot = film.timeline.shots[0].shot.id
    clips = {**film.clips, shot: replace(film.clips[shot], path=broken)}
    job = replace(film, clips=clips)

    for paint_it in (
        lambda: judge_frames(job, (30,)),
        lambda: write_poster(job, 30, tmp_path / "a.png"),
        lambda: render_seam(job, plan_seam(job, Cutting(30, 50)), tmp_path / "seam.mp4"),
    ):
        with pytest.raises(BadMediaError, match=f"^{shot}: .*--fresh renders it anew"):
            paint_it()


def test_finished_film_is_shown_at_its_best_moment(tmp_path):
    film = tmp_path / "film.mp4"
    grey = paint(contrast=2, colour=0)
    with ClipWriter(film, width_px=160, height_px=96, fps=Fraction(30), options={"g": "5"}) as out:
        for frame in range(170):
            # Nothing but grey around half a second of colours.
            out.write(*(paint() if 100 <= frame < 115 else grey))

    assert 100 <= best_moment(film) * 170 < 120
    words = ((95 / 170, 116 / 170),)
    assert not 95 <= best_moment(film, words=words) * 170 < 116
    assert 100 <= best_moment(film, words=((0.0, 1.0),)) * 170 < 120


def test_poster_is_a_picture_file(tmp_path):
    with pytest.raises(BadPosterError, match=r"poster\.gif does not end in \.png"):
        check_poster(tmp_path / "poster.gif")
