"""AssemblyAI, simulated: uploads, jobs that take a few looks, the list of jobs, redaction, webhooks, a bill.

Faithful to its API as far as it is known, with a field and a status besides that no client knows.
"""

import contextlib
import hashlib
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import av
import httpx
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.simulators.server import Simulator

Said = tuple[int, str]  # speaker from 0, text

CONVERSATION: tuple[Said, ...] = (
    (0, "Thank you for calling, how can I help you?"),
    (1, "Hello, my name is Smith and I have a question about my bill."),
    (0, "Certainly, Mr. Smith, I will look at it."),
    (1, "Thank you."),
)


class Upload(NamedTuple):
    """What was sent, looked at by decoding it."""

    sha256: str
    size: int
    seconds: float
    channels: int


@dataclass
class SimulatedJob:
    """A transcript on its way."""

    id: str
    request: dict[str, Any]
    upload: Upload | None
    created: float = field(default_factory=time.time)
    looks: int = 0
    extra_s: float = 0.0  # that this one takes
    gone: str = ""  # deleted: the content is taken out; unknown: nobody knows the id


class AssemblyAISimulator(Simulator):
    """Change the attributes to change what it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.conversation = CONVERSATION
        self.submitted = "received"  # the status of a job that was just made; no client knows this one
        self.statuses: tuple[str, ...] = ("queued", "polishing")  # shown at the first looks; the second is a new one
        self.takes_s = 0.0  # and not done before this either
        self.fails_with = ""  # the error text of every job
        self.secrets = {"Smith": "PERSON_NAME"}  # what redaction finds
        self.leaks = False  # redacts `text` and nothing else
        self.silent = False  # a recording without a word
        self.changes: dict[str, Any] = {}  # laid over each finished answer; None takes a field away
        self.uploads: dict[str, Upload] = {}
        self.jobs: list[SimulatedJob] = []

    def routes(self) -> list[Route]:
        return [
            Route("/v2/upload", self._streamed, methods=["POST"]),
            Route("/v2/transcript", self.handled(self._submit), methods=["POST"]),
            Route("/v2/transcript", self.handled(self._list), methods=["GET"]),
            Route("/v2/transcript/{id}", self.handled(self._look), methods=["GET"]),
        ]

    def refuses(self, request: Request) -> Response | None:
        if request.headers.get("authorization") == self.key:
            return None
        return _error(401, "Authentication error, API token missing/invalid.")

    async def _streamed(self, request: Request) -> Response:
        """The body goes to a file, so that uploads of any size can be sent."""
        with tempfile.NamedTemporaryFile() as file:
            digest = hashlib.sha256()
            try:
                async for block in request.stream():
                    digest.update(block)
                    file.write(block)
            except ClientDisconnect:
                return Response(status_code=499)
            file.flush()
            request._body = b""  # it has been read

            async def answer(_request: Request) -> Response:
                address = f"https://cdn.simulated/upload/{uuid4()}"
                self.uploads[address] = _looked_at(Path(file.name), digest.hexdigest())
                return JSONResponse({"upload_url": address, "expires_in": 259_200})

            return await self.handled(answer)(request)

    async def _submit(self, request: Request) -> Response:
        asked = await request.json()
        upload = self.uploads.get(asked.get("audio_url", ""))
        if asked.get("multichannel") and asked.get("dual_channel"):
            return _error(400, "multichannel and dual_channel are mutually exclusive")
        with self.lock:
            job = SimulatedJob(f"t{len(self.jobs) + 1}", asked, upload, extra_s=self.extra_s())
            self.jobs.append(job)
            if upload and upload.seconds and not self.fails_with:
                self.paid.append(f"{job.id}: {upload.seconds:.0f} s of {upload.sha256[:8]}")
        if asked.get("webhook_url"):
            ring = threading.Timer(self.takes_s + job.extra_s, _ring, [asked["webhook_url"], job.id])
            ring.daemon = True
            ring.start()
        made: dict[str, Any] = {"id": job.id, "status": self.submitted, "text": None, "words": None, "acoustic": {}}
        return JSONResponse({**asked, **made})

    async def _list(self, request: Request) -> Response:
        limit, before = int(request.query_params.get("limit", 10)), request.query_params.get("before_id")
        with self.lock:
            known = [job for job in reversed(self.jobs) if job.gone != "unknown"]
        if before:
            known = known[[job.id for job in known].index(before) + 1 :]
        page = known[:limit]
        older = f"{self.url}/v2/transcript?limit={limit}&before_id={page[-1].id}" if len(known) > limit else None
        details = {"limit": limit, "result_count": len(page), "current_url": str(request.url), "prev_url": older}
        return JSONResponse({"page_details": details, "transcripts": [_item(job) for job in page]})

    async def _look(self, request: Request) -> Response:
        job = next((job for job in self.jobs if job.id == request.path_params["id"]), None)
        if job is None or job.gone == "unknown":
            return _error(400, "Transcript lookup error, transcript id not found")
        job.looks += 1
        base = {**job.request, "id": job.id, "text": None, "words": None, "utterances": None, "acoustic": {"db": -3}}
        if job.gone == "deleted":
            return JSONResponse({**base, "status": "completed", "text": "Deleted by user.", "audio_url": DELETED})
        if job.looks <= len(self.statuses) or time.time() < job.created + self.takes_s + job.extra_s:
            status = self.statuses[min(job.looks, len(self.statuses)) - 1] if self.statuses else "processing"
            return JSONResponse({**base, "status": status})
        error = self.fails_with or ("" if job.upload else f"Download error, unable to download {base['audio_url']}.")
        if error or job.upload is None:
            return JSONResponse({**base, "status": "error", "error": error})
        made = base | self._finished(job.request, job.upload) | self.changes
        return JSONResponse({name: value for name, value in made.items() if value is not None})

    def _finished(self, asked: dict[str, Any], upload: Upload) -> dict[str, Any]:
        turns = [] if self.silent else self._turns(asked, upload)
        hide = asked.get("redact_pii", False)
        seen = [self._hidden(turn) if hide and not self.leaks else turn for turn in turns]
        words = sorted((word for turn in seen for word in turn["words"]), key=lambda word: word["start"])
        return {
            "status": "completed",
            "text": " ".join((self._hidden(turn) if hide else turn)["text"] for turn in turns),
            "confidence": 0.93 if turns else 0.0,
            "audio_duration": round(upload.seconds),
            "audio_channels": upload.channels,
            "language_code": asked.get("language_code", "en"),
            "language_confidence": 0.99,
            "speech_model_used": (asked.get("speech_models") or ["universal"])[0],
            "words": words,
            "utterances": seen if asked.get("multichannel") or asked.get("speaker_labels") else None,
        }

    def said_in(self, _upload: Upload) -> Sequence[Said]:
        """The conversation of a recording."""
        return self.conversation

    def extra_s(self) -> float:
        """Seconds that the next job takes beyond `takes_s`."""
        return 0.0

    def _turns(self, asked: dict[str, Any], upload: Upload) -> list[dict[str, Any]]:
        """The conversation over the whole length, a word as long as another."""
        conversation = self.said_in(upload)
        said = [(speaker, word) for speaker, text in conversation for word in text.split()]
        each = upload.seconds * 1000 / len(said)
        made: list[dict[str, Any]] = []
        for speaker, text in conversation:
            first = sum(len(turn["words"]) for turn in made)
            who = _who(asked, speaker % upload.channels if asked.get("multichannel") else speaker)
            words = [
                {"text": word, "start": round(each * at), "end": round(each * (at + 0.8)), "confidence": 0.9, **who}
                for at, word in enumerate(text.split(), first)
            ]
            ends = {"start": words[0]["start"], "end": words[-1]["end"]}
            made.append({"text": text, **ends, "confidence": 0.9, **who, "words": words})
        return made

    def _hidden(self, turn: dict[str, Any]) -> dict[str, Any]:
        words = [{**word, "text": self._word(word["text"])} for word in turn["words"]]
        return {**turn, "words": words, "text": " ".join(word["text"] for word in words)}

    def _word(self, text: str) -> str:
        for secret, name in self.secrets.items():
            text = text.replace(secret, f"[{name}]")
        return text


DELETED = "http://deleted_by_user"


def _who(asked: dict[str, Any], speaker: int) -> dict[str, str | None]:
    if asked.get("multichannel"):
        return {"speaker": str(speaker + 1), "channel": str(speaker + 1)}
    return {"speaker": "ABCDEFGH"[speaker] if asked.get("speaker_labels") else None, "channel": None}


def _item(job: SimulatedJob) -> dict[str, Any]:
    created = datetime.fromtimestamp(job.created, UTC).replace(tzinfo=None).isoformat()
    return {
        "id": job.id,
        "audio_url": job.request["audio_url"],
        "status": "polishing",
        "created": created,
        "completed": None,
        "resource_url": f"/v2/transcript/{job.id}",
        "weight": 1,
    }


def _looked_at(path: Path, sha256: str) -> Upload:
    size = path.stat().st_size
    with contextlib.suppress(av.FFmpegError, IndexError), av.open(str(path)) as container:
        stream = container.streams.audio[0]
        stated = container.duration
        seconds = (
            stated / av.time_base
            if stated
            else sum(frame.samples / frame.sample_rate for frame in container.decode(stream))
        )
        return Upload(sha256, size, seconds, stream.channels)
    return Upload(sha256, size, 0.0, 0)


def _ring(address: str, job_id: str) -> None:
    with contextlib.suppress(httpx.HTTPError):
        httpx.post(address, json={"transcript_id": job_id, "status": "completed"}, timeout=10)


def _error(status: int, words: str) -> Response:
    return JSONResponse({"error": words}, status_code=status)
