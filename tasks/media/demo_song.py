"""Compose the demo song: a minute of melodic house in A minor, synthesised from nothing.

The song lets anyone try songfilm without bringing music, and gives tests a song whose beats,
bars, sections and key are known to the sample. The score is in `demo/score.py`, instruments in
`demo/synth.py` and `demo/drums.py`, the arrangement in `demo/rhythm.py`, `demo/harmony.py` and
`demo/players.py`, the mix in `demo/mixdown.py`. Nothing is random but the seeded noise: the same
machine gives the same bytes, and another CPU at most another last bit.
"""

import numpy as np

from tasks.media.audio import Audio
from tasks.media.demo import harmony, mixdown, players, rhythm
from tasks.media.demo.score import SAMPLE_RATE_HZ, Score, write_score
from tasks.media.demo.stage import Stage

__all__ = ["Score", "compose_demo_song"]

SEED = 126
GRID = 2.0**15  # 16-bit steps: swallows what sine tables of different CPUs differ by


def compose_demo_song() -> tuple[Audio, Score]:
    """Compose, play and master the demo song.

    Returns:
        The sound (stereo, 44.1 kHz, 59.5 s) and the score that it was played from.
    """
    stage = Stage(seed=SEED)
    desk = mixdown.Desk(rhythm.kick_hits())
    for play in (
        rhythm.play_kicks,
        rhythm.play_claps,
        rhythm.play_hats,
        rhythm.play_fills,
        rhythm.play_noises,
        rhythm.play_vinyl,
        players.play_bass,
        harmony.play_chords,
        harmony.play_pads,
        players.play_plucks,
        players.play_tease,
        players.play_piano,
        players.play_lead,
    ):
        play(stage)
        desk.take(stage.tracks)
    sound = mixdown.master(desk.mix(stage.rng("room")))
    dither = stage.rng("dither").triangular(-1.0, 0.0, 1.0, sound.shape)
    samples = np.round(sound * GRID + dither) / GRID
    return Audio(samples.astype(np.float32), SAMPLE_RATE_HZ), write_score()
