"""rq-dashboard: RQ's own books on a page, as a WSGI program that somebody else lets people into."""

import json
import re
import secrets
from html import escape
from typing import Any
from wsgiref.types import WSGIApplication

from flask import Flask, Response, g, request
from redis.exceptions import RedisError
from rq.exceptions import NoSuchJobError
from rq_dashboard.web import blueprint

from config import settings
from jobs.connection import connect
from jobs.redis_server import socket

_SCRIPT = re.compile(rb"<script(?=[ >])")
_FROM_OUTSIDE = ("description", "exc_info", "metadata")  # the page of a job shows these as HTML
_REQUEUES = ("requeue_job_view", "requeue_all")
_WORDS = {  # what breaks there, as a sentence
    NoSuchJobError: ("This job is not in the queues any more.", 404),
    RedisError: ("Redis does not answer. Try again in a minute.", 503),
}


def build() -> WSGIApplication:
    """The program, at the root of wherever it is mounted. It changes nothing but to requeue what failed."""
    board = Flask("rq_dashboard", static_url_path="/assets")
    board.config.update(
        RQ_DASHBOARD_REDIS_URL=(settings().redis_url or f"unix://{socket()}",),
        RQ_DASHBOARD_DISABLE_DELETE=True,  # the database would ask for every deleted job again
        RQ_DASHBOARD_POLL_INTERVAL=3000,
    )
    board.redis_conn = connect()  # type: ignore[attr-defined]  # where rq-dashboard looks for it
    board.register_blueprint(blueprint)
    for error, answer in _WORDS.items():
        board.register_error_handler(error, lambda _error, answer=answer: answer)
    board.before_request(_by_post_only)
    board.after_request(_guarded)
    return board.wsgi_app


def _by_post_only() -> Response | None:
    """rq-dashboard requeues all for whoever follows a link; a link from another site must do nothing."""
    if request.endpoint and request.endpoint.endswith(_REQUEUES) and request.method != "POST":
        return Response("Use the button.", 405, {"Allow": "POST"})
    return None


def _guarded(answer: Response) -> Response:
    """Its own scripts run, by a mark that no text from outside can know; and such text is no HTML."""
    if answer.mimetype == "text/html":
        g.mark = secrets.token_urlsafe(16)
        answer.set_data(_SCRIPT.sub(f'<script nonce="{g.mark}"'.encode(), answer.get_data()))
        answer.headers["Content-Security-Policy"] = (
            f"default-src 'self'; script-src 'nonce-{g.mark}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    elif answer.mimetype == "application/json" and "/data/job/" in request.path:
        answer.set_data(json.dumps(_as_text(answer.get_json())))
    return answer


def _as_text(job: dict[str, Any]) -> dict[str, Any]:
    return {
        name: escape(value, quote=False) if name in _FROM_OUTSIDE and isinstance(value, str) else value
        for name, value in job.items()
    }
