"""Clicks are heard while their flashes are seen: measured on decoded films of every kind of sound.

The song clicks on its beats; it is heard, planned, composed and joined as ever, and every clip
flashes white in its first picture after the cut. Click and flash are then read from the finished
file alone, early, in the middle and late.
"""

from dataclasses import replace

import numpy as np
import pytest
from support.cut_films import SMALL, finish, hear, plain_job, render_pieces, seen_flashes
from support.films import STILL, click_track, write_song

from recipe_schema.vocabulary import Transition
from tasks.assembly.audio_track import codec_name
from tasks.media.audio import decode_audio
from tasks.media.probe import probe_video
from tasks.planning import plan

pytestmark = pytest.mark.services

TINY = SMALL.model_copy(update={"width_px": 160, "height_px": 90})
BPM, FIRST_S, SECONDS = 127.0, 0.37, 24.0
HALF_FRAME_MS = 500 / 60
# Where click and flash are held together, as shares of the film.
POINTS = (1 / 6, 1 / 2, 5 / 6)
# Song, film, how its sound came in, and as what. The mp3's first sample would start late in
# Matroska, which is why it is encoded there.
FILMS = (
    ("song.wav", "film.mp4", "encoded", "aac"),
    ("song.wav", "film.mkv", "encoded", "aac"),
    ("song.flac", "film.mkv", "copied", "flac"),
    ("song.mp3", "film.mov", "copied", "mp3"),
    ("song.mp3", "film.mkv", "encoded", "aac"),
)
# Songs whose samples are the same share their pictures.
LOSSLESS = (".wav", ".flac")
BEATS = np.arange(FIRST_S, SECONDS - 0.2, 60.0 / BPM)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """By song: what was heard, the film's job and its segments; each is made once."""
    made = {}

    def of(song):
        path = tmp_path_factory.mktemp("song") / song
        write_song(path, click_track(BEATS.tolist(), duration_s=SECONDS))
        sound = "exact" if path.suffix in LOSSLESS else song
        if sound not in made:
            folder = tmp_path_factory.mktemp("pictures")
            heard = hear(path)
            job = plain_job(
                folder, bare(plan(heard.analysis, pace=3.0)), heard, TINY, flashing=True
            )
            made[sound] = heard, job, render_pieces(folder, job)
        heard, job, pieces = made[sound]
        return replace(heard, song=path), job, pieces

    return of


def bare(recipe):
    """A planned recipe whose cuts are hard and whose pictures do nothing of their own."""
    hard = {"transition_in": Transition.HARD_CUT, "transition_out": Transition.HARD_CUT}
    shots = tuple(shot.model_copy(update={**hard, "effects": ()}) for shot in recipe.shot_list)
    told = recipe.assembly_instructions.model_copy(
        update={"audio_reactive": STILL, "effects_timeline": ()}
    )
    return recipe.model_copy(update={"shot_list": shots, "assembly_instructions": told})


def heard_clicks(film):
    """When each click of a film begins, by its steepest rise, seconds."""
    sound = decode_audio(film)
    level = np.abs(sound.mono())
    loud = np.flatnonzero(level > 0.3 * level.max())
    starts = loud[np.diff(loud, prepend=-sound.sample_rate_hz) > 0.1 * sound.sample_rate_hz]
    return starts / sound.sample_rate_hz


@pytest.mark.parametrize(("song", "name", "mode", "codec"), FILMS)
def test_clicks_are_heard_as_their_flashes_are_seen(song, name, mode, codec, pictures, tmp_path):
    heard, job, pieces = pictures(song)
    out = tmp_path / name
    sync = finish(job, pieces, heard, out)
    assert (sync.audio.mode, codec_name(probe_video(out).audio_codec)) == (mode, codec)
    flashes, clicks = seen_flashes(out), heard_clicks(out)
    assert len(flashes) == len(job.timeline.shots) - 1 >= len(POINTS)
    nearest = [float(flashes[np.abs(flashes - point * SECONDS).argmin()]) for point in POINTS]
    assert nearest[0] < SECONDS / 3 < nearest[1] < 2 * SECONDS / 3 < nearest[2]
    offsets_ms = [1000 * (shown - clicks[np.abs(clicks - shown).argmin()]) for shown in nearest]
    assert max(map(abs, offsets_ms)) < HALF_FRAME_MS, offsets_ms
    # The click's own place against its frame is known; the report knows only the file's offset.
    assert max(map(abs, sync.av_offset_ms)) < 0.5, sync.av_offset_ms
