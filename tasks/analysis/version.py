"""Version of what the analysis hears: raise it whenever the same song gives another result."""

ANALYSIS_CODE_VERSION = "3"
