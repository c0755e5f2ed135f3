"""Reads and writes recipes and analyses of any format version, and publishes the JSON Schema.

What a person writes may hold `//` and `/* */` comments and trailing commas. They are blanked out in
place, so the line numbers in messages are those of the file. `python -m recipe_schema.versions`
rewrites `recipe.schema.json`.

A version counts from its release on: grade, lettering and routes were added before there was one,
and belong to version 1.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import ValidationError

from recipe_schema.analysis import ANALYSIS_VERSION, SongAnalysis
from recipe_schema.base import SchemaModel
from recipe_schema.faults import sentence
from recipe_schema.recipe import RECIPE_VERSION, Recipe

Data = dict[str, Any]
Upgrade = Callable[[Data], Data]
Model = TypeVar("Model", bound=SchemaModel)

SCHEMA_PATH = Path(__file__).with_name("recipe.schema.json")
JSON_SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
LINE_WIDTH = 100  # characters; short lists of words or numbers stay on one line

# From version -> what makes the next version of it. A format change adds a line here.
RECIPE_UPGRADES: Mapping[int, Upgrade] = {}
ANALYSIS_UPGRADES: Mapping[int, Upgrade] = {}

_STRING = r'"(?:[^"\\\n]|\\.)*"'
_COMMENT = re.compile(rf"{_STRING}|//[^\n]*|/\*.*?\*/|/\*", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"{_STRING}|,(?=\s*[\]}}])")


class RecipeFormatError(ValueError):
    """A recipe or analysis that cannot be read; one sentence says where and why."""


def load_recipe(text: str) -> Recipe:
    """Read a recipe as a person may have written it.

    Args:
        text: JSON; comments and trailing commas are allowed, `schema_version` missing means 1.

    Returns:
        The recipe, upgraded to the current version.

    Raises:
        RecipeFormatError: Not JSON, not a recipe, or written by a newer songfilm.
    """
    return load(text, model=Recipe, kind="recipe", version=RECIPE_VERSION, upgrades=RECIPE_UPGRADES)


def load_analysis(text: str) -> SongAnalysis:
    """Read a song analysis; the same rules and errors as for `load_recipe`."""
    return load(
        text,
        model=SongAnalysis,
        kind="analysis",
        version=ANALYSIS_VERSION,
        upgrades=ANALYSIS_UPGRADES,
    )


def load(
    text: str, *, model: type[Model], kind: str, version: int, upgrades: Mapping[int, Upgrade]
) -> Model:
    """Read `text` as `model`, lifting older versions step by step through `upgrades`."""
    data = _upgraded(_parse(text, kind=kind), kind=kind, version=version, upgrades=upgrades)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise RecipeFormatError(sentence(error, data, model=model)) from error


def dump(model: SchemaModel) -> str:
    """Write a model as stable, readable JSON: same model, same bytes; ends with a newline.

    A recipe leaves out what is not set, as the published format does; other models say null.
    """
    data = model.model_dump(mode="json", exclude_none=isinstance(model, Recipe))
    return _pretty(data, indent="") + "\n"


def recipe_json_schema() -> str:
    """The recipe's JSON Schema, as published in `recipe.schema.json`."""
    schema = {"$schema": JSON_SCHEMA_DIALECT, **Recipe.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write_json_schema(path: Path = SCHEMA_PATH) -> None:
    """Publish the JSON Schema that belongs to the models."""
    path.write_text(recipe_json_schema(), encoding="utf-8")


def _parse(text: str, *, kind: str) -> Data:
    plain = _TRAILING_COMMA.sub(
        _blank_comma, _COMMENT.sub(_blank_comment, text.removeprefix("\ufeff"))
    )
    try:
        data = json.loads(plain, object_pairs_hook=_no_doubles, parse_constant=_no_constant)
    except RecipeFormatError:
        raise
    except json.JSONDecodeError as error:
        raise RecipeFormatError(
            f"line {error.lineno}, column {error.colno}: not JSON ({error.msg}); "
            "look for a missing comma, quote or bracket there or just before"
        ) from error
    except (ValueError, RecursionError) as error:
        raise RecipeFormatError(
            f"not a {kind}: a number of thousands of digits, or thousands of nested brackets"
        ) from error
    if not isinstance(data, dict):
        raise RecipeFormatError(f"not a {kind}: the file holds a {_json_type(data)}, not an object")
    return data


def _blank_comment(match: re.Match[str]) -> str:
    found = match.group()
    if found.startswith('"'):
        return found
    if found == "/*":
        line = match.string.count("\n", 0, match.start()) + 1
        raise RecipeFormatError(f"line {line}: the comment that starts here with /* never ends")
    return re.sub(r"[^\n]", " ", found)


def _blank_comma(match: re.Match[str]) -> str:
    return match.group() if match.group().startswith('"') else " "


def _no_doubles(pairs: list[tuple[str, Any]]) -> Data:
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise RecipeFormatError(f"{double!r} is written twice in one object; keep one of them")
    return data


def _no_constant(word: str) -> NoReturn:
    raise RecipeFormatError(f"{word} is not a number that a plan can hold; write a finite one")


def _json_type(value: object) -> str:
    names = {list: "list", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")


def _upgraded(data: Data, *, kind: str, version: int, upgrades: Mapping[int, Upgrade]) -> Data:
    """Lift `data` to the current version, one step a version."""
    found = data.get("schema_version", 1)
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise RecipeFormatError(f"schema_version {found!r} is not a whole number from 1 up")
    if found > version:
        raise RecipeFormatError(
            f"this {kind} has schema_version {found} and this songfilm reads up to {version}; "
            "install a newer songfilm"
        )
    for step in range(found, version):
        data = upgrades[step](data)
    return {**data, "schema_version": version}


def _pretty(value: Any, *, indent: str) -> str:
    """JSON with objects spread out, and lists of plain values kept on lines of text width."""
    inner = indent + "  "
    if isinstance(value, dict) and value:
        lines = [f"{inner}{_flat(k)}: {_pretty(v, indent=inner)}" for k, v in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        lines = [inner + _pretty(item, indent=inner) for item in value]
        return "[\n" + ",\n".join(lines) + f"\n{indent}]"
    flat = _flat(value)
    if isinstance(value, list) and len(indent) + len(flat) > LINE_WIDTH:
        return "[\n" + "\n".join(_wrapped(value, indent=inner)) + f"\n{indent}]"
    return flat


def _wrapped(values: list[Any], *, indent: str) -> list[str]:
    """Plain values with their commas, as many a line as fit."""
    words = [_flat(value) + "," for value in values[:-1]] + [_flat(values[-1])]
    lines = [indent + words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) > LINE_WIDTH:
            lines.append(indent + word)
        else:
            lines[-1] += " " + word
    return lines


def _flat(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


if __name__ == "__main__":
    write_json_schema()
