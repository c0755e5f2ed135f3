"""Files that a person names by path or by key."""

from pathlib import Path, PurePath

from recipe_schema.recipe import Recipe
from tasks.errors import BadInputError
from tasks.storage.keys import BadKeyError
from tasks.storage.minio.address import is_s3
from tasks.storage.songs import local_path
from tasks.storage.store import ArtifactStore, NotFoundError

# Fonts have at most 50 MB, colour tables 32, lyrics 2.
LARGEST_NAMED_BYTES = 50_000_000


def paths_are_shared(address: str) -> bool:
    """Whether workers see this machine's files: where they share a bucket, they see only that."""
    return not is_s3(address)


def files_here(*sources: str | None) -> list[Path]:
    """Those of named files that lie on this machine."""
    return [path for source in sources if source and (path := local_path(source))]


def open_named(source: str, *, what: str, store: ArtifactStore, folder: Path) -> Path:
    """A file by its path, or by its key in the store.

    Args:
        source: The path or the key.
        what: What it should be, for messages.
        store: Where keys are looked up.
        folder: Where a file of the store goes.

    Raises:
        BadInputError: Neither, or something in the store that is far too large to be fetched.
    """
    path = local_path(source)
    if path is not None and path.is_file():
        return path
    try:
        size = store.stat(source).size
        if size > LARGEST_NAMED_BYTES:
            raise BadInputError(f"{what} {source[:200]!r} has {size / 1e6:.0f} MB; check the key")
        target = folder / (PurePath(source).name or "file")
        store.get_file(source, target)
    except (BadKeyError, NotFoundError) as error:
        raise BadInputError(
            f"{what} {source[:200]!r} is neither a file that this machine can read nor a key of "
            "the store; check the path"
        ) from error
    return target


def with_own_files(recipe: Recipe, path: Path, *, store: ArtifactStore) -> Recipe:
    """A recipe whose files are named from where it lies, wherever the program was started.

    Args:
        recipe: As it was read.
        path: Its file; a colour table or font of a relative name lies beside it.
        store: Where keys are looked up.

    Raises:
        BadInputError: A file that is neither there nor in the store.
    """
    told = recipe.assembly_instructions
    lut = _beside(told.grade.lut, "grade.lut", path, store)
    font = _beside(told.lettering.font, "lettering.font", path, store)
    if (lut, font) == (told.grade.lut, told.lettering.font):
        return recipe
    told = told.model_copy(
        update={
            "grade": told.grade.model_copy(update={"lut": lut}),
            "lettering": told.lettering.model_copy(update={"font": font}),
        }
    )
    return recipe.model_copy(update={"assembly_instructions": told})


def _beside(source: str | None, field: str, path: Path, store: ArtifactStore) -> str | None:
    """The path of a file that a recipe names, or its key."""
    if source is None:
        return None
    whole = source.startswith("~") or Path(source).is_absolute()
    found = local_path(source if whole else str(path.absolute().parent / source))
    if found is not None and found.is_file():
        return str(found)
    try:
        store.stat(source)
    except (BadKeyError, NotFoundError) as error:
        raise BadInputError(
            f"{path.name}: assembly_instructions.{field} {source[:200]!r} is neither a file from "
            f"the recipe's folder ({path.absolute().parent}) nor a key of the store"
        ) from error
    return source
