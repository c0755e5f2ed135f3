"""A folder of Demucs weights, looked at without loading any."""

from pathlib import Path

import yaml

from tasks.errors import BadInputError, MissingDependencyError


def names_in(folder: Path) -> tuple[str, ...]:
    """Models whose weights lie in a folder.

    Raises:
        BadInputError: It is no folder that can be read.
    """
    return tuple(sorted(_bags(folder).keys() | _signatures(folder).keys()))


def weight_files(folder: Path, name: str) -> tuple[Path, ...]:
    """The files that a model is read from.

    Args:
        folder: Holds `.th` files, and `.yaml` files that bind several of them to one model.
        name: A `.yaml` file's, or a `.th` file's without its checksum.

    Raises:
        BadInputError: No folder, or a damaged `.yaml` file.
        MissingDependencyError: Some are not there.
    """
    bags, networks = _bags(folder), _signatures(folder)
    if name in networks:
        return (networks[name],)
    if name not in bags:
        raise MissingDependencyError(
            f"{folder} has no weights of {name}; put its .th and .yaml files there, or unset "
            "SONGFILM_DEMUCS_MODELS to fetch them"
        )
    try:
        wanted = tuple(map(str, yaml.safe_load(bags[name].read_text(encoding="utf-8"))["models"]))
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise BadInputError(f"{bags[name]} is no list of a model's networks") from error
    missing = [signature for signature in wanted if signature not in networks]
    if missing:
        raise MissingDependencyError(
            f"{folder} lacks networks of {name}: {', '.join(f'{each}-….th' for each in missing)}"
        )
    return (bags[name], *(networks[signature] for signature in wanted))


def _bags(folder: Path) -> dict[str, Path]:
    """Models of several networks by name."""
    return {path.stem: path for path in _listed(folder) if path.suffix == ".yaml"}


def _signatures(folder: Path) -> dict[str, Path]:
    """Networks by signature: what stands before the checksum in their names."""
    found = (path for path in _listed(folder) if path.suffix == ".th")
    return {path.stem.rsplit("-", 1)[0]: path for path in found}


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise BadInputError(
            f"SONGFILM_DEMUCS_MODELS: {folder} is no folder that can be read ({error.strerror})"
        ) from error
