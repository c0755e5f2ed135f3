"""Doubts about beats, as people read them; what a person sets right dispels them."""

NO_BEAT = "no steady beat was found; cuts will fall on free times"
FAINT_BEAT = "the beat is faint; check the tempo"
UNSURE_BAR = "the bar's first beat is unsure"
