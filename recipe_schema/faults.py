"""Says what is wrong with a recipe or analysis, in one sentence, with its place."""

import difflib
import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from recipe_schema.base import SchemaModel

Data = dict[str, Any]

# What a word in a closed list is called in a message, by the field that holds it.
_NOUNS = {
    "effects": "an effect",
    "transition_in": "a transition",
    "transition_out": "a transition",
    "transitions": "a transition",
    "section": "a section type",
    "type": "a section type",
    "cut_on": "a way to cut",
    "motion_intensity": "a motion intensity",
}
# What the text should have been, by the pattern that it missed.
_PATTERNS = {
    r"^#[0-9a-fA-F]{6}$": "a colour such as #ff006e",
    r"^[0-9a-f]{64}$": "a SHA-256 digest of 64 lower-case hex digits",
    r"^(strict|loose|off)$": "a way to follow the beat; known: strict, loose, off",
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$": (
        "a shot id; use at most 64 letters, digits, - and _, such as shot_001"
    ),
}
_RULES = {
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "finite_number": "must be a number with an end",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "too_long": "must have at most {max_length} entries",
    "too_short": "must have at least {min_length} entries",
}
# So many faults are told one after another.
_MOST_TOLD = 3
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def sentence(error: ValidationError, data: Data, *, model: type[SchemaModel]) -> str:
    """Tell the first faults with their places, and how many more there are.

    Fields that nobody knows come first: what is missing is often there under such a name.
    """
    faults = sorted(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
    missing = [fault["loc"] for fault in faults if fault["type"] == "missing"]
    told = []
    for fault in faults[:_MOST_TOLD]:
        place, field = _place(fault["loc"], data)
        beside = [str(loc[-1]) for loc in missing if loc[:-1] == fault["loc"][:-1]]
        told.append(_fault(fault, place, field, model=model, missing=beside))
    more = f" (and {len(faults) - len(told)} more)" if len(faults) > len(told) else ""
    return f"{'; also '.join(told)}{more}"


def broken_rules(error: ValidationError) -> str:
    """What is wrong with a few fields of a form, each by its name."""
    return "; ".join(
        broken_rule(fault)
        if fault["type"] == "value_error"
        else f"{'.'.join(map(str, fault['loc']))} {broken_rule(fault)}"
        for fault in error.errors()
    )


def broken_rule(fault: Any) -> str:
    """What a value must be, in words of ours.

    Args:
        fault: One of a `ValidationError`'s errors.

    Returns:
        A sentence of our own where a model wrote one, else such as "must be at most 7680".
    """
    kind, facts = fault["type"], fault.get("ctx", {})
    if kind == "value_error":
        return str(facts["error"])
    if kind in _RULES:
        return _RULES[kind].format(**facts)
    number = re.match("(int|float)_(type|parsing|from_float)", kind)
    if number:
        return "must be a whole number" if number[1] == "int" else "must be a number"
    said = re.sub(r"^\w+ should ", "must ", str(fault["msg"]))
    return f"{said[:1].lower()}{said[1:]}"


def _place(location: tuple[int | str, ...], data: Data) -> tuple[str, str]:
    """The place as a person says it, `shot_003.effects[1]`, and the name of the field there."""
    path, field = "", ""
    value: Any = data
    for step in location:
        value = _step_into(value, step)
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path, field = (f"{path}.{step}" if path else step), step
        if path == f"shot_list[{step}]" and isinstance(value, dict):
            identity = value.get("id")
            if isinstance(identity, str) and _ID.fullmatch(identity):
                path = identity
    parent = [step for step in location if isinstance(step, str)][-2:]
    if len(parent) == 2 and parent[0] == "transitions":
        field = "transitions"
    return path, field


def _step_into(value: Any, step: int | str) -> Any:
    """The value one step further in, or None where there is none."""
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None


def _fault(
    fault: Any, place: str, field: str, *, model: type[SchemaModel], missing: list[str]
) -> str:
    """One fault in one sentence; `missing` are fields that the same object lacks."""
    kind, value = fault["type"], fault["input"]
    if kind == "enum":
        known = re.findall(r"'([^']*)'", fault["ctx"]["expected"])
        noun = _NOUNS.get(field, "a known word")
        near = _nearest(value, known)
        return f"{place}: {value!r} is not {noun}{near}; known: {', '.join(known)}"
    if kind == "extra_forbidden":
        known = sorted(_fields_beside(fault["loc"], model))
        near = _nearest(field, known, sole=missing)
        return f"{place}: there is no field {field!r} here{near}; known: {', '.join(known)}"
    if kind == "missing":
        return f"{place} is missing"
    if kind == "string_pattern_mismatch" and fault["ctx"]["pattern"] in _PATTERNS:
        return f"{place}: {value!r} is not {_PATTERNS[fault['ctx']['pattern']]}"
    if kind in ("model_type", "model_attributes_type", "dataclass_type"):
        return f"{place}: {value!r} should be an object in braces"
    if kind == "value_error":
        told = broken_rule(fault)
        return f"{place}: {told}" if place else told
    shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."
    return f"{place}: {shown} does not fit: it {broken_rule(fault)}"


def _fields_beside(location: tuple[int | str, ...], model: type[SchemaModel]) -> set[str]:
    """Names of the fields that the object at `location` may have, read off the JSON Schema."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    here = schema
    for step in location[:-1]:
        if isinstance(step, int):
            here = here.get("items", {})
        else:
            here = here.get("properties", {}).get(step, {})
        for choice in (here, *here.get("anyOf", ())):
            if "$ref" in choice:
                here = definitions[choice["$ref"].rsplit("/", 1)[-1]]
                break
    return set(here.get("properties", {}))


def _nearest(word: object, known: list[str], *, sole: Sequence[str] = ()) -> str:
    """What may have been meant: a like word, else the only one that is wanted there."""
    close = difflib.get_close_matches(str(word), known, n=1) or (sole if len(sole) == 1 else [])
    return f" (did you mean {close[0]!r}?)" if close else ""
