"""Settings of the providers that transcribe and judge."""

from pydantic import Field
from pydantic_settings import BaseSettings


class Providers(BaseSettings):
    """Their keys, addresses and limits."""

    assemblyai_api_key: str = Field(
        default="",
        validation_alias="ASSEMBLYAI_API_KEY",
        description="Lets campaigns be transcribed by AssemblyAI.",
        json_schema_extra={"secret": True},
    )
    assemblyai_base_url: str = Field(
        default="",
        validation_alias="ASSEMBLYAI_BASE_URL",
        description="Another address of its API (the EU's, a gateway); empty means AssemblyAI's own.",
    )
    assemblyai_calls: int = Field(
        default=200,
        ge=1,
        le=10_000,
        validation_alias="ASSEMBLYAI_CALLS",
        description="Calls that may be with AssemblyAI at once, over all workers: your account's limit.",
    )
    deepgram_api_key: str = Field(
        default="",
        validation_alias="DEEPGRAM_API_KEY",
        description="Lets campaigns be transcribed by Deepgram.",
        json_schema_extra={"secret": True},
    )
    deepgram_base_url: str = Field(
        default="",
        validation_alias="DEEPGRAM_BASE_URL",
        description="Another address of its API (self-hosted, a gateway); empty means Deepgram's own.",
    )
    deepgram_calls: int = Field(
        default=50,
        ge=1,
        le=10_000,
        validation_alias="DEEPGRAM_CALLS",
        description="Calls that may be with Deepgram at once, over all workers: your account's limit.",
    )
    anthropic_api_key: str = Field(
        default="",
        validation_alias="ANTHROPIC_API_KEY",
        description="Lets Claude judge the AI checks.",
        json_schema_extra={"secret": True},
    )
    anthropic_base_url: str = Field(
        default="",
        validation_alias="ANTHROPIC_BASE_URL",
        description="Any other server that speaks Claude's API (Ollama, a gateway); empty means Anthropic's own.",
    )
    anthropic_model: str = Field(
        default="claude-sonnet-5-5",
        min_length=1,
        max_length=80,
        validation_alias="ANTHROPIC_MODEL",
        description="The model that judges AI checks.",
    )
    anthropic_calls: int = Field(
        default=30,
        ge=1,
        le=10_000,
        validation_alias="ANTHROPIC_CALLS",
        description="Calls that may be with Claude at once, over all workers.",
    )
    provider_seconds: float = Field(
        default=600.0,
        gt=0,
        le=3600,
        validation_alias="TOTALVIEW_PROVIDER_SECONDS",
        description="A provider that sends nothing for this long is taken to have failed this time.",
    )
    poll_seconds: float = Field(
        default=5.0,
        gt=0,
        le=3600,
        validation_alias="TOTALVIEW_POLL_SECONDS",
        description="First pause before a provider's job is looked at again; it grows while the job lasts.",
    )
    outage_seconds: float = Field(
        default=60.0,
        gt=0,
        le=86_400,
        validation_alias="TOTALVIEW_OUTAGE_SECONDS",
        description="How often a provider that is paused (key refused, no credit, not reachable) is tried again.",
    )
