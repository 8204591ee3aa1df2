"""A simulated Deepgram: transcribes nothing, but looks at what it is sent, bills it, and calls back."""

import hashlib
import io
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import av
import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.simulators.server import Simulator

CONVERSATION = (
    (0, "Thank you for calling Acme, my name is Anna. How can I help you?"),
    (1, "Hello, I have a question about my bill."),
    (0, "Happy to help you with that. May I have your account number?"),
    (1, "It is forty two."),
)
MODELS = {"nova-3": "nova-3", "nova-3-medical": "nova-3", "nova-2": "nova-2", "nova-2-phonecall": "nova-2"}
LANGUAGES = ("en", "en-US", "de", "de-AT", "fr", "multi")
OPTIONS = {
    *("model", "language", "detect_language", "smart_format", "punctuate", "utterances", "multichannel", "tag"),
    *("diarize_model", "keyterm", "keywords", "redact", "callback", "callback_method"),
}
PORTS = (80, 443, 8080, 8443, None)
PAUSE_AT_END = 0.05  # of the recording


class Said(NamedTuple):
    """One word, in seconds."""

    speaker: int
    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Audio:
    """What PyAV finds in what was sent."""

    seconds: float
    channels: int
    sha256: str = ""


class Deepgram(Simulator):
    """`POST /v1/listen`. Every answer holds fields and values that no client knows."""

    def __init__(self) -> None:
        super().__init__()
        self.says: Sequence[tuple[int, str]] = CONVERSATION  # speaker from 0, and what he says; over the whole length
        self.reads_nothing = False  # takes every body for one of 0 bytes, as after a retry of a spent file
        self.private: dict[str, str] = {"Anna": "[NAME_1]", "forty": "[NUMBER_1]", "two": "[NUMBER_1]"}
        self.leaks = False  # redaction cleans the transcript, but not its words
        self.changes: dict[str, Any] = {}  # put over every result
        self.any_port = True  # callbacks to others than the vendor's four ports
        self.callback_s = 0.0  # from the submission to the callback
        self.callback_tries, self.callback_pause_s = 10, 0.05  # the vendor waits 30 s
        self.callbacks: list[int] = []  # the statuses that callbacks were answered with; 0: nobody there
        self.calls_back = True

    def routes(self) -> list[Route]:
        return [Route("/v1/listen", self.handled(self._listen), methods=["POST"])]

    def refuses(self, request: Request) -> Response | None:
        if request.headers.get("authorization") == f"Token {self.key}":
            return None
        return refusal(401, "INVALID_AUTH", "Invalid credentials.")

    async def _listen(self, request: Request) -> Response:
        query = request.query_params.multi_items()
        asked = dict(query)
        wrong = self._wrong(asked)
        if wrong:
            return refusal(400, "Bad Request", f"Bad Request: {wrong}")
        try:
            audio = heard(b"" if self.reads_nothing else await request.body())
        except (av.FFmpegError, IndexError):
            return refusal(400, "Bad Request", "Bad Request: failed to process audio: corrupt or unsupported data")
        result = self._result(audio, asked, [value for name, value in query if name == "redact"])
        number = result["metadata"]["request_id"]
        with self.lock:
            if audio.seconds:
                channels = len(result["results"]["channels"])
                self.paid.append(f"{number}: {audio.seconds:.1f} s x {channels} of {audio.sha256[:8]}")
        result |= self.changes
        if "callback" not in asked:
            return JSONResponse(result)
        if self.calls_back:
            threading.Thread(target=self._call_back, args=(asked["callback"], result), daemon=True).start()
        return JSONResponse({"request_id": number, "queue": "express"})

    def said_in(self, _audio: Audio) -> Sequence[tuple[int, str]]:
        """The conversation of a recording."""
        return self.says

    def _wrong(self, asked: dict[str, str]) -> str:
        unknown = set(asked) - OPTIONS
        if unknown:
            return f"unknown query parameter {sorted(unknown)}"
        if asked.get("model") not in MODELS or asked.get("language", "en") not in LANGUAGES:
            return "No such model/language/tier combination found."
        if "keyterm" in asked and MODELS[asked["model"]] != "nova-3":
            return "keyterm is not supported by this model."
        if "callback" in asked and not self.any_port and urlsplit(asked["callback"]).port not in PORTS:
            return f"invalid callback {asked['callback']}: this port is not allowed"
        return ""

    def _result(self, audio: Audio, asked: dict[str, str], redact: list[str]) -> dict[str, Any]:
        words = list(spread(self.said_in(audio), audio.seconds)) if audio.seconds else []
        many = asked.get("multichannel") == "true"
        by_voice = "diarize_model" in asked
        if many:
            each = [[one for one in words if one.speaker == channel] for channel in range(audio.channels)]
        else:
            each = [words]
        found = {"detected_language": "en", "language_confidence": 0.98} if "detect_language" in asked else {}
        channels = [{"alternatives": [self._alternative(own, by_voice, redact)], **found} for own in each]
        arch = MODELS[asked["model"]]
        metadata = {
            "transaction_key": "deprecated",
            "request_id": str(uuid4()),
            "sha256": "ab" * 32,
            "created": "2026-11-25T09:00:00.000Z",
            "duration": audio.seconds,
            "channels": len(each),
            "models": ["m1"],
            "model_info": {"m1": {"name": f"general-{arch}", "version": "2026-11-01.0", "arch": arch}},
            "warnings": [{"parameter": "none", "type": "a_new_kind", "message": "new"}],
            "region": {"code": "eu-9"},
        }
        results = {"channels": channels, "weather": {"sentiment": "sunny"}}
        return {"metadata": metadata, "results": results, "edition": "quantum"}

    def _alternative(self, words: Sequence[Said], by_voice: bool, redact: list[str]) -> dict[str, Any]:
        clean = list(self._redacted(words)) if redact else list(words)
        shown = words if self.leaks else clean
        return {
            "transcript": " ".join(one.text for one in clean),
            "confidence": 0.96,
            "words": [written(one, by_voice=by_voice) for one in shown],
            "paragraphs": {},
        }

    def _redacted(self, words: Sequence[Said]) -> Iterator[Said]:
        """Neighbours with one label become one word."""
        held: Said | None = None
        for one in words:
            label = self.private.get(one.text.strip(".,?!"))
            if held and label == held.text:
                held = held._replace(end=one.end)
                continue
            if held:
                yield held
            held = one._replace(text=label) if label else None
            if not label:
                yield one
        if held:
            yield held

    def _call_back(self, address: str, body: dict[str, Any]) -> None:
        time.sleep(self.callback_s)
        for _ in range(self.callback_tries):
            try:
                status = httpx.post(address, json=body, headers={"dg-token": "key-id"}, timeout=10).status_code
            except httpx.HTTPError:
                status = 0
            self.callbacks.append(status)
            if status // 100 == 2:
                return
            time.sleep(self.callback_pause_s)


def refusal(status: int, code: str, words: str) -> Response:
    return JSONResponse({"err_code": code, "err_msg": words, "request_id": str(uuid4()), "hint": 7}, status)


def written(said: Said, *, by_voice: bool) -> dict[str, Any]:
    plain = said.text.lower().strip(".,?!")
    word = {"word": plain, "start": said.start, "end": said.end, "confidence": 0.97, "punctuated_word": said.text}
    voice = {"speaker": said.speaker, "speaker_confidence": 0.8} if by_voice else {}
    return {**word, **voice, "mood": "new"}


def heard(body: bytes) -> Audio:
    """Its length and channels. No bytes are a recording of no length: that is the vendor's trap."""
    if not body:
        return Audio(0.0, 1)
    sha256 = hashlib.sha256(body).hexdigest()
    with av.open(io.BytesIO(body), "r") as container:
        stream = container.streams.audio[0]
        if container.duration:
            return Audio(container.duration / 1_000_000, stream.channels, sha256)
        samples = sum(frame.samples for frame in container.decode(stream))
        return Audio(samples / stream.rate, stream.channels, sha256)


def spread(says: Sequence[tuple[int, str]], seconds: float) -> Iterator[Said]:
    """The conversation over the recording's length, each word as long as any other."""
    words = [(speaker, text) for speaker, line in says for text in line.split()]
    step = seconds * (1 - PAUSE_AT_END) / max(len(words), 1)
    for place, (speaker, text) in enumerate(words):
        yield Said(speaker, text, round(place * step, 3), round((place + 0.9) * step, 3))
