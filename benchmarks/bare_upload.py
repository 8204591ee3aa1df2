"""The baseline of uploads: a bare Starlette handler that hashes what comes and writes it to disk, and nothing else.

`python -m benchmarks.bare_upload FOLDER PORT` serves until it is ended.
"""

import hashlib
import sys
from itertools import count
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

_NUMBERS = count()


async def _take(request: Request) -> JSONResponse:
    digest = hashlib.sha256()
    with (Path(sys.argv[1]) / f"{next(_NUMBERS)}.wav").open("wb") as file:
        async for block in request.stream():
            digest.update(block)
            file.write(block)
    return JSONResponse({"sha256": digest.hexdigest()}, 202)


async def _ready(_: Request) -> JSONResponse:
    return JSONResponse({})


def main() -> None:
    routes = [Route("/upload", _take, methods=["POST"]), Route("/healthz", _ready)]
    uvicorn.run(Starlette(routes=routes), port=int(sys.argv[2]), log_level="error")


if __name__ == "__main__":
    main()
