"""Versions of what the ears give: raise one whenever the same song gives another result."""

# Of all that is in an analysis, the shipped weights' answers and the stems' curves among it.
ANALYSIS_CODE_VERSION = "3"
# Of what `stems.measure_stems` keeps: another one separates every song anew.
STEMS_CODE_VERSION = "1"
