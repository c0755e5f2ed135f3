"""Edits of made-up recipes for editing programs, and what they ought to say."""

from fractions import Fraction
from itertools import accumulate
from urllib.parse import unquote

import numpy as np
from hypothesis import strategies as st

from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import Transition
from support.analyses import make_analysis
from support.films import click_track, make_recipe, write_song
from tasks.assembly.editors import write_edit
from tasks.assembly.timeline import lay_timeline
from tasks.media.frames import ClipWriter
from tasks.media.timebase import seconds_to_frame

RATES = ("24", "25", "30", "50", "60", "30000/1001", "60000/1001")
CLIP_RATES = ("24", "30", "30000/1001", "25")
LONGEST_S = 16.0
NAME = 'Señor <Beat> & "Co" №1'


def lay_out_media(folder):
    """Put a clip of each rate, and a song, into a folder."""
    planes = [np.full(shape, 128, np.uint8) for shape in ((16, 32), (8, 16), (8, 16))]
    for number, rate in enumerate(CLIP_RATES):
        fps = Fraction(rate)
        with ClipWriter(folder / f"clip {number}.mp4", width_px=32, height_px=16, fps=fps) as clip:
            for _ in range(round(4 * fps)):
                clip.write(*planes)
    write_song(folder / "söng.wav", click_track([1.0], duration_s=LONGEST_S, rate_hz=8_000))


def written(media, suffix, recipe, *, fps, excerpt=None, clip_rates=4):
    """(path, timeline, analysis, warnings) of a recipe's edit; clips in turn of the first rates."""
    form = FilmFormat(width_px=128, height_px=64, fps=fps)
    duration_s = recipe.metadata.duration
    timeline = lay_timeline(recipe, fps=form.rate, frames=seconds_to_frame(duration_s, form.rate))
    analysis = make_analysis((("intro", "A", 2, 0.3), ("drop", "B", 6, 0.9)), duration=duration_s)
    song = analysis.song.model_copy(update={"name": NAME})
    analysis = analysis.model_copy(update={"song": song, "excerpt": excerpt})
    path = media / f"edit{suffix}"
    clips = {
        shot.id: media / f"clip {k % clip_rates}.mp4" for k, shot in enumerate(recipe.shot_list)
    }
    warnings = write_edit(
        path,
        recipe=recipe,
        timeline=timeline,
        clips=clips,
        song=media / "söng.wav",
        analysis=analysis,
        film=form,
    )
    return path, timeline, analysis, warnings


@st.composite
def recipes(draw):
    lengths = draw(st.lists(st.floats(0.3, 3.0), min_size=1, max_size=7))
    ends = list(accumulate(lengths))
    recipe = make_recipe([0.0, *ends[:-1]], duration_s=ends[-1])
    moves = st.sampled_from([None, *Transition])
    shots = [
        shot.model_copy(update={"transition_in": draw(moves), "transition_out": draw(moves)})
        for shot in recipe.shot_list
    ]
    return recipe.model_copy(update={"shot_list": tuple(shots)})


def transitions_of(timeline):
    """(cut, lead, trail) of every transition, the closing fade included."""
    found = [
        (placed.cut_frame, placed.lead_frames, placed.trail_frames)
        for placed in timeline.shots
        if placed.lead_frames + placed.trail_frames
    ]
    closing = timeline.closing_frames
    return found + ([(timeline.frames, closing, 0)] if closing else [])


def beat_frames(analysis, timeline):
    return {
        frame
        for time_s in (*analysis.beats, *analysis.downbeats)
        if (frame := seconds_to_frame(time_s, timeline.fps)) < timeline.frames
    }


def clip_rate(reference):
    number = int(unquote(reference.target_url).removesuffix(".mp4").split()[-1])
    return Fraction(CLIP_RATES[number])


def seconds(text):
    return Fraction(text.removesuffix("s"))
