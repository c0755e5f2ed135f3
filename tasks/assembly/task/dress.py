"""What is laid over a film's pictures: asked for by path, kept in the store, written in the recipe.

The recipe that lies beside a film then tells all of it: the same recipe makes the same film on any
machine that shares the store, and needs no options.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePath

from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import ArtifactRef
from recipe_schema.assembly import Grading, Lettering, Lyrics, Titles
from recipe_schema.forms import DressOptions
from recipe_schema.recipe import Recipe
from tasks.assembly.captions import lyric_places, title_seconds
from tasks.assembly.dressing import (
    AUTO,
    FONT,
    LUT,
    LYRICS,
    check_font,
    check_words,
    shown_letters,
)
from tasks.assembly.lettering.fonts import Typeface, runs_right_to_left
from tasks.assembly.lut import read_cube
from tasks.assembly.tags import film_tags
from tasks.assembly.task.dress_files import refuse_burning_nothing
from tasks.errors import BadInputError
from tasks.media.lyrics import SongWords, fit_lyrics, read_lyrics_file
from tasks.media.probe import probe_song
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.keys import BadKeyError, blob_digest, blob_key
from tasks.storage.named_files import open_named
from tasks.storage.scratch import scratch_folder
from tasks.storage.store import ArtifactStore, NotFoundError, keep_file

Told = tuple[str, ...]
# Shares of a wish above which nobody sees the difference.
_HARDLY_LESS = 0.8


def dress_recipe(
    recipe: Recipe, dress: DressOptions, *, analysis: SongAnalysis | None, store: str | None
) -> tuple[Recipe, tuple[str, ...]]:
    """Write into a recipe what was asked for beside it, and check what it names.

    Args:
        recipe: The plan; files that it names by path are kept in the store, too.
        dress: What was asked for; what is empty leaves the recipe's own.
        analysis: The song: its length and part, and its file for a title; None: the recipe tells.
        store: Address of the artifact store.

    Returns:
        The recipe, naming files by their keys; and what a person should know.

    Raises:
        BadInputError: A colour table, font or lyrics file that is not there or cannot be used, no
            lyrics to burn in, or words that the type cannot write.
    """
    refuse_burning_nothing(dress, recipe)
    artifacts = open_store(store)
    with scratch_folder(Settings().scratch_path) as folder:
        told = recipe.assembly_instructions
        grade = _graded(told.grade, dress, artifacts, folder)
        words = _words(recipe, dress, analysis, artifacts, folder)
        lettering = Lettering(
            lyrics=_sung(told.lettering.lyrics, dress, words),
            font=_kept(dress.font or told.lettering.font, FONT, check_font, artifacts, folder),
        )
        font = font_file(lettering, artifacts, folder)
        titles, named = _titled(
            told.lettering.titles, dress, recipe, analysis, artifacts, folder, face=Typeface(font)
        )
        lettering = lettering.model_copy(update={"titles": titles})
        check_words(_painted(lettering), font)
    told = told.model_copy(update={"grade": grade, "lettering": lettering})
    length_s = analysis.duration if analysis else recipe.metadata.duration
    warnings = (
        *words.warnings,
        *named,
        *_odd_letters(lettering, font),
        *_shortened(titles, length_s),
    )
    return recipe.model_copy(update={"assembly_instructions": told}), warnings


def font_file(lettering: Lettering, artifacts: ArtifactStore, folder: Path) -> Path | None:
    """The font of a dressed recipe, on this machine; None for songfilm's own.

    Raises:
        BadInputError: The store has it not.
    """
    return stored_file(lettering.font, FONT, artifacts, folder)


def stored_file(key: str | None, what: str, artifacts: ArtifactStore, folder: Path) -> Path | None:
    """A file that `dress_recipe` kept, verified by its digest; None for no key.

    Raises:
        BadInputError: The store has it not.
    """
    if key is None:
        return None
    digest = blob_digest(key)
    try:
        if digest is None:
            raise BadKeyError(key)
        size = artifacts.stat(key).size
        return artifacts.local_file(ArtifactRef(key=key, sha256=digest, size=size), folder)
    except (BadKeyError, NotFoundError) as error:
        raise BadInputError(
            f"the store has no {what} {key!r}, which the recipe names; give the file again"
        ) from error


def _graded(grade: Grading, dress: DressOptions, artifacts: ArtifactStore, folder: Path) -> Grading:
    lut = _kept(dress.lut or grade.lut, LUT, read_cube, artifacts, folder)
    strength = grade.strength if dress.grade is None else dress.grade
    return grade.model_copy(update={"strength": strength, "lut": lut})


def _kept(
    source: str | None,
    what: str,
    check: Callable[[Path], object],
    artifacts: ArtifactStore,
    folder: Path,
) -> str | None:
    """The key of a file that was named by path or key, read once to see that it serves."""
    if source is None:
        return None
    path = open_named(source, what=what, store=artifacts, folder=folder)
    check(path)
    return keep_file(artifacts, path, "application/octet-stream").key


def _words(
    recipe: Recipe,
    dress: DressOptions,
    analysis: SongAnalysis | None,
    artifacts: ArtifactStore,
    folder: Path,
) -> SongWords:
    """The lyrics that were asked for, else the recipe's own, in the film's time."""
    length_s = analysis.duration if analysis else recipe.metadata.duration
    if not dress.lyrics:
        own = recipe.assembly_instructions.lettering.lyrics
        if own is None or not own.lines:
            return SongWords(())
        return fit_lyrics(own.lines, start_s=0.0, length_s=length_s, name="the recipe's lyrics")
    path = open_named(dress.lyrics, what=LYRICS, store=artifacts, folder=folder)
    read = read_lyrics_file(path)
    excerpt = analysis.excerpt if analysis else recipe.metadata.excerpt
    words = fit_lyrics(
        read.lines,
        start_s=excerpt.start if excerpt else 0.0,
        length_s=length_s,
        name=path.name,
    )
    return SongWords(words.lines, (*read.warnings, *words.warnings))


def _sung(lyrics: Lyrics | None, dress: DressOptions, words: SongWords) -> Lyrics | None:
    """The film's lyrics, painted or not; None where no line is sung within it."""
    burnt = dress.burn_lyrics or (lyrics is not None and lyrics.burnt)
    return Lyrics(lines=words.lines, burnt=burnt) if words.lines else None


def _titled(
    titles: Titles | None,
    dress: DressOptions,
    recipe: Recipe,
    analysis: SongAnalysis | None,
    artifacts: ArtifactStore,
    folder: Path,
    *,
    face: Typeface,
) -> tuple[Titles | None, Told]:
    """The title card and credits: those asked for over the recipe's own; and what is to know."""
    titles = titles or Titles()
    asked = {"title": dress.title, "artist": dress.artist, "credits": dress.credits or None}
    given = {name: value for name, value in asked.items() if value is not None}
    wanted = titles.model_copy(update=given)
    told: Told = ()
    if AUTO in (wanted.title, wanted.artist):
        own, told = _song_names(recipe, analysis, artifacts, folder, face=face)
        title, artist = wanted.title, wanted.artist
        if title == AUTO:
            # One word asks for the whole card.
            title = own[0]
            artist = artist or (own[1] if dress.artist is None else "")
        names = {"title": title, "artist": own[1] if artist == AUTO else artist}
        wanted = wanted.model_copy(update={name: text[:120] for name, text in names.items()})
    return (wanted if wanted.title or wanted.artist or wanted.credits else None), told


def _song_names(
    recipe: Recipe,
    analysis: SongAnalysis | None,
    artifacts: ArtifactStore,
    folder: Path,
    *,
    face: Typeface,
) -> tuple[tuple[str, str], Told]:
    """Title and artist by the song's own tags, else by its file's name ("Artist - Title").

    Nobody wrote them for this film, so that letters which the type lacks are left out, and told.

    Raises:
        BadInputError: There is no song to ask.
    """
    if analysis is None:
        raise BadInputError(f"the title {AUTO} needs the song; give its path, or write the title")
    song = analysis.song
    file = stored_file(blob_key(song.sha256), "song", artifacts, folder)
    assert file is not None
    plain = recipe.assembly_instructions.model_copy(update={"lettering": Lettering()})
    told = film_tags(recipe.model_copy(update={"assembly_instructions": plain}), probe_song(file))
    name = " ".join(PurePath(song.name).stem.replace("_", " ").split())
    before, dash, after = name.partition(" - ")
    by_name = (after, before) if dash else (name, "")
    names = (told.get("title") or by_name[0], told.get("artist") or by_name[1])
    notes = []
    if not told.get("title"):
        what = "title in its tags" if told.get("artist") else "tags"
        notes.append(f"the song has no {what}; the title is its file name: {by_name[0]!r}")
    if lost := face.left_out("".join(names)):
        notes.append(
            f"the title card lacks {shown_letters(lost)} of the song's own names, which the type "
            "cannot write; give --font FILE (.ttf or .otf) that has them, or write --title"
        )
        names = (_writable(names[0], face), _writable(names[1], face))
    return names, tuple(notes)


def _writable(text: str, face: Typeface) -> str:
    """A text as the type writes it, where letters would be lost."""
    return " ".join(face.spelt(text).split()) if face.left_out(text) else text


def _odd_letters(lettering: Lettering, font: Path | None) -> Sequence[str]:
    """What the type cannot write of what is painted."""
    texts = _painted(lettering)
    if not texts:
        return ()
    face = Typeface(font)
    told = []
    otherwise = face.otherwise("".join(texts))
    if otherwise:
        name = "the font" if font else "songfilm's own type"
        other = "another FILE" if font else "FILE"
        told.append(
            f"{name} lacks {_fates(otherwise)}; give --font {other} (.ttf or .otf) that has them"
        )
    if any(runs_right_to_left(text) for text in texts):
        told.append(
            "letters that run from right to left are painted in the order of the text, unjoined; "
            "leave these lyrics beside the film instead of burning them in"
        )
    return (*told, *_crowded(lettering))


def _shortened(titles: Titles | None, film_s: float) -> Told:
    """Title and credits that stand for much less than was wished for."""
    if titles is None or title_seconds(titles, film_s) >= _HARDLY_LESS * titles.seconds:
        return ()
    card, there = bool(titles.title or titles.artist), bool(titles.credits)
    what = "title and credits stand" if card and there else "credits stand" if there else ""
    return (
        f"{what or 'the title stands'} for {title_seconds(titles, film_s):.1f} s, not "
        f"{titles.seconds:g} s: the film is short ({film_s:.1f} s)",
    )


def _fates(otherwise: Mapping[str, str]) -> str:
    """What became of letters: é is written as e, ☆ is left out."""
    written = [f"{letter} (written {plain})" for letter, plain in otherwise.items() if plain]
    gone = [f"{letter} (left out)" for letter, plain in otherwise.items() if not plain]
    return shown_letters([*written, *gone])


def _painted(lettering: Lettering) -> tuple[str, ...]:
    """Every text that becomes letters in the picture."""
    titles = lettering.titles
    card = (titles.title, titles.artist, *titles.credits) if titles else ()
    lyrics = lettering.lyrics
    sung = tuple(line.text for line in lyrics.lines) if lyrics and lyrics.burnt else ()
    return tuple(text for text in (*card, *sung) if text)


def _crowded(lettering: Lettering) -> Sequence[str]:
    """Lines for which there is no room, since others are sung with them."""
    lyrics = lettering.lyrics
    if lyrics is None or not lyrics.burnt:
        return ()
    places = lyric_places(lyrics.lines)
    out = [line for line, place in zip(lyrics.lines, places, strict=True) if place is None]
    if not out:
        return ()
    count = "1 line of lyrics is" if len(out) == 1 else f"{len(out)} lines of lyrics are"
    return (
        f"{count} not painted, since two others are sung at the time: {out[0].text[:40]!r} at "
        f"{out[0].start:.1f} s first",
    )
