"""A loop has no end: its pictures and its sound flow round, silent and as a GIF too."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image
from support.films import FPS, film_pictures, make_job, make_recipe

from recipe_schema.analysis import Excerpt
from recipe_schema.assembly import FilmFormat
from tasks.assembly.cuttings import choose_loop
from tasks.assembly.gif import GIF_FPS, BadGifError, check_gif, gif_size, gif_source, write_gif
from tasks.assembly.job import ClipFile
from tasks.assembly.loop import write_loop
from tasks.assembly.part_sound import FADE_OUT_S, cut_sound, loop_sound
from tasks.assembly.seam import as_segment, mix_in_light, plan_seam, render_seam
from tasks.assembly.segments import plan_segments, render_segment
from tasks.media.audio import Audio, decode_audio, write_wav
from tasks.media.frames import ClipWriter
from tasks.media.probe import probe_video

SIZE = (128, 72)
RATE_HZ = 44_100


def write_drift(path, *, frames, fps):
    """Bars of light that wander to the right and never come back to where they were."""
    columns = np.arange(SIZE[0])
    grey = np.full((SIZE[1] // 2, SIZE[0] // 2), 128, np.uint8)
    with ClipWriter(path, width_px=SIZE[0], height_px=SIZE[1], fps=fps) as writer:
        for frame in range(frames):
            wave = np.sin((columns - frame * 0.7) / (9 + frame * 0.05))
            y = np.broadcast_to(120 + 70 * wave, (SIZE[1], SIZE[0])).astype(np.uint8)
            writer.write(y, grey, grey)
    return path


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Eight seconds of one shot, at 120 BPM."""
    recipe = make_recipe([0.0], duration_s=8.0)
    job = make_job(None, recipe, beats=[k / 2 for k in range(16)])
    shot = recipe.shot_list[0].id
    clip = write_drift(tmp_path_factory.mktemp("clip") / "clip.mp4", frames=240, fps=FPS)
    shape = job.film.model_copy(update={"width_px": SIZE[0], "height_px": SIZE[1]})
    return replace(job, film=shape, clips={shot: ClipFile(clip, "a" * 64, 0)})


@pytest.fixture(scope="module")
def pieces(film, tmp_path_factory):
    """A loop of four seconds, its part of the film, and its files."""
    folder = tmp_path_factory.mktemp("pieces")
    part = choose_loop(film, length_s=4.0)
    seam = plan_seam(film, part)
    files = []
    for segment in plan_segments(film, (part.start_frame, seam.end_start)):
        files.append(folder / f"{segment.start_frame}.mp4")
        render_segment(film, segment, files[-1])
    files.append(folder / "seam.mp4")
    render_seam(film, seam, files[-1])
    return part, files


def lumas(path):
    return [planes[0].astype(np.int32) for _, planes in film_pictures(path)]


def test_end_of_a_loop_is_as_near_to_its_beginning_as_pictures_are_to_each_other(
    film, pieces, tmp_path
):
    part, files = pieces
    out = tmp_path / "loop.mp4"
    write_loop(film, files, out, frames=120, song=None, work=tmp_path)

    shown = lumas(out)
    steps = [np.abs(a - b).mean() for a, b in pairwise(shown)]

    assert len(shown) == part.end_frame - part.start_frame == 120
    assert np.abs(shown[-1] - shown[0]).mean() <= 1.1 * max(steps[:-15])
    assert max(steps[-15:]) <= 2.5 * max(steps[:-15])
    assert probe_video(out).fps == FPS
    assert [path.name for path in tmp_path.iterdir()] == ["loop.mp4"]


def test_seam_begins_with_the_end_and_closes_with_what_came_before(film, pieces, tmp_path):
    part, files = pieces
    seam = plan_seam(film, part)
    before = tmp_path / "before.mp4"
    segment = replace(as_segment(seam), start_frame=seam.before_start, end_frame=part.start_frame)
    render_segment(film, segment, before)
    ends = tmp_path / "ends.mp4"
    render_segment(film, as_segment(seam), ends)

    mixed, old, new = lumas(files[-1]), lumas(before), lumas(ends)

    assert np.abs(mixed[0] - new[0]).mean() < 0.05 * np.abs(old[0] - new[0]).mean()
    assert np.abs(mixed[-1] - old[-1]).mean() < 0.05 * np.abs(old[-1] - new[-1]).mean()


def test_seam_is_known_by_both_of_its_sides(film):
    part = choose_loop(film, length_s=4.0)
    seam = plan_seam(film, part)

    assert seam.key == plan_seam(film, part).key
    assert seam.key != plan_seam(film, replace(part, end_frame=part.end_frame - 30)).key
    assert seam.key != plan_seam(film, replace(part, start_frame=part.start_frame + 30)).key


def planes(luma, *, blue=128, red=128):
    chroma = np.full((2, 2), 128, np.uint8)
    return np.full((4, 4), luma, np.uint8), chroma * 0 + blue, chroma * 0 + red


def test_black_and_white_mix_to_half_the_light():
    picture = planes(16)

    mix_in_light(picture, planes(235), 1, 2)

    # 0.5 of the light is 0.705 of the code (BT.709), not 0.5.
    assert set(picture[0].ravel().tolist()) == {round(16 + 219 * 0.7055)}
    assert set(picture[1].ravel().tolist()) == {128}


@pytest.mark.parametrize(
    "colour", [(63, 102, 240), (173, 42, 26), (32, 240, 118), (126, 128, 128), (150, 110, 150)]
)
@pytest.mark.parametrize("share", [0, 1, 2])
def test_picture_mixed_with_itself_stays_itself(colour, share):
    luma, blue, red = colour
    picture = planes(luma, blue=blue, red=red)

    mix_in_light(picture, planes(luma, blue=blue, red=red), share, 2)

    for plane, value in zip(picture, colour, strict=True):
        assert np.abs(plane.astype(int) - value).max() <= 1


def write_tone(path, seconds=10.0):
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    tone = 0.5 * np.sin(2 * np.pi * 221.0 * times + 1.0)
    write_wav(path, Audio(np.stack([tone, -tone]).astype(np.float32), RATE_HZ))
    return path


def test_sound_of_a_part_is_cut_to_the_sample_and_does_not_click(tmp_path):
    song, out = write_tone(tmp_path / "song.wav"), tmp_path / "part.wav"

    cut_sound(song, out, Excerpt(start=2.5, length=4.0))

    heard, meant = decode_audio(out).samples, decode_audio(song).samples
    assert heard.shape == (2, 4 * RATE_HZ)
    first, last = round(0.1 * RATE_HZ), round((4.0 - FADE_OUT_S - 0.05) * RATE_HZ)
    offset = round(2.5 * RATE_HZ)
    np.testing.assert_allclose(
        heard[:, first:last], meant[:, offset + first : offset + last], atol=1e-4
    )
    assert np.abs(heard[:, :20]).max() < 0.01
    assert np.abs(heard[:, -20:]).max() < 0.01


def test_sound_of_a_loop_ends_where_it_begins(tmp_path):
    song, out = write_tone(tmp_path / "song.wav"), tmp_path / "part.wav"

    loop_sound(song, out, Excerpt(start=2.5, length=4.0), seam_s=0.5)

    heard, meant = decode_audio(out).samples, decode_audio(song).samples
    assert heard.shape == (2, 4 * RATE_HZ)
    start = round(2.5 * RATE_HZ)
    np.testing.assert_allclose(heard[:, -1], meant[:, start - 1], atol=5e-3)
    np.testing.assert_allclose(heard[:, 0], meant[:, start], atol=1e-4)


@pytest.mark.parametrize(
    ("size", "small"),
    [
        ((1920, 1080), (480, 270)),
        ((1080, 1920), (270, 480)),
        ((1080, 1080), (480, 480)),
        ((320, 180), (320, 180)),
    ],
)
def test_gif_is_small_and_keeps_its_shape(size, small):
    film = FilmFormat(width_px=size[0], height_px=size[1])

    assert gif_size(film) == small
    assert gif_source(film).rate == GIF_FPS


def test_gif_plays_for_ever_at_an_even_rate(tmp_path):
    source = write_drift(tmp_path / "clip.mp4", frames=24, fps=GIF_FPS)
    out = tmp_path / "loop.gif"

    write_gif([source], out, film=FilmFormat(width_px=128, height_px=72), work=tmp_path)

    with Image.open(out) as picture:
        assert picture.n_frames == 24
        assert picture.size == SIZE
        assert picture.info["loop"] == 0
        shown_ms = []
        for index in range(picture.n_frames):
            picture.seek(index)
            shown_ms.append(picture.info["duration"])
    assert set(shown_ms) == {round(Fraction(1000) / GIF_FPS)}


def test_gif_has_its_own_ending(tmp_path):
    with pytest.raises(BadGifError, match=r"loop\.mp4 does not end in \.gif"):
        check_gif(tmp_path / "loop.mp4")
