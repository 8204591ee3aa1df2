"""`totalview web`: the dashboard and the API in one process, or the API alone, until it is told to stop."""

import logging
import signal
import socket
import sys
from typing import Annotated

import typer
import uvicorn

from config import Settings, settings
from config.hiding import HIDDEN
from config.logs import FACTS
from config.starting import uncollected
from web import listening
from web.listening import CannotListen

GRACE_S = 3  # open pages are told to connect again; whoever is still streaming after this is cut off
MESSAGE_LARGEST = 4 << 20  # bytes; what a page sends by its socket are clicks and words
_HEADERS_LARGEST = 64 << 10
_FACTS_OF_A_REQUEST = 5
_LONG = 40  # characters: a part of an address that is longer is a secret (a provider's answer is brought with one)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("web")(web)


def web(
    host: Annotated[str | None, typer.Option(help="Address to listen on (TOTALVIEW_HOST).")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port (TOTALVIEW_PORT).")] = None,
    api_only: Annotated[bool, typer.Option("--api-only", help="Leave the dashboard out.")] = False,
) -> None:
    """Run the dashboard and the API, or the API alone: of that one, many may run."""
    chosen = settings().model_copy(update={k: v for k, v in (("host", host), ("port", port)) if v is not None})
    try:
        listener = _listen(chosen)
    except CannotListen as error:
        print(error, file=sys.stderr)  # noqa: T201  a command's own words
        raise SystemExit(1) from None
    with listener:
        chosen = chosen.model_copy(update={"port": listener.getsockname()[1]})
        _leave_signals_to_the_server()
        logging.getLogger("uvicorn.access").addFilter(_without_secrets)
        server = _Server(chosen, "api.alone:app" if api_only else "asgi:app", factory=api_only)
        with uncollected():
            server.config.load()
        server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says where it is once it answers, and nothing else."""

    def __init__(self, chosen: Settings, app: str, *, factory: bool) -> None:
        self._address = chosen.address
        super().__init__(
            uvicorn.Config(
                app,
                factory=factory,
                host=chosen.host,
                port=chosen.port,
                log_config=None,
                access_log=chosen.access_log,
                server_header=False,
                ws="websockets-sansio",
                ws_max_size=MESSAGE_LARGEST,
                h11_max_incomplete_event_size=_HEADERS_LARGEST,
                timeout_graceful_shutdown=GRACE_S,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"TotalView is ready at {self._address}", flush=True)  # noqa: T201  a command's own words


def _without_secrets(record: logging.LogRecord) -> bool:
    """A request, told by its path alone: links with which people come in carry their secret behind it."""
    if isinstance(record.args, tuple) and len(record.args) == _FACTS_OF_A_REQUEST:
        client, method, target, version, status = record.args
        parts = str(target).split("?", 1)[0].split("/")
        path = "/".join(HIDDEN if len(part) >= _LONG else part for part in parts)
        record.args = (client, method, path, version, status)
        facts = {"client": client, "method": method, "path": path, "status": status}
        setattr(record, FACTS, facts)
    return True


def _listen(chosen: Settings) -> socket.socket:
    """Take the port before anything is loaded, so that a taken one is known at once. Raises CannotListen."""
    listener = listening.listen(chosen.host, chosen.port)
    # asyncio sets this only on sockets that name their protocol; without it every small answer waits 40 ms for an echo.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _leave_signals_to_the_server() -> None:
    """The server stops by itself on either signal, and then raises it again for whoever was there before: nobody."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
