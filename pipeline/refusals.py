"""What a provider's refusal means, and the sentence for it: the same for every provider that speaks HTTP. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from pydantic import ValidationError

from pipeline.outcome import Fault, ProviderError

LONGEST_SAYING = 300  # characters of a provider's own words that are repeated
_KEY = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_PASSING = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}


def refused(provider: str, key: str, status: int, said: str, headers: Mapping[str, str] | None = None) -> ProviderError:
    """The error for an HTTP answer of 400 and above. `key` is the variable that holds the provider's key."""
    words = _quoted(said)
    if status in _KEY:
        text = f"{provider} refuses the key ({status}{words}). Check {key}; calls wait until it is right."
        return ProviderError(text, fault=Fault.ACCOUNT)
    if status == HTTPStatus.PAYMENT_REQUIRED:
        text = f"{provider} has no credit left ({status}{words}). Top up the account; calls wait until then."
        return ProviderError(text, fault=Fault.ACCOUNT)
    if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        text = f"{provider} could not do it just now ({status}{words})."
        return ProviderError(text, retry_after=retry_after(headers or {}, datetime.now(UTC)))
    text = f"{provider} does not take this recording ({status}{words}). Try another transcriber, or convert it to WAV."
    return ProviderError(text, fault=Fault.RECORDING)


def unreachable(provider: str, why: object) -> ProviderError:
    """Nobody answers at the provider's address."""
    text = f"{provider} cannot be reached{_quoted(str(why), ': ')}. Check the network; calls wait until it is back."
    return ProviderError(text, fault=Fault.AWAY)


def broken_off(provider: str, why: object) -> ProviderError:
    """An answer that did not come whole, or not in time."""
    return ProviderError(f"{provider} did not answer in full{_quoted(str(why), ': ')}.")


def another_form(error: ValidationError) -> str:
    """What of an answer cannot be read. Nothing of what stands there: that was said in a call."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"][:6])
    return f"{where or 'its body'} cannot be read ({first['msg']})"


def retry_after(headers: Mapping[str, str], moment: datetime) -> float | None:
    """The seconds of a Retry-After header, given in seconds or as a date; None where there is none that can be read."""
    given = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if given.isascii() and given.isdigit():  # '²' is a digit too, and no number
        return float(given)
    try:
        then = parsedate_to_datetime(given)
    except ValueError:
        return None
    return max((then.replace(tzinfo=then.tzinfo or UTC) - moment).total_seconds(), 0.0)


def _quoted(said: str, before: str = ": ") -> str:
    line = " ".join(said.split())[:LONGEST_SAYING].rstrip(".")
    return f"{before}{line}" if line else ""
