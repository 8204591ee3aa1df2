"""Files to upload by a browser, the page on which that is done, and a line to the server that can be cut."""

import contextlib
import socket
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from playwright.sync_api import Page, Request, expect
from sqlmodel import select

from records import db
from records.bulk import BulkJob
from records.calls import Call
from tests.audio import noise, pcm_wav
from tests.browser.conftest import OFTEN_MS, PATIENCE_MS, settled, until

RATE = 8000
NASTY = "<img src=x onerror=document.title='hacked'> **bold** [a](evil) $x$.txt"
MB = 1_000_000


def recordings(folder: Path, number: int, *, seconds: float = 0.5, first: int = 0) -> list[Path]:
    """So many small recordings, of which no two are alike."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"call-{first + place:03}.wav" for place in range(number)]
    for place, path in enumerate(paths):
        path.write_bytes(pcm_wav(noise(seconds, rate=RATE, seed=first + place), RATE))
    return paths


def large(folder: Path, megabytes: int) -> Path:
    """One recording of this size."""
    return recordings(folder, 1, seconds=megabytes * MB / 2 / RATE, first=900)[0]


def bad_files(folder: Path) -> None:
    """Three that are no recordings, and what a system leaves behind."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NASTY).write_text("Only words. " * 50)
    (folder / "empty.wav").write_bytes(b"")
    (folder / "cut.wav").write_bytes(pcm_wav(noise(2, rate=RATE), RATE)[:400])
    (folder / "Thumbs.db").write_bytes(b"\0" * 100)


def upload_page(page: Page, campaign: str = "support", *, address: str = "") -> Page:
    page.goto(f"{address}/upload?campaign={campaign}")
    settled(page)
    expect(page.get_by_role("button", name="Choose files")).to_be_enabled()
    return page


def choose(page: Page, *paths: Path) -> None:
    page.get_by_label("Recordings", exact=True).set_input_files(list(paths))


def choose_folder(page: Page, folder: Path) -> None:
    page.get_by_label("A folder of recordings").set_input_files(folder)


def upload(page: Page) -> None:
    page.get_by_role("button", name="Upload", exact=True).click()


def slow_down(page: Page, megabytes: int = 3) -> None:
    """As over a thin line, so that there is a middle."""
    line = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": megabytes * MB}  # a second
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", line)


def under_way(page: Page, percent: int = 10) -> None:
    """Wait until some of it has gone out, and not all."""
    until(
        page,
        "share => tvUploads.items.some(item => item.state === 'uploading' && item.sent > share * item.file.size / 100)",
        arg=percent,
    )


def comes_true(page: Page, reached: Callable[[], bool]) -> None:
    """Wait until the database says so: what a page asks for arrives when the machine has time."""
    for _ in range(PATIENCE_MS // OFTEN_MS):
        if reached():
            return
        page.wait_for_timeout(OFTEN_MS)
    raise AssertionError("It did not come true.")


def states(page: Page, *, minutes: float = 1) -> list[str]:
    """Where each file stands, once all are over."""
    over = (
        "() => tvUploads.items.every(({ state }) => ['done', 'here', 'refused', 'failed', 'cancelled'].includes(state))"
    )
    page.wait_for_function(over, timeout=minutes * 60_000, polling=OFTEN_MS)
    return sorted(page.evaluate("tvUploads.items.map(({ state }) => state)"))


def offsets(page: Page) -> list[int]:
    """Filled while the page sends: where each part of an upload began."""
    found: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH" and "/uploads/" in request.url:
            found.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    return found


class Line:
    """A way to the server by another port, which can be cut in the middle of everything."""

    def __init__(self, address: str) -> None:
        self._to = int(address.rsplit(":", 1)[1])
        self._ends: list[socket.socket] = []
        self._whole = True
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._whole = False
        for end in self._ends:
            _close(end)
        self._ends.clear()

    def mend(self) -> None:
        self._whole = True

    def end(self) -> None:
        self.cut()
        _close(self._listening)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                if not self._whole:
                    _close(near)
                    continue
                far = socket.create_connection(("127.0.0.1", self._to))
                self._ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    Thread(target=_pass_on, args=(one, other), daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := one.recv(65_536):
            other.sendall(block)
    _close(one)
    _close(other)


def _close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


def jobs() -> list[BulkJob]:
    with db.reading() as session:
        return list(session.exec(select(BulkJob).order_by(BulkJob.id)))  # type: ignore[arg-type]


def calls() -> list[Call]:
    with db.reading() as session:
        return list(session.exec(select(Call)))
