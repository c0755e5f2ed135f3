"""Doubts about beats, as people read them; what a person sets right dispels them."""

NO_BEAT = "no steady beat was found; cuts will fall on free times"
FAINT_BEAT = "the beat is faint; check the tempo"
UNSURE_BAR = "the bar's first beat is unsure"

_UNSURE_TEMPO = 0.3
_UNSURE_DOWNBEAT = 0.3


def doubt_beats(beats: int, *, tempo: float, downbeat: float) -> tuple[str, ...]:
    """What to tell of a song's beats.

    Args:
        beats: How many there are.
        tempo: How sure the tempo is, 0..1.
        downbeat: How sure the bars are, 0..1.
    """
    if beats == 0:
        return (NO_BEAT,)
    said = ((tempo < _UNSURE_TEMPO, FAINT_BEAT), (downbeat < _UNSURE_DOWNBEAT, UNSURE_BAR))
    return tuple(text for holds, text in said if holds)
