"""Pages as calls grow: `python -m benchmarks.pages [CALLS]` measures them at ten thousand calls and at a million.

A page's time is what the web process takes to run it for an Owner, over the socket that a browser would open, with a
campaign's figures, lists and a bulk job of ten thousand files. Where Chromium is installed, it also measures how long
a browser takes to show the list of calls, beside an empty Streamlit page. With DATABASE_URL set to a server, the calls
are filled into new databases there.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import insert, text
from sqlmodel import select

from benchmarks import lists, results
from benchmarks.export import signed_in
from benchmarks.results import Result
from benchmarks.start import answers
from config import settings
from pipeline import children, conductor, intake
from pipeline.intake import Arrival
from records import campaigns, db
from records.access import COMMAND_LINE
from records.bulk import BulkItem, BulkJob
from records.calls import Call
from records.db import stored_id
from records.migrate import upgrade
from records.statuses import Source
from tests import browsers, postgres, realparts
from tests.ports import free_port
from tests.website import Website, page_socket, run_page, website

FEW, MANY, FILES, WARM, ROUNDS = 10_000, 1_000_000, 10_000, 2, 15
EVENING = 18
GOAL, PAINT_GOAL = 1 / 1.5, 0.5
SHOWN = "[data-testid=stMain] h1, [data-testid=stMain] [data-testid=stHeading]"
Pages = dict[str, tuple[str, Callable[[int], str]]]  # a page, its script, and its address in each round


class World(NamedTuple):
    """A web process over so many calls, an Owner's cookie there, and what is looked at."""

    site: Website
    token: str
    pages: Pages


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    server = os.environ.get("DATABASE_URL", "")
    kind = "PostgreSQL" if server else "SQLite"
    with (
        tempfile.TemporaryDirectory(prefix="totalview-pages-", ignore_cleanup_errors=True) as folder,
        _world(Path(folder) / "few", FEW, server) as few,
        _world(Path(folder) / "many", many, server) as more,
    ):
        times = _times(more, few)
        painted = _painted(few)
    print(results.HEAD)
    for name, (taken, beside) in times.items():
        results.keep(Result(f"{name}, {many:,} calls on {kind}, beside {FEW:,}", taken, beside, GOAL, "ms"))
    if painted:
        name = "the list of calls in Chromium, beside an empty Streamlit page"
        results.keep(Result(name, *painted, PAINT_GOAL, "ms"))


@contextmanager
def _world(home: Path, calls: int, server: str) -> Iterator[World]:
    home.mkdir()
    os.environ["TOTALVIEW_HOME"] = str(home)
    with postgres.database(server) if server else _sqlite() as address:
        os.environ["DATABASE_URL"] = address
        settings.cache_clear()
        db.forget_engines()
        upgrade()
        lists.fill(calls)
        job, call = bulk_job(calls), _real_call()
        pages: Pages = {
            "Home": ("", _campaigns_but_one),
            "Calls": ("calls", lambda _round: ""),
            "Calls, filtered": ("calls", lambda _round: "status=completed&flagged=1&agent=7"),
            "Calls, searched": ("calls", lambda _round: "text=thank"),
            "A call": ("call", lambda _round: f"id={call}"),
            "A bulk job of 10,000 files": ("bulk_job", lambda _round: f"id={job}"),
        }
        if server:  # as its autovacuum does by and by; on SQLite nobody does
            with db.writing() as session:
                session.execute(text("ANALYZE"))
        with website(home, DATABASE_URL=address) as site:
            yield World(site, signed_in(), pages)


@contextmanager
def _sqlite() -> Iterator[str]:
    yield ""


def _real_call() -> str:
    """The number of a call that went through the pipeline here, by the offline transcriber."""
    with db.writing() as session:
        campaigns.create(session, COMMAND_LINE, "Real", realparts.CHECKS, slug="real")
    arrival = Arrival("real", "call.wav", [realparts.recording()], Source.BULK_JOB)
    received = intake.receive(COMMAND_LINE, arrival, lambda *_: None)
    for _ in range(3):
        run = realparts.newest_run(received.call)
        conductor.step(stored_id(run.id), run.ticket)
    children.close()
    return received.call.id


def bulk_job(calls: int) -> int:
    """The number of a job of FILES more calls, in a campaign of its own, that came one after another yesterday."""
    with db.writing() as session:
        campaign = stored_id(campaigns.create(session, COMMAND_LINE, "Ten thousand").id)
        job = BulkJob(campaign_id=campaign, name="Ten thousand", expected=FILES, by="benchmark")
        session.add(job)
    lists.add(range(calls, calls + FILES), [campaign], timedelta(days=1))
    with db.writing() as session:
        found = select(Call.id, Call.filename).where(Call.campaign_id == campaign)
        made = [{"bulk_job_id": job.id, "call_id": call, "filename": name} for call, name in session.exec(found)]
        session.execute(insert(BulkItem), made)
    return stored_id(job.id)


def _campaigns_but_one(number: int) -> str:
    """Another one each time: what was shown half a minute ago is kept, and to look that up is not what is measured."""
    return "&".join(f"campaign=campaign-{n}" for n in range(lists.CAMPAIGNS) if n != number)


def _evening() -> str:
    """A time zone where it is six in the evening: by each clock, yesterday is still added up early in the morning."""
    ahead = (EVENING - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}"


def _times(*worlds: World) -> dict[str, list[float]]:
    """Milliseconds of each page in each world, one beside the other: a shared machine is faster at times."""
    zone, taken = _evening(), {name: [list[float]() for _ in worlds] for name in worlds[0].pages}
    for number in range(WARM + ROUNDS):
        for name, in_each in taken.items():
            for world, times in zip(worlds, in_each, strict=True):
                page, query = world.pages[name]
                with page_socket(world.site, Cookie=f"tv_session={world.token}") as socket:
                    begun = perf_counter()
                    run_page(socket, page, query(number), zone)
                    times.append((perf_counter() - begun) * 1000)
    return {name: [statistics.median(times[WARM:]) for times in in_each] for name, in_each in taken.items()}


def _painted(world: World) -> tuple[float, float] | None:
    """Milliseconds until a browser shows the list of calls, and an empty Streamlit page. None without a browser."""
    if browsers.CHROMIUM is None:
        return None
    with _empty() as empty, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browsers.CHROMIUM, args=browsers.FLAGS)
        context = browser.new_context()
        context.add_cookies([{"name": "tv_session", "value": world.token, "url": world.site.address}])
        page = context.new_page()
        return _shown(page, f"{world.site.address}/calls"), _shown(page, empty)


def _shown(page: Page, address: str) -> float:
    taken = []
    for _ in range(WARM + ROUNDS):
        page.goto("about:blank")
        begun = perf_counter()
        page.goto(address, wait_until="commit")
        page.locator(SHOWN).first.wait_for()
        taken.append((perf_counter() - begun) * 1000)
    return statistics.median(taken[WARM:])


@contextmanager
def _empty() -> Iterator[str]:
    """The address of a Streamlit page with a heading and nothing else."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "empty.py"
        script.write_text('import streamlit as st\nst.title("Calls")\n', encoding="utf-8")
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
        command += ["--server.address", "127.0.0.1", "--browser.gatherUsageStats", "false"]
        process = subprocess.Popen([*command, "--server.headless", "true"], cwd=folder)  # noqa: S603  our own words
        try:
            while not answers(f"http://127.0.0.1:{port}/_stcore/health"):
                pass
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
