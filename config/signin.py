"""Settings of single sign-on: the company's identity provider, beside local accounts."""

from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

_THIS_MACHINE = {"127.0.0.1", "::1", "localhost"}


class SignIn(BaseSettings):
    """An OpenID Connect provider; nothing of it is used while OIDC_ISSUER is empty."""

    oidc_issuer: str = Field(
        default="",
        validation_alias="OIDC_ISSUER",
        description="Single sign-on: the OpenID Connect provider's address, as its discovery document names it.",
    )
    oidc_client_id: str = Field(
        default="",
        validate_default=True,
        validation_alias="OIDC_CLIENT_ID",
        description="The client that the provider knows TotalView as.",
    )
    oidc_client_secret: str = Field(
        default="",
        validation_alias="OIDC_CLIENT_SECRET",
        description="That client's secret; empty for a public client, which has none.",
        json_schema_extra={"secret": True},
    )
    oidc_name: str = Field(
        default="single sign-on",
        min_length=1,
        max_length=40,
        validation_alias="OIDC_NAME",
        description="What the sign-in page calls it: 'Continue with ...'.",
    )
    oidc_scopes: str = Field(
        default="openid email profile",
        pattern=r"^(.* )?openid( .*)?$",
        validation_alias="OIDC_SCOPES",
        description="What the provider is asked for; openid and email are needed.",
    )
    oidc_trust_email: bool = Field(
        default=False,
        validation_alias="OIDC_TRUST_EMAIL",
        description="Take e-mail addresses as verified where the provider does not say (docs/sign-in.md).",
    )

    @field_validator("oidc_issuer")
    @classmethod
    def _reached_safely(cls, issuer: str) -> str:
        place = urlsplit(issuer)
        local = place.scheme == "http" and place.hostname in _THIS_MACHINE
        if issuer and not (place.hostname and (place.scheme == "https" or local)):
            raise ValueError("Give an address that begins with https://")
        return issuer.rstrip("/")

    @field_validator("oidc_client_id")
    @classmethod
    def _given_with_the_issuer(cls, client_id: str, info: ValidationInfo) -> str:
        if info.data.get("oidc_issuer") and not client_id:
            raise ValueError("OIDC_ISSUER is set, so that this is needed too")
        return client_id

    @property
    def single_sign_on(self) -> bool:
        """True when people may come in by the identity provider."""
        return bool(self.oidc_issuer)
