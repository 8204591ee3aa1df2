"""AssemblyAI over HTTP, through its SDK's own client: uploads, jobs, the list of jobs. Errors are ProviderError.

The SDK's models refuse a whole answer over one value that they do not know, and a job that was paid for is lost with
it; so answers are read in answers.py, and the SDK uploads, builds requests and keeps connections.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import assemblyai as sdk
import httpx
from pydantic import ValidationError

from pipeline import refusals
from pipeline.clients import Kept
from pipeline.outcome import Fault, ProviderError
from pipeline.transcribers.assemblyai.answers import Answer, Item, Page, Tolerant, Uploaded

LABEL, KEY, BASE_URL = "AssemblyAI", "ASSEMBLYAI_API_KEY", "ASSEMBLYAI_BASE_URL"
THEIR_ADDRESS = "https://api.assemblyai.com"
CONNECT_S = 15.0
PAGE, MOST_PAGES = 200, 20  # jobs a page of the list, and how many pages back a lost one is looked for
CLOCKS_DIFFER_S = 3600.0
MOST_UPLOAD_BYTES = 2_200_000_000
ACCOUNT_WORDS = re.compile(r"balance|billing|payment|credits?\b|quota|insufficient funds|top up|subscription|free tier")
JOBS = "/v2/transcript"

Parsed = TypeVar("Parsed", bound=Tolerant)


class Refused(Exception):  # noqa: N818  what happened
    """An answer that is no success, as it came."""

    def __init__(self, status: int, said: str, headers: Mapping[str, str]) -> None:
        super().__init__(status, said)
        self.status, self.said, self.headers = status, said, headers


class Gone(ProviderError):  # noqa: N818  what happened
    """This job is not there any more."""


class _Settings(sdk.Settings):
    def copy(self, **_: Any) -> "_Settings":  # noqa: ANN401  as in pydantic; the SDK calls the deprecated one
        return self.model_copy()


class Client:
    """One account at one address. Used by many threads at once."""

    def __init__(self, key: str, base_url: str, silence_s: float) -> None:
        """`silence_s`: an answer of which nothing comes for this long has failed."""
        given = _Settings(api_key=key, base_url=base_url or THEIR_ADDRESS, http_timeout=silence_s)
        self._sdk = sdk.Client(settings=given)
        self._http = self._sdk.http_client
        self._http.timeout = httpx.Timeout(silence_s, connect=CONNECT_S)
        self._http.event_hooks = {"response": [_refuse]}  # the SDK's errors carry no headers, so no Retry-After

    def upload(self, path: Path) -> str:
        """Send this file in pieces; the address that AssemblyAI gives it."""
        with path.open("rb") as file, _translated():
            address: object = sdk.Transcriber(client=self._sdk).upload_file(file)
            return Uploaded.model_validate({"upload_url": address}).upload_url

    def submit(self, audio_url: str, config: sdk.TranscriptionConfig) -> str:
        """Begin a job, which is paid for; its id."""
        request = sdk.types.TranscriptRequest(audio_url=audio_url, **config.raw.model_dump(exclude_none=True))
        with _translated():
            body = request.model_dump(mode="json", exclude_none=True, by_alias=True)
            return _parsed(Item, self._http.post(JOBS, json=body)).id

    def look(self, job_id: str) -> Answer:
        """How the job stands. Raises Gone where it was deleted."""
        try:
            with _translated(passing=(HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST)):
                return _parsed(Answer, self._http.get(f"{JOBS}/{quote(job_id, safe='')}"))
        except Refused as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND or "not found" in refusal.said.lower():
                self.check()  # a wrong address answers 404 too, and would have every job paid again
                raise Gone(f"{LABEL} does not have this job any more.") from refusal
            raise _meaning(refusal) from refusal

    def find(self, audio_url: str, since_s: float) -> tuple[str, bool]:
        """The id of the newest job on this upload, empty where there is none; and whether that is certain.

        Jobs begun before `since_s` (seconds since 1970) are not looked at.
        """
        asked: dict[str, str | int] = {"limit": PAGE}
        for _ in range(MOST_PAGES):
            page = self._page(asked)
            mine = next((item.id for item in page.transcripts if item.audio_url == audio_url), "")
            if mine or not page.before_id or page.transcripts[-1].begun_s < since_s - CLOCKS_DIFFER_S:
                return mine, True
            asked = {"limit": PAGE, "before_id": page.before_id}
        return "", False

    def close(self) -> None:
        """End its connections."""
        self._http.close()

    def check(self) -> None:
        """Ask for something that costs nothing. Raises ProviderError."""
        self._page({"limit": 1})

    def _page(self, asked: Mapping[str, str | int]) -> Page:
        with _translated():
            return _parsed(Page, self._http.get(JOBS, params=dict(asked)))


def client(key: str, base_url: str, silence_s: float) -> Client:
    """The process's client of this account. Raises ProviderError for a key that cannot be one."""
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable():
        what = f"{KEY} holds characters that no key has" if key else f"{KEY} is not set"
        raise ProviderError(f"{what}. Set it to your key of {LABEL}; calls wait until then.", fault=Fault.ACCOUNT)
    with _translated():
        return _kept.get(key, base_url, silence_s)


def _refuse(response: httpx.Response) -> None:
    if response.status_code != HTTPStatus.OK:
        response.read()
        raise Refused(response.status_code, _said(response), response.headers)


def _said(response: httpx.Response) -> str:
    """Its `error`, or nothing: what else a server sends (a proxy's page) says nothing to people."""
    try:
        found = json.loads(response.content)
    except ValueError:
        return ""
    error = found.get("error") if isinstance(found, dict) else None
    return error if isinstance(error, str) else ""


def _parsed(model: type[Parsed], response: httpx.Response) -> Parsed:
    try:
        return model.model_validate_json(response.content)
    except ValidationError as error:
        raise refusals.broken_off(LABEL, refusals.another_form(error)) from None  # the original holds what was said


def _meaning(refusal: Refused) -> ProviderError:
    if ACCOUNT_WORDS.search(refusal.said.lower()):
        return refusals.refused(LABEL, KEY, HTTPStatus.PAYMENT_REQUIRED, refusal.said)
    if refusal.status < HTTPStatus.BAD_REQUEST:
        return refusals.broken_off(LABEL, f"it answered {refusal.status}")
    if refusal.status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
        words = (
            f"{LABEL}'s interface is not at this address ({refusal.status}). Check {BASE_URL}; calls wait until then."
        )
        return ProviderError(words, fault=Fault.ACCOUNT)
    return refusals.refused(LABEL, KEY, refusal.status, refusal.said, refusal.headers)


@contextmanager
def _translated(passing: tuple[HTTPStatus, ...] = ()) -> Iterator[None]:
    """Whatever goes wrong inside is a ProviderError, but for refusals of a status in `passing`."""
    try:
        yield
    except Refused as refusal:
        if refusal.status in passing:
            raise
        raise _meaning(refusal) from refusal
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
        raise refusals.unreachable(LABEL, error) from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        words = f"{BASE_URL} is no web address. Set one that begins with https://; calls wait until then."
        raise ProviderError(words, fault=Fault.ACCOUNT) from error
    except httpx.TimeoutException as error:
        raise refusals.broken_off(LABEL, "nothing came for too long") from error
    except httpx.HTTPError as error:
        raise refusals.broken_off(LABEL, "the connection broke off") from error
    except (ValueError, KeyError, TypeError, AttributeError, sdk.AssemblyAIError) as error:
        raise refusals.broken_off(LABEL, "its answer cannot be read") from error


_kept = Kept(Client, Client.close)
