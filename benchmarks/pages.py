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
from itertools import islice
from pathlib import Path
from time import perf_counter

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
from tests import postgres, realparts
from tests.website import Website, free_port, page_socket, run_page, website

FEW, MANY, FILES, WARM, ROUNDS = 10_000, 1_000_000, 10_000, 2, 9
GOAL, PAINT_GOAL = 1 / 1.5, 0.5
CHROMIUM = "/usr/bin/chromium"
SHOWN = "[data-testid=stMain] h1, [data-testid=stMain] [data-testid=stHeading]"
Times = dict[str, float]  # a page, and milliseconds
Pages = dict[str, tuple[str, Callable[[int], str]]]  # a page, its script, and its address in each round


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    server = os.environ.get("DATABASE_URL", "")
    kind = "PostgreSQL" if server else "SQLite"
    with tempfile.TemporaryDirectory(prefix="totalview-pages-", ignore_cleanup_errors=True) as folder:
        with _world(Path(folder) / "few", FEW, server) as (site, pages):
            few = _times(site, pages)
            painted = _painted(site)
        with _world(Path(folder) / "many", many, server) as (site, pages):
            times = _times(site, pages)
    print(results.HEAD)
    for name, taken in times.items():
        results.keep(Result(f"{name}, {many:,} calls on {kind}, beside {FEW:,}", taken, few[name], GOAL, "ms"))
    if painted:
        name = "the list of calls in Chromium, beside an empty Streamlit page"
        results.keep(Result(name, *painted, PAINT_GOAL, "ms"))


@contextmanager
def _world(home: Path, calls: int, server: str) -> Iterator[tuple[Website, Pages]]:
    """A web process over so many calls; and its pages' scripts and addresses."""
    home.mkdir()
    os.environ["TOTALVIEW_HOME"] = str(home)
    with postgres.database(server) if server else _sqlite() as address:
        os.environ["DATABASE_URL"] = address
        settings.cache_clear()
        db.forget_engines()
        upgrade()
        numbers = lists.fill(calls)
        job, call = _bulk_job(numbers[0]), _real_call()
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
            yield site, pages


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


def _bulk_job(campaign: int) -> int:
    with db.writing() as session:
        job = BulkJob(campaign_id=campaign, name="Ten thousand", expected=FILES, by="benchmark")
        session.add(job)
        session.flush()
        found = select(Call.id, Call.filename).where(Call.campaign_id == campaign).limit(FILES)
        made = [{"bulk_job_id": job.id, "call_id": call, "filename": name} for call, name in session.exec(found)]
        session.execute(insert(BulkItem), list(islice(made * FILES, FILES)))  # the same again, where they are fewer
        return stored_id(job.id)


def _campaigns_but_one(number: int) -> str:
    """Another one each time: what was shown half a minute ago is kept, and to look that up is not what is measured."""
    return "&".join(f"campaign=campaign-{n}" for n in range(lists.CAMPAIGNS) if n != number)


def _times(site: Website, pages: Pages) -> Times:
    token = signed_in()
    taken: dict[str, list[float]] = {name: [] for name in pages}
    for number in range(WARM + ROUNDS):
        for name, (page, query) in pages.items():
            with page_socket(site, Cookie=f"tv_session={token}") as socket:
                begun = perf_counter()
                run_page(socket, page, query(number))
                taken[name].append((perf_counter() - begun) * 1000)
    return {name: statistics.median(each[WARM:]) for name, each in taken.items()}


def _painted(site: Website) -> tuple[float, float] | None:
    """Milliseconds until a browser shows the list of calls, and an empty Streamlit page. None without a browser."""
    if not Path(CHROMIUM).exists():
        return None
    with _empty() as empty, sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        context = browser.new_context()
        context.add_cookies([{"name": "tv_session", "value": signed_in(), "url": site.address}])
        page = context.new_page()
        return _shown(page, f"{site.address}/calls"), _shown(page, empty)


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
