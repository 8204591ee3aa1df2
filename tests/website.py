"""The web process as it really runs: `totalview web` over a home, and a bare browser's socket to it."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from tests.conftest import OURS
from tests.house_rules import ROOT
from tests.ports import free_port


@dataclass
class Website:
    """A running web process, its address, and the file that holds what it said on stderr."""

    process: subprocess.Popen[str]
    address: str
    said: Path


@contextmanager
def website(
    home: Path, *, cwd: Path | None = None, options: Sequence[str] = (), **environment: str
) -> Iterator[Website]:
    """Start it from somewhere else than the checkout, and wait for the line that it prints."""
    port = environment.pop("TOTALVIEW_PORT", "") or str(free_port())
    said = home / "web.log"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    if "DATABASE_URL" in os.environ:
        clean["DATABASE_URL"] = os.environ["DATABASE_URL"]
    variables = {**clean, "PYTHONPATH": str(ROOT), "TOTALVIEW_HOME": str(home), **environment}
    with said.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "web", "--port", port, *options],
            cwd=cwd or home,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, said.read_text()
        yield Website(process, f"http://127.0.0.1:{port}", said)
    finally:
        process.kill()
        process.communicate()


@contextmanager
def page_socket(site: Website, **headers: str) -> Iterator[ClientConnection]:
    """The socket that Streamlit's page opens."""
    address = site.address.replace("http", "ws", 1) + "/_stcore/stream"
    given = {"Origin": site.address, **headers}
    with connect(address, subprotocols=["streamlit"], additional_headers=given, max_size=None) as opened:  # type: ignore[list-item]
        yield opened


def run_page(opened: ClientConnection, page: str = "calls", query: str = "", zone: str = "UTC") -> list[ForwardMsg]:
    """Ask for one run of a page, by the clock of a time zone; everything that came back."""
    ask = BackMsg()
    ask.rerun_script.page_name, ask.rerun_script.query_string = page, query
    ask.rerun_script.context_info.timezone = zone
    opened.send(ask.SerializeToString())
    received: list[ForwardMsg] = []
    while not received or received[-1].WhichOneof("type") != "script_finished":
        received.append(ForwardMsg.FromString(opened.recv(timeout=60)))
    return received


def text_of(messages: list[ForwardMsg]) -> str:
    """All that a run put on the page."""
    return "".join(str(each.delta) for each in messages if each.WhichOneof("type") == "delta")
