"""The analysis room's door: a song file in, its stored analysis out."""

from tasks.analysis.task.analyses import file_analysis, keep_analysis, open_analysis
from tasks.analysis.task.listeners import check_ears
from tasks.analysis.task.song_analysis import analysis_for, analyze_song
from tasks.analysis.task.songs import shared_songs, song_mark

__all__ = [
    "analysis_for",
    "analyze_song",
    "check_ears",
    "file_analysis",
    "keep_analysis",
    "open_analysis",
    "shared_songs",
    "song_mark",
]
