"""A film's lyrics for players: a track inside it, and an SRT file of its name beside it."""

from pathlib import Path

from recipe_schema.recipe import Recipe
from tasks.assembly.beside import LYRICS_ENDING
from tasks.media.lyrics import (
    BadLyricsError,
    read_lyrics,
    read_lyrics_file,
    without_overlaps,
    write_srt,
)
from tasks.media.whole_file import set_aside
from tasks.storage.keys import file_name, film_key
from tasks.storage.store import ArtifactStore, write_whole


def lyrics_track(recipe: Recipe, folder: Path) -> Path | None:
    """An SRT file for the film's own subtitle track; None where the words are burnt in, or none.

    Players show one cue of a track at a time: lines that are sung together become one.
    """
    lyrics = recipe.assembly_instructions.lettering.lyrics
    if lyrics is None or lyrics.burnt or not lyrics.lines:
        return None
    path = folder / f"lyrics{LYRICS_ENDING}"
    write_whole(path, write_srt(without_overlaps(lyrics.lines)))
    return path


def lay_lyrics_beside(
    film: Path, recipe: Recipe, *, run_id: str, artifacts: ArtifactStore, whole: bool
) -> tuple[str, ...]:
    """Write the lyrics under the film's name, and keep them with the film's page.

    Args:
        film: The finished film.
        recipe: Its lyrics; nothing is written when it has none.
        run_id: Name of the film in the store.
        artifacts: The store.
        whole: Whether the film itself lives there; no file is written beside it then.

    Returns:
        What a person should know of a file that lay there.
    """
    lyrics = recipe.assembly_instructions.lettering.lyrics
    path = film.with_suffix(LYRICS_ENDING)
    if lyrics is None or not lyrics.lines:
        if path.exists():
            return (f"{path.name} lies beside the film, which has no lyrics; players may show it",)
        return ()
    text = write_srt(lyrics.lines)
    key = film_key(run_id, f"{file_name(film.name)}{LYRICS_ENDING}")
    artifacts.put_bytes(key, text.encode())
    if whole or (path.exists() and _says(path, text)):
        return ()
    told: tuple[str, ...] = ()
    if path.exists():
        told = (f"other lyrics lay beside the film; they are now {set_aside(path).name}",)
    write_whole(path, text)
    return told


def _says(path: Path, text: str) -> bool:
    """Whether a file holds the same lines, however it is written."""
    try:
        return read_lyrics_file(path) == read_lyrics(text.encode(), name=path.name)
    except BadLyricsError:
        return False
