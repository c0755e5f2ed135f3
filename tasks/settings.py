"""Settings from the environment (prefix ``SONGFILM_``) or a ``.env`` file, read at doors only."""

import re
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from annotated_types import Ge, Gt, Le
from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from recipe_schema.faults import broken_rule
from tasks.errors import BadInputError

DEFAULT_HOME = Path("~/.songfilm")

# What settings that must match a pattern take, in words.
_ALLOWED = {
    "tenant": "write 1 to 63 small letters, digits and hyphens, a letter or digit first",
}


class Settings(BaseSettings):
    """Everything that a person can set without a flag."""

    model_config = SettingsConfigDict(
        env_prefix="SONGFILM_", env_file=".env", extra="ignore", allow_inf_nan=False
    )

    home: Path = Field(default=DEFAULT_HOME, description="Folder for store, scratch and logs.")
    store: str | None = Field(
        default=None,
        description="Artifact store: a folder, file:// URL or s3://bucket/prefix; HOME/store if "
        "empty.",
    )
    s3_endpoint: str | None = Field(
        default=None, description="S3 server of s3:// stores: http(s)://host:port."
    )
    s3_public_endpoint: str | None = Field(
        default=None, description="The same as readers of links reach it; s3_endpoint if empty."
    )
    s3_region: str = Field(default="us-east-1", description="Region of the bucket.")
    s3_access_key: SecretStr | None = Field(default=None, description="Who asks the S3 server.")
    s3_secret_key: SecretStr | None = Field(default=None, description="What proves it.")
    cache_gb: float = Field(
        default=20.0,
        ge=0,
        description="Most that downloads of s3:// stores take in HOME/cache, GB.",
    )
    tenant: str = Field(
        default="shared",
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        description="Clips are shared among films of the same tenant.",
    )
    clip_days: float = Field(
        default=90.0, gt=0, description="Clips that no film used for so long are made anew, days."
    )
    usd_per_hour: float = Field(
        default=0.0,
        ge=0,
        description="What an hour of rendering on this machine costs, US dollars.",
    )
    agent_cache_url: str | None = Field(
        default=None, description="AgentCache service that is asked for clips too; none if empty."
    )
    agent_cache_key: SecretStr | None = Field(default=None, description="Its API key.")
    catalogue_url: SecretStr | None = Field(
        default=None, description="postgresql:// or sqlite:// URL; HOME/catalogue.db if empty."
    )
    song_max_mb: float = Field(default=500.0, gt=0, description="Largest song taken, MB.")
    song_max_minutes: float = Field(default=180.0, gt=0, description="Longest song taken, minutes.")
    beat_this_weights: Path | None = Field(
        default=None, description="Checkpoint file of the beat tracker beat_this."
    )
    demucs_models: Path | None = Field(
        default=None,
        description="Folder of Demucs weights, trusted like programs; fetched if empty.",
    )
    workers: int | None = Field(
        default=None, ge=1, le=256, description="Worker processes; one a core when empty."
    )
    prefect_api_url: str | None = Field(
        default=None,
        validation_alias="PREFECT_API_URL",
        description="Prefect server to use; one of our own for each run if empty.",
    )
    prefect_api_auth_string: SecretStr | None = Field(
        default=None,
        validation_alias="PREFECT_API_AUTH_STRING",
        description="user:password of that server, when it asks for one.",
    )
    server_timeout_s: float = Field(
        default=180.0, gt=0, description="Longest wait for the embedded Prefect server, seconds."
    )
    entrypoints: str = Field(
        default="flows.",
        description="Beginnings of the flows that a worker here may run, comma separated.",
    )

    secret: SecretStr | None = Field(
        default=None,
        description="Signs links to films and notifications; made once in HOME/secret if empty.",
    )
    link_days: float = Field(
        default=30.0, gt=0, le=3650, description="How long a link to a film opens, days."
    )
    studio_url: str | None = Field(
        default=None, description="Address of the studio in links; its own host and port if empty."
    )
    studio_host: str = Field(default="127.0.0.1", description="Address that the studio listens on.")
    studio_port: int = Field(
        default=4280, ge=1, le=65535, description="Port that the studio listens on."
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="Mail server: smtp://user:password@host:587 (STARTTLS) or smtps://; none.",
    )
    notify_from: str | None = Field(default=None, description="Sender of the mails.")
    notify_to: str | None = Field(
        default=None, description="Who is told about finished and failed films, comma separated."
    )
    notify_webhook: SecretStr | None = Field(
        default=None, description="http(s) address that gets each notification as JSON."
    )

    @model_validator(mode="wrap")
    @classmethod
    def _refuse_in_words(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Tell which settings are wrong.

        Raises:
            BadInputError: Some are; without what was read, which may be secret.
        """
        try:
            return handler(values)
        except ValidationError as error:
            told = "\n".join(_in_words(cls.model_fields, fault) for fault in error.errors())
            raise BadInputError(told) from None

    @field_validator("beat_this_weights", "demucs_models", mode="before")
    @classmethod
    def _no_path_when_empty(cls, value: object) -> object:
        """An empty line of the .env file names no file or folder, not the current one."""
        return None if value == "" else value

    @field_validator("studio_url")
    @classmethod
    def _check_address(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "http://empty")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("write http://host:port or https://host, with a path if need be")
        return value

    @property
    def home_path(self) -> Path:
        """The home folder with ``~`` written out."""
        return self.home.expanduser().absolute()

    @property
    def store_url(self) -> str:
        """The store that runs use when they name none."""
        return self.store or str(self.home_path / "store")

    @property
    def scratch_path(self) -> Path:
        """Where half-made files live."""
        return self.home_path / "scratch"

    @property
    def tracker_weights(self) -> dict[str, Path]:
        """Weight files of beat trackers, by the trackers' names."""
        weights = self.beat_this_weights
        return {} if weights is None else {"beat_this": weights.expanduser().absolute()}

    @property
    def studio_base_url(self) -> str:
        """Where links to the studio begin, without a slash at the end."""
        everywhere = self.studio_host in ("0.0.0.0", "::")
        host = "127.0.0.1" if everywhere else self.studio_host
        host = f"[{host}]" if ":" in host else host
        return (self.studio_url or f"http://{host}:{self.studio_port}").rstrip("/")


def _in_words(fields: dict[str, FieldInfo], fault: ErrorDetails) -> str:
    """Variable, value and what is allowed; secret values are not shown."""
    name = str(fault["loc"][0])
    found = next((each for each in fields.values() if each.validation_alias == name), None)
    field = found or fields[name]
    variable = name if found else f"SONGFILM_{name.upper()}"
    value = re.sub(r"//[^/]*@", "//…@", repr(fault["input"]))[:80]
    shown = "" if "SecretStr" in str(field.annotation) else f" is {value}:"
    return f"{variable}{shown} {_ALLOWED.get(name) or _numbers(field) or broken_rule(fault)}"


def _numbers(field: FieldInfo) -> str:
    """Which numbers a setting takes; empty for other settings."""
    kinds = {"float": "a number", "int": "a whole number"}
    kind = next((told for name, told in kinds.items() if name in str(field.annotation)), None)
    if kind is None:
        return ""
    limits = (
        f"{word} {bound:g}"
        for rule in field.metadata
        for limit, word, bound in (
            (Ge, "from", getattr(rule, "ge", 0)),
            (Gt, "above", getattr(rule, "gt", 0)),
            (Le, "up to", getattr(rule, "le", 0)),
        )
        if isinstance(rule, limit)
    )
    return " ".join(("write", kind, *limits))
