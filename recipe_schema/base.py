"""Ground for every schema model: frozen, strict about field names, JSON both ways."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class SchemaModel(BaseModel):
    """A value that travels between rooms: immutable, and no field that the schema does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Seconds = Annotated[float, Field(ge=0.0, description="Time or length in seconds.")]
UnitFloat = Annotated[float, Field(ge=0.0, le=1.0)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="Lower-case hex digest.")]
HexColor = Annotated[
    str, Field(pattern=r"^#[0-9a-fA-F]{6}$", description="sRGB colour, such as #ff006e.")
]
