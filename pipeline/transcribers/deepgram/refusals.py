"""What Deepgram's refusals mean. Pure."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from pipeline import refusals
from pipeline.outcome import Fault, ProviderError
from pipeline.transcribers.deepgram.wire import NAME, Answer, Lost, read

KEY = "DEEPGRAM_API_KEY"
CODES = {  # tell more than the HTTP status, which a callback does not bring at all
    "INVALID_AUTH": HTTPStatus.UNAUTHORIZED,
    "INSUFFICIENT_PERMISSIONS": HTTPStatus.FORBIDDEN,
    "ASR_PAYMENT_REQUIRED": HTTPStatus.PAYMENT_REQUIRED,
    "TOO_MANY_REQUESTS": HTTPStatus.TOO_MANY_REQUESTS,
}
BAD_REQUEST = ("BAD REQUEST", "BAD_REQUEST", "PAYLOAD_ERROR")
OF_THE_SOUND = ("corrupt", "unsupported data", "failed to process audio")
OF_THE_SETTINGS = ("model", "language", "tier", "keyterm", "redact", "diarize", "query", "parameter")
NO_SUCH_ADDRESS = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
HIDDEN = "(hidden)"


def refusal(
    status: int, body: bytes, *, headers: Mapping[str, str] | None = None, hide: Iterable[str] = ()
) -> ProviderError:
    """The error for an HTTP answer of 300 and above; what is to `hide` is left out of its words."""
    try:
        answer = read(body)
    except Lost:
        answer = Answer()  # a gateway's page
    code = answer.err_code or answer.category
    status = CODES.get(code.upper(), status)
    said = said_by(answer, hide)
    told = said.lower()
    if status < HTTPStatus.BAD_REQUEST or (status in NO_SUCH_ADDRESS and not code):
        return refusals.unreachable(NAME, f"its address answers {status}; look at DEEPGRAM_BASE_URL")
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:  # an upload that was cut off, or too slow
        return ProviderError(f"{NAME} did not get the whole recording ({status}: {said}).")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        words = f"This recording is too large for {NAME} ({status}). Convert it to MP3, or try another transcriber."
        return ProviderError(words, fault=Fault.RECORDING)
    sound = any(part in told for part in OF_THE_SOUND)
    if status == HTTPStatus.BAD_REQUEST and not sound and any(part in told for part in OF_THE_SETTINGS):
        words = f"{NAME} does not take these settings ({status}: {said}). Choose another model or language"
        return ProviderError(f"{words} in the campaign's settings.", fault=Fault.SETTINGS)
    return refusals.refused(NAME, KEY, status, said, headers)


def brought(answer: Answer, hide: Iterable[str] = ()) -> ProviderError:
    """The error for a refusal that a callback brought; of a kind that is not known, it may pass."""
    bad = answer.err_code.upper() in BAD_REQUEST
    status = HTTPStatus.BAD_REQUEST if bad else HTTPStatus.INTERNAL_SERVER_ERROR
    return refusal(status, answer.model_dump_json().encode(), hide=hide)


def said_by(answer: Answer, hide: Iterable[str] = ()) -> str:
    """Deepgram's own words, without the key and the callback's address, should they stand in them."""
    said = answer.err_msg or " ".join(filter(None, (answer.message, answer.details))) or answer.err_code
    for secret in filter(None, hide):
        said = said.replace(secret, HIDDEN)
    return said[: refusals.LONGEST_SAYING].rstrip(" .")
