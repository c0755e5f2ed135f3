"""Cuts are where the music is: read from the pixels of a finished film of the demo song.

The film is planned, composed and joined as ever, with every transition, effect and pulse of its
recipe; only its clips are plain red and blue in turn, so that a program can see a cut.
"""

from fractions import Fraction

import numpy as np
import pytest
from support.films import film_pictures

from recipe_schema.analysis import Song
from recipe_schema.artifacts import ArtifactRef
from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import Recipe
from recipe_schema.vocabulary import Quality
from tasks.analysis import analyze
from tasks.assembly import assemble
from tasks.assembly.job import ClipFile, FilmJob
from tasks.assembly.segments import plan_segments, render_segment
from tasks.assembly.timeline import clip_spans, lay_timeline
from tasks.media.audio import decode_audio, write_wav
from tasks.media.frames import ClipWriter
from tasks.planning import plan

pytestmark = pytest.mark.services

FILM = FilmFormat(width_px=320, height_px=180, fps="60", quality=Quality.DRAFT)
HALF_FRAME_MS = 1000 / 60 / 2
# Luma, blue and red difference of a plain red and a plain blue.
RED, BLUE = (80, 100, 190), (80, 190, 100)
LOWEST_CUTS = 8


def plain_clip(path, color, frames):
    with ClipWriter(path, width_px=160, height_px=90, fps=Fraction(60)) as writer:
        planes = [
            np.full(shape, level, np.uint8)
            for shape, level in zip(((90, 160), (45, 80), (45, 80)), color, strict=True)
        ]
        for _ in range(frames):
            writer.write(*planes)


@pytest.fixture(scope="module")
def film(tmp_path_factory, demo_song):
    """(film, sync report, analysis, score) of the demo song over plain clips."""
    folder = tmp_path_factory.mktemp("cuts")
    audio, score = demo_song
    song = folder / "song.wav"
    write_wav(song, audio)
    heard = analyze(
        decode_audio(song),
        song=Song(sha256="0" * 64, name="demo", sample_rate_hz=44_100, channels=2),
    )
    analysis = heard.to_analysis(ArtifactRef(key="x", sha256="0" * 64, size=1))
    recipe = plan(analysis)
    job = plain_job(folder, recipe, analysis, heard.curves)
    paths = []
    for segment in plan_segments(job):
        paths.append(folder / f"{segment.start_frame:06d}.mp4")
        render_segment(job, segment, paths[-1])
    out = folder / "film.mp4"
    result = assemble(
        job,
        song=song,
        segments=paths,
        out=out,
        excerpt=None,
        work=folder,
        duration_s=analysis.duration,
    )
    return out, result.sync, analysis, score


def plain_job(folder, recipe: Recipe, analysis, curves):
    frames = round(recipe.metadata.duration * 60)
    timeline = lay_timeline(recipe, fps=FILM.rate, frames=frames)
    clips = {}
    for k, span in enumerate(clip_spans(timeline)):
        path = folder / f"clip_{k}.mp4"
        plain_clip(path, (RED, BLUE)[k % 2], span.end_frame - span.start_frame)
        clips[span.shot_id] = ClipFile(path, f"{k:064d}", span.start_frame)
    return FilmJob(
        recipe=recipe,
        timeline=timeline,
        clips=clips,
        curves=curves,
        beats=analysis.beats,
        downbeats=analysis.downbeats,
        film=FILM,
    )


def seen_cuts(path):
    """Frames at which the picture turns from mostly one colour to mostly the other."""
    blue = [float(u.mean()) > float(v.mean()) for _, (_, u, v) in film_pictures(path)]
    return [n for n in range(1, len(blue)) if blue[n] != blue[n - 1]], len(blue)


def test_every_cut_seen_on_the_film_lies_on_a_beat(film):
    out, sync, analysis, score = film
    cuts, frames = seen_cuts(out)
    assert frames == sync.frames == sync.expected_frames == round(analysis.duration * 60)
    assert len(cuts) == len(sync.cuts) >= LOWEST_CUTS
    seen = np.array(cuts) / 60
    to_analysed = np.abs(seen[:, None] - np.array(analysis.beats)).min(axis=1) * 1000
    to_scored = np.abs(seen[:, None] - np.array(score.beats)).min(axis=1) * 1000
    assert to_analysed.max() <= HALF_FRAME_MS + 0.05, to_analysed
    assert to_scored.max() <= 25.0, to_scored
    assert [cut.frame for cut in sync.cuts] == cuts
