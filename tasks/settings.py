"""Settings from the environment (prefix ``SONGFILM_``) or a ``.env`` file, read at doors only."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_HOME = Path("~/.songfilm")


class Settings(BaseSettings):
    """Everything that a person can set without a flag."""

    model_config = SettingsConfigDict(env_prefix="SONGFILM_", env_file=".env", extra="ignore")

    home: Path = Field(default=DEFAULT_HOME, description="Folder for store, scratch and logs.")
    store: str | None = Field(
        default=None, description="Artifact store: a folder or file:// URL; HOME/store if empty."
    )
    workers: int | None = Field(
        default=None, ge=1, le=256, description="Worker processes; one a core when empty."
    )
    prefect_api_url: str | None = Field(
        default=None,
        validation_alias="PREFECT_API_URL",
        description="Prefect server to use; one of our own for each run if empty.",
    )
    server_timeout_s: float = Field(
        default=180.0, gt=0, description="Longest wait for the embedded Prefect server, seconds."
    )

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
