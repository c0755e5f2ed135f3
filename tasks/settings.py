"""Settings from the environment (prefix ``SONGFILM_``) or a ``.env`` file, read at doors only."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_HOME = Path("~/.songfilm")


class Settings(BaseSettings):
    """Everything that a person can set without a flag."""

    model_config = SettingsConfigDict(env_prefix="SONGFILM_", env_file=".env", extra="ignore")

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
    def studio_base_url(self) -> str:
        """Where links to the studio begin, without a slash at the end."""
        everywhere = self.studio_host in ("0.0.0.0", "::")
        host = "127.0.0.1" if everywhere else self.studio_host
        host = f"[{host}]" if ":" in host else host
        return (self.studio_url or f"http://{host}:{self.studio_port}").rstrip("/")
