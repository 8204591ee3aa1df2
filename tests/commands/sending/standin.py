"""A small server that speaks as much of the API as `totalview upload` uses, and fails as it is told to.

What it says and does is what the real one does; test_real.py beside it runs the same command against that.
"""

import base64
import hashlib
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from python_multipart import parse_form

HERE = "/api/v1"
KEY = "tv_right"
TITLES = {401: "unauthorized", 404: "not-found", 410: "upload-gone", 415: "not-a-recording", 423: "upload-held"}


@dataclass
class Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def problem(status: int, detail: str, kind: str = "", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"type": f"urn:totalview:problem:{kind or TITLES.get(status, 'x')}", "status": status, "detail": detail}
    return Answer(status, body, {"Content-Type": "application/problem+json", **named})


class HangUp(Exception):  # noqa: N818
    """The line breaks here."""


class Standin:
    """Calls by SHA-256, uploads by id. `fault(method, path, standin)` may answer instead, or raise HangUp."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: dict[str, dict[str, Any]] = {}
        self.uploads: dict[str, dict[str, Any]] = {}
        self.jobs: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self.keys_sent: list[str] = []
        self.bytes_in = 0
        self.fault: Callable[[str, str, Standin], Answer | None] = lambda *_: None
        self.cut_after: int | None = None  # bytes of bodies, after which the line breaks once
        self.lock = threading.Lock()

    def count(self, method: str, path: str) -> int:
        """How many requests there were of this kind."""
        return sum(1 for one in self.requests if one[0] == method and one[1].startswith(path))

    def names(self) -> list[str]:
        return sorted(call["filename"] for call in self.calls.values())

    def take(self, name: str, data: bytes, fields: dict[str, str]) -> Answer | dict[str, Any]:
        """A recording is whatever does not begin with BAD and is not empty."""
        job = next((one for one in self.jobs if str(one["id"]) == fields.get("bulk_job_id")), None)
        if not data or data.startswith(b"BAD"):
            if job:
                job["counts"]["refused"] += 1
            return problem(415, "This file is not a recording: it is text.")
        digest = hashlib.sha256(data).hexdigest()
        known = self.calls.get(digest)
        call = known or {"id": f"call{len(self.calls)}", "filename": name, "sha256": digest, "size": len(data)}
        self.calls[digest] = call
        if job:
            job["counts"]["arrived"] += 1
        return {**call, "duplicate": known is not None}


@contextmanager
def standin() -> Iterator[Standin]:
    """On a free port of this machine."""
    made = Standin()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"standin": made}))
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_whose: Any) -> None:
        """A client that went away is nothing to print."""
        if not isinstance(sys.exception(), OSError):
            raise  # noqa: PLE0704  the library calls this while it handles the exception


class _Handler(BaseHTTPRequestHandler):
    standin: Standin
    protocol_version = "HTTP/1.1"

    def log_message(self, *_said: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_HEAD = do_PATCH = do_DELETE = do_GET  # noqa: N815  the names that the library calls

    def _serve(self) -> None:
        split = urlsplit(self.path)
        path = split.path.removeprefix(HERE)
        given = self.standin
        with given.lock:
            given.requests.append((self.command, path))
            given.keys_sent.append(self.headers.get("Authorization", ""))
        try:
            answer = given.fault(self.command, path, given) or self._answer(path, parse_qs(split.query))
        except HangUp:
            self.close_connection = True
            return
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        if self.command == "HEAD" or answer.body is None:
            body = b""
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        if answer.status >= 400:
            self.send_header("Connection", "close")  # the body may not have been read
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, path: str, query: dict[str, list[str]]) -> Answer:  # noqa: PLR0911  a table of routes
        given = self.standin
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            return problem(401, "Send a valid key.")
        match self.command, path.strip("/").split("/"):
            case "GET", ["campaign"]:
                return Answer(200, {"id": 1, "slug": "support", "name": "Support"})
            case "GET", ["calls"]:
                found = given.calls.get(query["sha256"][0])
                return Answer(200, {"items": [found] if found else [], "next_cursor": None})
            case "POST", ["calls", "upload"]:
                return self._upload()
            case "POST", ["bulk_jobs"]:
                return self._make_job()
            case "GET", ["bulk_jobs", number] if int(number) <= len(given.jobs):
                return Answer(200, given.jobs[int(number) - 1])
            case "POST", ["uploads"]:
                return self._begin()
            case "HEAD" | "PATCH", ["uploads", upload] if upload in given.uploads:
                return self._go_on(given.uploads[upload])
        return problem(404, "There is no such thing.")

    def _read(self, size: int) -> bytes:
        """The body, unless the line breaks."""
        given = self.standin
        if given.cut_after is not None and given.bytes_in + size > given.cut_after:
            self.rfile.read(max(given.cut_after - given.bytes_in, 0))
            given.cut_after = None
            raise HangUp
        data = self.rfile.read(size)
        if len(data) < size:
            raise HangUp
        with given.lock:
            given.bytes_in += len(data)
        return data

    def _upload(self) -> Answer:
        data = self._read(int(self.headers["Content-Length"]))
        fields, files = {}, []
        parse_form(
            {"Content-Type": self.headers["Content-Type"].encode(), "Content-Length": str(len(data)).encode()},
            _Bytes(data),
            lambda one: fields.update({one.field_name.decode(): one.value.decode()}),
            lambda one: (one.file_object.seek(0), files.append((one.file_name.decode(), one.file_object.read()))),
        )
        assert self.headers["Idempotency-Key"]
        with self.standin.lock:
            taken = self.standin.take(*files[0], fields)
        return taken if isinstance(taken, Answer) else Answer(200 if taken["duplicate"] else 202, taken)

    def _make_job(self) -> Answer:
        said = json.loads(self._read(int(self.headers["Content-Length"])))
        jobs = self.standin.jobs
        counts = {"arrived": 0, "duplicates": 0, "refused": 0}
        jobs.append({"id": len(jobs) + 1, "status": "queued", **said, "counts": counts})
        return Answer(201, jobs[-1])

    def _begin(self) -> Answer:
        pairs = (part.split(" ") for part in self.headers["Upload-Metadata"].split(","))
        fields = {name: base64.b64decode(value).decode() for name, value in pairs}
        uploads = self.standin.uploads
        upload = f"upload{len(uploads)}"
        uploads[upload] = {"data": b"", "size": int(self.headers["Upload-Length"]), "fields": fields, "call": None}
        return Answer(201, None, {"Location": f"{HERE}/uploads/{upload}"})

    def _go_on(self, upload: dict[str, Any]) -> Answer:
        if self.command == "PATCH":
            if upload.get("refused"):
                return problem(410, "What came was refused: it is text.")
            offset, size = int(self.headers["Upload-Offset"]), int(self.headers["Content-Length"])
            if offset != len(upload["data"]):
                return problem(409, f"This upload has come to byte {len(upload['data'])}.", "wrong-offset")
            piece = self._read(size)
            name, _, expected = self.headers["Upload-Checksum"].partition(" ")
            if base64.b64encode(hashlib.new(name, piece).digest()).decode() != expected:
                return problem(460, "The checksum is another.", "wrong-checksum")
            upload["data"] += piece
            if len(upload["data"]) == upload["size"]:
                with self.standin.lock:
                    taken = self.standin.take(upload["fields"].get("filename", ""), upload["data"], upload["fields"])
                if isinstance(taken, Answer):
                    upload["refused"] = True
                    return taken
                upload["call"] = taken
        elif upload.get("refused"):
            return problem(410, "What came was refused: it is text.")
        headers = {"Upload-Offset": str(len(upload["data"])), "Upload-Length": str(upload["size"])}
        if upload["call"]:
            duplicate = str(upload["call"]["duplicate"]).lower()
            headers |= {"TotalView-Call-Id": upload["call"]["id"], "TotalView-Duplicate": duplicate}
        return Answer(204 if self.command == "PATCH" else 200, None, headers)


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def read(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at]
