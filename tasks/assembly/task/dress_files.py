"""Files that are asked for beside a recipe: found, read and shared before work is spent."""

from pathlib import Path

from recipe_schema.forms import DressOptions
from recipe_schema.recipe import Recipe
from tasks.assembly.beside import refuse_inputs
from tasks.assembly.dressing import check_files
from tasks.errors import BadInputError
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.named_files import files_here, open_named, paths_are_shared
from tasks.storage.scratch import scratch_folder
from tasks.storage.songs import local_path
from tasks.storage.store import keep_file

_ANY = "application/octet-stream"


def check_dress(
    dress: DressOptions, *, store: str | None, recipe: Recipe | None = None, out: str | None = None
) -> None:
    """Refuse files that cannot be used, before the song is even heard.

    Args:
        dress: What was asked for.
        store: Address of the artifact store.
        recipe: The plan, if there is one; it may hold lyrics.
        out: Path of the film; no file that is read may have its name, or that of one beside it.

    Raises:
        BadInputError: A colour table, font or lyrics file that is not there, cannot be used or
            would be overwritten; no lyrics to burn in; or words that the type cannot write.
    """
    refuse_burning_nothing(dress, recipe)
    if out:
        refuse_inputs(Path(out), files_here(dress.lut, dress.font, dress.lyrics))
    artifacts = open_store(store)
    with scratch_folder(Settings().scratch_path) as folder:
        check_files(
            dress,
            lambda source, what: open_named(source, what=what, store=artifacts, folder=folder),
            recipe=recipe,
        )


def dress_faults(recipe: Recipe, *, store: str | None) -> tuple[str, ...]:
    """What is wrong with a recipe's files and words for the picture; empty when all can be used."""
    try:
        check_dress(DressOptions(), store=store, recipe=recipe)
    except BadInputError as error:
        return (str(error),)
    return ()


def shared_dress(dress: DressOptions, *, store: str | None) -> DressOptions:
    """Name files so that workers which share only the store find them; each is read first.

    Args:
        dress: What is laid over many films.
        store: Address of the artifact store; files are put there when it is a bucket.

    Raises:
        BadInputError: A colour table, font or lyrics file that is not there or cannot be used.
    """
    artifacts = open_store(store)
    with scratch_folder(Settings().scratch_path) as folder:
        check_files(
            dress,
            lambda source, what: open_named(source, what=what, store=artifacts, folder=folder),
        )
        if paths_are_shared(store or Settings().store_url):
            return dress
        named = {"lut": dress.lut, "font": dress.font, "lyrics": dress.lyrics}
        files = {name: path for name, source in named.items() if (path := local_path(source or ""))}
        keys = {
            name: keep_file(artifacts, path, "application/octet-stream").key
            for name, path in files.items()
        }
    return dress.model_copy(update=keys)


def refuse_burning_nothing(dress: DressOptions, recipe: Recipe | None) -> None:
    """Refuse lyrics that nobody gave.

    Raises:
        BadInputError: They are to be burnt in, and neither a file nor the recipe has any.
    """
    own = recipe.assembly_instructions.lettering.lyrics if recipe else None
    if dress.burn_lyrics and not dress.lyrics and not (own and own.lines):
        raise BadInputError("there are no lyrics to burn in; give them with --lyrics FILE")
