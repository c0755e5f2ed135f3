"""Ground for every schema model: frozen, strict about field names, JSON both ways."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class SchemaModel(BaseModel):
    """A value that travels between rooms: immutable, and no field that the schema does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _number_fields(schema: dict[str, Any]) -> None:
    """Give each field its place; databases and forms forget the order of a JSON object."""
    for place, field in enumerate(schema["properties"].values()):
        field["position"] = place


class FormModel(SchemaModel):
    """A value that people fill in; forms show its fields in the order of the class."""

    model_config = ConfigDict(json_schema_extra=_number_fields)


Seconds = Annotated[float, Field(ge=0.0, description="Time or length in seconds.")]
UnitFloat = Annotated[float, Field(ge=0.0, le=1.0)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="Lower-case hex digest.")]
HexColor = Annotated[
    str, Field(pattern=r"^#[0-9a-fA-F]{6}$", description="sRGB colour, such as #ff006e.")
]
