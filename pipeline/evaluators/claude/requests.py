"""The one place that talks to Claude's API: a request goes out, a checked reply comes back, or a ProviderError."""

from dataclasses import dataclass, field
from typing import Any

import httpx2
from anthropic import (
    Anthropic,
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    NotFoundError,
    Timeout,
)
from pydantic import ValidationError

from config import Settings
from pipeline import refusals
from pipeline.clients import Kept
from pipeline.evaluators.claude.answers import schema
from pipeline.evaluators.claude.groups import TooLong
from pipeline.evaluators.claude.messages import Message
from pipeline.evaluators.claude.prompt import Prompt
from pipeline.outcome import Fault, ProviderError

NAME, KEY = "Claude", "ANTHROPIC_API_KEY"
OWN_ADDRESS = "https://api.anthropic.com"
NO_KEY = "none"  # the SDK wants one; servers of one's own mostly do not look at it
CONNECT_S = 10.0
MOST_LISTED, FEW = 100, 6  # models asked for, and named in a sentence
_TOO_LARGE, _BAD, _ABSENT, _UNPROCESSABLE, _UNPAID = 413, 400, 404, 422, 402
_TOO_LONG = (
    "prompt is too long",
    "context limit",
    "context length",
    "context window",
    "maximum context",
    "context size",
)
_NO_CREDIT = ("credit balance", "billing")
_NEVER_SENT = (
    *(httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError),
    *(httpx2.UnsupportedProtocol, httpx2.InvalidURL, httpx2.LocalProtocolError),
)


class AnswerLost(ProviderError):  # noqa: N818  what happened
    """The request went out and no whole answer came: it may have been paid for."""


@dataclass(frozen=True)
class Server:
    """Where the model is, and which."""

    key: str = field(repr=False)
    address: str
    model: str
    seconds: float

    @classmethod
    def of(cls, known: Settings) -> "Server":
        """The server that the settings name."""
        address = known.anthropic_base_url.strip().rstrip("/").removesuffix("/v1")  # the SDK adds /v1 itself
        return cls(
            known.anthropic_api_key.strip() or NO_KEY,
            address or OWN_ADDRESS,
            known.anthropic_model,
            known.provider_seconds,
        )

    def check(self) -> str:
        """Whether the server is there for us and has the model; asking for its list of models costs nothing."""
        self._check_key()
        try:
            listed = _kept.get(self.key, self.address, self.seconds).models.list(limit=MOST_LISTED)
            names = [str(model.id) for model in listed.data]
        except NotFoundError:
            return f"{self.address} answers, and lists no models; '{self.model}' is asked for"
        except APIError as error:
            raise self._meaning(error) from error
        except httpx2.HTTPError as error:
            raise refusals.broken_off(NAME, self._clean(error)) from error
        if names and not any(name.startswith(self.model) for name in names):
            words = f"{NAME} has no model '{self.model}'. Set ANTHROPIC_MODEL to one of {', '.join(names[:FEW])}."
            raise ProviderError(words, fault=Fault.ACCOUNT)
        return f"{NAME} answers, takes the key, and has {self.model}"

    def ask(self, prompt: Prompt, room: int) -> Message:
        """One request, not repeated. Raises TooLong, AnswerLost and every other ProviderError."""
        self._check_key()
        try:
            client = _kept.get(self.key, self.address, self.seconds)
            # The SDK's own model of an answer is not used: it checks nothing, and servers differ.
            raw = client.messages.with_raw_response.create(**body(self.model, prompt, room))
            return Message.model_validate_json(raw.read())
        except APIError as error:
            raise self._meaning(error) from error
        except httpx2.InvalidURL as error:
            raise refusals.unreachable(NAME, f"ANTHROPIC_BASE_URL is no address ({error})") from error
        except ValidationError:  # it holds what was said in the call
            raise AnswerLost(str(refusals.broken_off(NAME, "its answer has another form than it should"))) from None
        except httpx2.HTTPError as error:  # while the body was read
            raise AnswerLost(str(refusals.broken_off(NAME, self._clean(error)))) from error

    def _check_key(self) -> None:
        if not (self.key.isascii() and self.key.isprintable() and " " not in self.key):
            words = f"{KEY} holds characters that no key has. Set it again; calls wait until it is right."
            raise ProviderError(words, fault=Fault.ACCOUNT)

    def _meaning(self, error: APIError) -> Exception:
        if isinstance(error, APIStatusError):
            return self._refused(error)
        cause = error.__cause__
        if isinstance(cause, _NEVER_SENT):
            return refusals.unreachable(NAME, self._clean(cause))
        why = (
            f"nothing came for {self.seconds:g} s"
            if isinstance(error, APITimeoutError)
            else self._clean(cause or error)
        )
        lost = isinstance(error, APIConnectionError)
        return (AnswerLost if lost else ProviderError)(str(refusals.broken_off(NAME, why)))

    def _refused(self, error: APIStatusError) -> Exception:
        status, said = error.status_code, self._clean(error.api_message or _words(error.body))
        plain = f"{error.type or ''} {said}".lower()
        if status == _TOO_LARGE or (status in (_BAD, _UNPROCESSABLE) and any(sign in plain for sign in _TOO_LONG)):
            return TooLong(said)
        if status == _BAD and any(sign in plain for sign in _NO_CREDIT):
            status = _UNPAID
        if status == _ABSENT:
            words = (
                f"{NAME} has no model '{self.model}' (404: {said}). Check ANTHROPIC_MODEL, and ANTHROPIC_BASE_URL "
                "where it is set; calls wait until they are right."
            )
            return ProviderError(words, fault=Fault.ACCOUNT)
        meant = refusals.refused(NAME, KEY, status, said, dict(error.response.headers))
        if meant.fault is not Fault.RECORDING:
            return meant
        # Neither the recording nor the moment is at fault: the same request would be refused for ever, and waiting
        # would stop the calls that it does not concern. So this run fails at once, in words.
        words = (
            f"{NAME} did not accept the request ({status}: {said.rstrip('.')}). Check that ANTHROPIC_MODEL can answer "
            "by a JSON schema, then use Run Analysis."
        )
        return ProviderError(words, fault=Fault.RECORDING)

    def _clean(self, said: object) -> str:
        """A server's or library's words, short, and without the key, whatever they repeat."""
        words = str(said) if self.key == NO_KEY else str(said).replace(self.key, "***")
        return " ".join(words.split())[: refusals.LONGEST_SAYING]


def body(model: str, prompt: Prompt, room: int) -> dict[str, Any]:
    """The request. The scorecard is cached for an hour, for all calls; the transcript for minutes, for its groups.

    Neither effort nor thinking is set: by default the newer models think as much as a check needs, and older ones and
    other servers would refuse the fields. A schema that varied would lose the cache.
    """
    scorecard = {"type": "text", "text": prompt.scorecard, "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    material: dict[str, Any] = {"type": "text", "text": prompt.material}
    if prompt.kept:
        material["cache_control"] = {"type": "ephemeral", "ttl": "5m"}
    content = [block for block in (material, {"type": "text", "text": prompt.question}) if block["text"]]
    return {
        "model": model,
        "max_tokens": room,
        "system": [{"type": "text", "text": prompt.rules}, scorecard],
        "messages": [{"role": "user", "content": content}],
        "output_config": {"format": {"type": "json_schema", "schema": schema()}},
    }


def _made(key: str, address: str, seconds: float) -> Anthropic:
    return Anthropic(api_key=key, base_url=address, timeout=Timeout(seconds, connect=CONNECT_S), max_retries=0)


def _words(said: object) -> str:
    return said if isinstance(said, str) else ""


_kept = Kept(_made, Anthropic.close)
