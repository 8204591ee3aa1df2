"""Settings of what a deployment tells about itself: its log, its figures."""

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

SHORTEST_TOKEN = 16  # characters; what guards figures is not to be guessed


class Observing(BaseSettings):
    """How the log is written, and who may read the figures at /metrics."""

    log_level: str = Field(
        default="INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        validation_alias="TOTALVIEW_LOG_LEVEL",
        description="DEBUG, INFO, WARNING or ERROR.",
    )
    log_format: str = Field(
        default="text",
        pattern="^(text|json)$",
        validation_alias="TOTALVIEW_LOG_FORMAT",
        description="How lines of the log are written: text for people, json for programs that gather logs.",
    )
    access_log: bool = Field(
        default=False,
        validation_alias="TOTALVIEW_ACCESS_LOG",
        description="Log every HTTP request too, without the part of its address after the question mark.",
    )
    metrics_token: str = Field(
        default="",
        validation_alias="TOTALVIEW_METRICS_TOKEN",
        description="Lets Prometheus read /metrics; empty means only people who may see the System page.",
        json_schema_extra={"secret": True},
    )

    @field_validator("metrics_token")
    @classmethod
    def _not_guessed(cls, token: str) -> str:
        if token and len(token) < SHORTEST_TOKEN:
            raise ValueError(f"Use at least {SHORTEST_TOKEN} characters")
        return token
