"""The first rung alone: hear a song."""

from prefect import flow

from recipe_schema.analysis import Excerpt, SongAnalysis
from recipe_schema.forms import EarsOptions
from tasks.analysis import task as analysis_room


@flow(name="analyze-song", flow_run_name="{song}")
def analyze_song(
    song: str,
    store: str | None = None,
    excerpt: Excerpt | None = None,
    ears: EarsOptions = EarsOptions(),
) -> SongAnalysis:
    """Find beats, bars, sections, key, mood and curves of a song.

    Args:
        song: Path of the audio file, its key in the store, or an https address.
        store: Address of the artifact store.
        excerpt: Part of the song; the whole when empty.
        ears: Who listens to the song, and what is set right: tempo, bars, the beats' place.
    """
    analysis, _ = analysis_room.analyze_song(song, excerpt=excerpt, ears=ears, store=store)
    return analysis
