"""Deepgram's SDK: one client a process, the recording streamed to it, and the answer's own bytes."""

import logging
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib import import_module
from typing import Any, BinaryIO, NamedTuple

import httpx
from deepgram import DeepgramClient
from deepgram.environment import DeepgramClientEnvironment

from pipeline import refusals
from pipeline.clients import Kept
from pipeline.outcome import Fault, ProviderError
from pipeline.transcribers.deepgram.refusals import KEY, refusal
from pipeline.transcribers.deepgram.wire import NAME, Lost

CONNECT_S = 10.0
NOBODY = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol, httpx.InvalidURL)
UNKNOWN_KIND = "application/octet-stream"
KINDS = (  # what a file begins with, after so many bytes
    (b"RIFF", 0, "audio/wav"),
    (b"RF64", 0, "audio/wav"),
    (b"ID3", 0, "audio/mpeg"),
    (b"\xff\xfb", 0, "audio/mpeg"),
    (b"\xff\xf3", 0, "audio/mpeg"),
    (b"OggS", 0, "audio/ogg"),
    (b"fLaC", 0, "audio/flac"),
    (b"ftyp", 4, "audio/mp4"),
    (b"\x1aE\xdf\xa3", 0, "audio/webm"),
    (b"#!AMR", 0, "audio/amr"),
    (b"FORM", 0, "audio/aiff"),
)


@dataclass(frozen=True)
class Reach:
    """How Deepgram is reached. `seconds` of silence are taken for a failure."""

    key: str = field(repr=False)
    url: str = ""
    seconds: float = 600.0


class _Heard(threading.local):
    response: httpx.Response | None = None


_heard = _Heard()


def send(reach: Reach, recording: BinaryIO, options: Mapping[str, Any]) -> bytes:
    """Send a recording, from where the file stands to its end, once; the body of the answer.

    Raises Lost where the answer did not come whole, any other ProviderError where nothing was or will be done.
    """
    _usable(reach.key)
    _heard.response = None
    try:
        _send(reach, recording, options)
    except NOBODY as error:
        raise refusals.unreachable(NAME, error) from error
    except httpx.HTTPError as error:
        raise Lost.because(error) from error
    except Exception as error:
        # The SDK's own reading of an answer is stricter than ours and gives up its bytes; only ours counts.
        if _heard.response is None:
            raise Lost.because(type(error).__name__) from error
    response, _heard.response = _heard.response, None
    if response is None:
        raise Lost.because("nothing came")
    if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        hide = (reach.key, str(options.get("callback", "")))
        raise refusal(response.status_code, response.content, headers=response.headers, hide=hide)
    return response.content


def kind(recording: BinaryIO) -> str:
    """The media type by the file's first bytes; the file is left at its beginning."""
    start = recording.read(16)
    recording.seek(0)
    return next((name for magic, at, name in KINDS if start[at:].startswith(magic)), UNKNOWN_KIND)


def _send(reach: Reach, recording: BinaryIO, options: Mapping[str, Any]) -> None:
    # With retries of its own the SDK sends a spent file again, as 0 bytes, and returns success.
    _kept.get(reach).sdk.listen.v1.media.with_raw_response.transcribe_file(
        request=recording,
        request_options={"max_retries": 0, "additional_headers": {"content-type": kind(recording)}},
        **options,
    )


class _Connected(NamedTuple):
    """Safe in threads: neither keeps anything of a request."""

    sdk: DeepgramClient
    http: httpx.Client


def _made(reach: Reach) -> _Connected:
    # It would log every request's whole address: the callback's secret, and the campaign's phrases.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with warnings.catch_warnings():  # the SDK imports a name that websockets has deprecated
        warnings.simplefilter("ignore", DeprecationWarning)
        import_module("deepgram.listen.v1.client")
    timeout = httpx.Timeout(reach.seconds, connect=CONNECT_S)
    # A kept connection may be closed meanwhile: its next request would fail, and nobody knew whether it is billed.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    client = httpx.Client(timeout=timeout, limits=limits, event_hooks={"response": [_keep]})
    environment = _environment(reach.url)
    made = DeepgramClient(api_key=reach.key, environment=environment, httpx_client=client, max_retries=0)
    return _Connected(made, client)


def _environment(url: str) -> DeepgramClientEnvironment:
    if not url:
        return DeepgramClientEnvironment.PRODUCTION
    socket = url.replace("http", "ws", 1)
    return DeepgramClientEnvironment(base=url, production=socket, agent=socket, agent_rest=url)


def _keep(response: httpx.Response) -> None:
    response.read()
    _heard.response = response


def _usable(key: str) -> None:
    """A key that no header can hold would stand in the error about it."""
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        words = f"{KEY} is empty, or holds characters that no key has. Set it; calls wait until it is right."
        raise ProviderError(words, fault=Fault.ACCOUNT)


_kept = Kept(_made, lambda connected: connected.http.close())
