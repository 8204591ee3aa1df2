"""Settings of the SFTP server that recordings come from."""

from pydantic import Field
from pydantic_settings import BaseSettings


class Sftp(BaseSettings):
    """One server for the deployment; nothing of it is used while SFTP_HOST is empty."""

    sftp_host: str = Field(
        default="",
        validation_alias="SFTP_HOST",
        description="Name or address of the SFTP server that recordings come from; empty means none.",
    )
    sftp_port: int = Field(default=22, ge=1, le=65535, validation_alias="SFTP_PORT", description="Its port.")
    sftp_username: str = Field(default="", validation_alias="SFTP_USERNAME", description="Who TotalView signs in as.")
    sftp_password: str = Field(
        default="",
        validation_alias="SFTP_PASSWORD",
        description="That user's password, where it has one.",
        json_schema_extra={"secret": True},
    )
    sftp_private_key: str = Field(
        default="",
        validation_alias="SFTP_PRIVATE_KEY",
        description="That user's private key, the text of its file (easier as SFTP_PRIVATE_KEY_FILE).",
        json_schema_extra={"secret": True},
    )
    sftp_private_key_passphrase: str = Field(
        default="",
        validation_alias="SFTP_PRIVATE_KEY_PASSPHRASE",
        description="What the private key is encrypted with, if it is.",
        json_schema_extra={"secret": True},
    )
    sftp_host_key: str = Field(
        default="",
        validation_alias="SFTP_HOST_KEY",
        description="The server's key, as `ssh-keyscan` prints it or as its SHA256:... fingerprint; several by commas.",
    )
    sftp_root: str = Field(
        default=".",
        min_length=1,
        validation_alias="SFTP_ROOT",
        description="The folder on the server that campaigns' folders lie in; '.' is where the sign-in leads.",
    )
    sftp_sweep_seconds: int = Field(
        default=60,
        ge=5,
        le=86_400,
        validation_alias="SFTP_SWEEP_SECONDS",
        description="How often the server is looked through for new recordings.",
    )
    sftp_connections: int = Field(
        default=6,
        ge=4,
        le=8,
        validation_alias="SFTP_CONNECTIONS",
        description="Connections over which recordings are fetched at once.",
    )

    @property
    def has_sftp(self) -> bool:
        """Whether recordings come from an SFTP server at all."""
        return bool(self.sftp_host)
