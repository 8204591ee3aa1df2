"""The company's identity provider, spoken to by Authlib: where to send somebody, and who came back."""

import logging
from functools import lru_cache
from typing import Any, NamedTuple

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from joserfc.errors import JoseError

from config import settings
from records.outside_accounts import Outsider

log = logging.getLogger(__name__)

CALLBACK = "/sso/callback"
PATIENCE_S = 10.0
_NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")  # of a discovery document
# An answer is believed for its signature by a key that the provider publishes; never by our own secret, or for nothing.
_SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")


class Away(Exception):  # noqa: N818  what it is
    """The provider does not answer, or says of itself what cannot be."""


class Unusable(Exception):  # noqa: N818  what it is
    """Its answer proves nothing: forged, for somebody else, too old, or used before."""


class Begun(NamedTuple):
    """A sign-in on its way: the address to go to, and what has to fit when it comes back."""

    address: str
    state: str
    nonce: str
    verifier: str


async def begin(*, ask_again: bool) -> Begun:
    """A fresh sign-in. `ask_again`: the provider shall not take whoever is signed in there for granted."""
    client = await _ready()
    asked = await client.create_authorization_url(_callback(), **({"prompt": "login"} if ask_again else {}))
    return Begun(asked["url"], asked["state"], asked["nonce"], asked["code_verifier"])


async def outsider(code: str, nonce: str, verifier: str) -> Outsider:
    """Who came back with this code. Raises Away, Unusable."""
    client = await _ready()
    try:
        token = await client.fetch_access_token(_callback(), code=code, code_verifier=verifier)
        claims = await client.parse_id_token(token, nonce)
        if not claims:
            raise Unusable("it sent no ID token")
        if "email" not in claims and "userinfo_endpoint" in client.server_metadata:
            claims = {**claims, **await _asked_more(client, token, claims["sub"])}
    except (httpx2.TransportError, httpx2.HTTPStatusError) as error:
        raise Away(_words(error)) from error
    except (AuthlibBaseError, JoseError, ValueError, KeyError, TypeError) as error:
        raise Unusable(_words(error)) from error
    return Outsider(str(claims["iss"]), str(claims["sub"]), _vouched(claims))


def is_ours(issuer: str | None) -> bool:
    """Whether a provider that names itself in its answer is the one that was asked."""
    return issuer is None or issuer.rstrip("/") == settings().oidc_issuer


def _vouched(claims: dict[str, Any]) -> str | None:
    """The e-mail address, where the provider says that it is this person's."""
    email, verified = claims.get("email"), claims.get("email_verified")
    says = verified is True or verified == "true"  # some write it as a word
    trusted = verified is None and settings().oidc_trust_email
    return email if isinstance(email, str) and (says or trusted) else None


async def _asked_more(client: StarletteOAuth2App, token: dict[str, Any], subject: str) -> dict[str, Any]:
    """What the provider tells only when asked once more; about the same person, or it counts for nothing."""
    told = dict(await client.userinfo(token=token))
    if told.get("sub") != subject:
        raise Unusable("it told of somebody else when asked once more")
    return {name: told[name] for name in ("email", "email_verified") if name in told}


async def _ready() -> StarletteOAuth2App:
    """The client, knowing what the provider says of itself. Raises Away."""
    chosen = settings()
    client = _client(chosen.oidc_issuer, chosen.oidc_client_id, chosen.oidc_client_secret, chosen.oidc_scopes)
    try:
        told = await client.load_server_metadata()
        missing = [name for name in _NEEDED if not isinstance(told.get(name), str)]
    except (httpx2.HTTPError, ValueError, TypeError) as error:
        _client.cache_clear()  # what it has said is kept for good, and this must not be
        raise Away(_words(error)) from error
    if missing or not is_ours(told["issuer"]):
        _client.cache_clear()
        calls_itself = f"it calls itself {told.get('issuer')}, and OIDC_ISSUER is {chosen.oidc_issuer}"
        raise Away(f"its discovery document names no {missing[0]}" if missing else calls_itself)
    offered = told.get("id_token_signing_alg_values_supported") or ["RS256"]
    told["id_token_signing_alg_values_supported"] = [name for name in offered if name in _SIGNATURES]
    ways = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if chosen.oidc_client_secret and "client_secret_basic" not in ways and "client_secret_post" in ways:
        client.client_kwargs["token_endpoint_auth_method"] = "client_secret_post"  # noqa: S105  a way's name
    return client


@lru_cache(maxsize=1)
def _client(issuer: str, client_id: str, secret: str, scopes: str) -> StarletteOAuth2App:
    registry = OAuth()
    registry.register(
        "sso",
        client_id=client_id,
        client_secret=secret or None,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": scopes, "code_challenge_method": "S256", "timeout": PATIENCE_S},
    )
    return registry.create_client("sso")


def _callback() -> str:
    return settings().address + CALLBACK


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
