"""The first rung alone: hear a song."""

from prefect import flow

from recipe_schema.analysis import Excerpt, SongAnalysis
from tasks.analysis import task as analysis_room


@flow(name="analyze-song", flow_run_name="{song}")
def analyze_song(
    song: str, store: str | None = None, excerpt: Excerpt | None = None
) -> SongAnalysis:
    """Find beats, bars, sections, key, mood and curves of a song.

    Args:
        song: Path of the audio file, its key in the store, or an https address.
        store: Address of the artifact store.
        excerpt: Part of the song; the whole when empty.
    """
    analysis, _ = analysis_room.analyze_song(song, excerpt=excerpt, store=store)
    return analysis
