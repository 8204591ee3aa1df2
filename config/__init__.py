"""Every setting, from the environment; docs/configuration.md is checked against this."""

import os
from functools import cached_property, lru_cache
from pathlib import Path

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.files import FileSource, SettingsError
from config.observing import Observing
from config.providers import Providers
from config.sftp import Sftp
from config.signin import SignIn

__all__ = ["Settings", "SettingsError", "settings"]


class Settings(Providers, SignIn, Sftp, Observing, BaseSettings):
    """What the deployment set; every field names its variable and says what it does."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    home: Path = Field(
        default=Path("data"),
        validation_alias="TOTALVIEW_HOME",
        description="Folder for everything kept on this machine.",
    )
    host: str = Field(
        default="127.0.0.1", validation_alias="TOTALVIEW_HOST", description="Address that the web process listens on."
    )
    port: int = Field(
        default=8501, ge=1, le=65535, validation_alias="TOTALVIEW_PORT", description="Port of the web process."
    )
    public_url: str = Field(
        default="",
        validation_alias="TOTALVIEW_PUBLIC_URL",
        description="The address that people use, where it is not http://HOST:PORT (behind a proxy).",
    )
    database_url: str = Field(
        default="",
        validation_alias="DATABASE_URL",
        description="PostgreSQL (postgresql://...); empty means SQLite in TOTALVIEW_HOME.",
        json_schema_extra={"secret": True},
    )
    redis_url: str = Field(
        default="",
        validation_alias="REDIS_URL",
        description="Any Redis 6.2+ or Valkey; empty means the server that `totalview up` starts itself.",
        json_schema_extra={"secret": True},
    )
    s3_bucket: str = Field(
        default="",
        validation_alias="S3_BUCKET",
        description="Bucket for recordings (keys by AWS_ACCESS_KEY_ID and its like); empty means a folder.",
    )
    s3_prefix: str = Field(
        default="", validation_alias="S3_PREFIX", description="What the keys in the bucket begin with, such as calls/."
    )
    s3_endpoint_url: str = Field(
        default="",
        validation_alias="S3_ENDPOINT_URL",
        description="Any other server that speaks S3 (MinIO, R2, Ceph); empty means AWS.",
    )
    s3_browser_links: bool = Field(
        default=True,
        validation_alias="S3_BROWSER_LINKS",
        description="Players fetch from the bucket by short-lived signed links; false where browsers cannot reach it.",
    )
    max_upload_bytes: int = Field(
        default=0,
        ge=0,
        validation_alias="TOTALVIEW_MAX_UPLOAD_BYTES",
        description="Largest recording taken in, in bytes; 0 means no limit.",
    )
    api_rate: int = Field(
        default=6000,
        ge=1,
        le=1_000_000,
        validation_alias="TOTALVIEW_API_RATE",
        description="Requests a minute that one API key may make, unless it has a rate of its own.",
    )
    whisper_model: str = Field(
        default="",
        validation_alias="WHISPER_MODEL",
        description="Folder or name of a Whisper model for the offline transcriber (needs totalview[whisper]).",
    )
    local_calls: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        validation_alias="TOTALVIEW_LOCAL_CALLS",
        description="Calls that the offline transcriber works on at once, over all workers.",
    )
    worker_threads: int = Field(
        default=32,
        ge=1,
        le=500,
        validation_alias="TOTALVIEW_WORKER_THREADS",
        description="Calls a stage that one worker process looks after at once; most of them wait for a provider.",
    )
    stop_seconds: float = Field(
        default=4.0,
        ge=0,
        le=3600,
        validation_alias="TOTALVIEW_STOP_SECONDS",
        description="How long a worker that is told to stop waits for answers that are on their way and paid for.",
    )
    max_attempts: int = Field(
        default=5,
        ge=1,
        validation_alias="TOTALVIEW_MAX_ATTEMPTS",
        description="Tries of one stage before a call is Failed for a passing error.",
    )
    retry_seconds: float = Field(
        default=5.0,
        gt=0,
        le=86_400,
        validation_alias="TOTALVIEW_RETRY_SECONDS",
        description="First pause before a stage is tried again; it doubles with each try, up to 10 minutes.",
    )
    lease_seconds: float = Field(
        default=45.0,
        ge=2,
        le=86_400,
        validation_alias="TOTALVIEW_LEASE_SECONDS",
        description="A worker that has not been heard of for this long has lost its call to another.",
    )
    rescue_seconds: int = Field(
        default=30,
        ge=1,
        validation_alias="TOTALVIEW_RESCUE_SECONDS",
        description="How often unfinished calls whose job is gone are asked for again.",
    )
    webhooks_private: bool = Field(
        default=False,
        validation_alias="TOTALVIEW_WEBHOOKS_PRIVATE",
        description="Webhooks may go to private addresses too (this machine, your own network).",
    )

    @field_validator("database_url", "redis_url")
    @classmethod
    def _of_its_kind(cls, url: str, info: ValidationInfo) -> str:
        kinds = _KINDS[str(info.field_name)]
        if url and not url.startswith(kinds):
            raise ValueError(f"Write it as {kinds[0]}..., or leave it empty")
        return url

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  no .env file: the environment is the only door
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  FileSource reads secrets by variable instead
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, FileSource(settings_cls)

    @property
    def address(self) -> str:
        """The URL at which people reach the dashboard, without a slash at its end."""
        host = "localhost" if self.host in THIS_MACHINE else f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"

    @cached_property
    def folder(self) -> Path:
        """TOTALVIEW_HOME as an absolute path."""
        return self.home.expanduser().resolve()

    @property
    def scratch(self) -> Path:
        """Where recordings and samples lie while they are worked on; what a killed process leaves there is swept."""
        return self.folder / "scratch"


_KINDS = {
    "database_url": ("postgresql://", "postgresql+psycopg://", "postgres://"),
    "redis_url": ("redis://", "rediss://", "unix://"),
}
THIS_MACHINE = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::"}  # noqa: S104  every address is this machine's too


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once. Raises SettingsError in words."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0])
        if name in Settings.model_fields:  # a default that does not do is known by its field
            name = str(Settings.model_fields[name].validation_alias)
        raise SettingsError(f"{name}: {first['msg'].removeprefix('Value error, ')}.") from error
