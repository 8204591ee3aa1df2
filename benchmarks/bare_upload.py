"""The baselines of uploads: a bare Starlette handler that hashes what comes and writes it to disk, and nothing else.

At /kept it keeps what ours promises, as one would write it: file and folder are safe on the disk, ffprobe has found
sound, and a row is committed. `python -m benchmarks.bare_upload FOLDER PORT` serves until it is ended.
"""

import hashlib
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import count
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

_NUMBERS = count()


async def _take(request: Request) -> JSONResponse:
    return JSONResponse({"sha256": (await _written(request))[1]}, 202)


async def _keep(request: Request) -> JSONResponse:
    file, digest = await _written(request)
    await run_in_threadpool(_make_safe, file, digest)
    return JSONResponse({"sha256": digest}, 202)


async def _written(request: Request) -> tuple[Path, str]:
    digest, path = hashlib.sha256(), Path(sys.argv[1]) / f"{next(_NUMBERS)}.wav"
    with path.open("wb") as file:
        async for block in request.stream():
            digest.update(block)
            file.write(block)
    return path, digest.hexdigest()


def _make_safe(file: Path, digest: str) -> None:
    for path in (file, file.parent):
        opened = os.open(path, os.O_RDONLY)
        os.fsync(opened)
        os.close(opened)
    subprocess.run(["ffprobe", "-v", "error", "-show_streams", file], check=True, capture_output=True)  # noqa: S603, S607  our own words
    with closing(_database()) as database, database:
        database.execute("INSERT INTO call VALUES (?, ?)", (file.name, digest))


def _database() -> sqlite3.Connection:
    database = sqlite3.connect(Path(sys.argv[1]) / "calls.db", timeout=30)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    return database


async def _ready(_: Request) -> JSONResponse:
    return JSONResponse({})


def main() -> None:
    with closing(_database()) as database, database:
        database.execute("CREATE TABLE call (name TEXT PRIMARY KEY, sha256 TEXT UNIQUE)")
    routes = [
        Route("/upload", _take, methods=["POST"]),
        Route("/kept", _keep, methods=["POST"]),
        Route("/healthz", _ready),
    ]
    uvicorn.run(Starlette(routes=routes), port=int(sys.argv[2]), log_level="error")


if __name__ == "__main__":
    main()
