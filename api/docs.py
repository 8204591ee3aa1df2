"""The documentation page at /api/v1/docs: Swagger UI, from files of our own; nothing is loaded from outside."""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

from api.problems import Problem

_KEPT = {"Cache-Control": "public, max-age=86400"}
_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>TotalView API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<main id="page">The documentation needs JavaScript. Its source is <a href="openapi.json">openapi.json</a>.</main>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#page",
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
});
"""
_FILES = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def page() -> HTMLResponse:
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})


@router.get("/docs/start.js")
def start() -> Response:
    return Response(_START, media_type="text/javascript")


@router.get("/docs/{name}")
def file(name: str) -> FileResponse:
    if name not in _FILES:
        raise Problem("not-found")
    path = Path(str(files("fastapi_offline"))) / "static" / name
    return FileResponse(path, media_type=_FILES[name], headers=_KEPT)
