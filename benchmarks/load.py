"""People click and programs upload, all at once: `make load`, or `python -m benchmarks.load --minutes 5`.

A web process, a worker and a scheduler of their own, over the demo's calls; transcripts come from a simulated provider
after a second. What drives them is on this machine too, and takes its part of it. Exit code 1 when anything went wrong.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import monotonic

import httpx
import pytest
from sqlmodel import select

from benchmarks.load_clients import client
from benchmarks.load_people import person
from benchmarks.load_tally import Tally, Trial
from config import settings
from records import api_keys, campaigns, db, sessions
from records.access import COMMAND_LINE
from records.calls import Call
from records.db import writing
from records.migrate import upgrade
from records.roles import Role
from tests import demo, postgres, realparts
from tests.installation import Installation, descendants, until
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- load -->", "<!-- /load -->"
CAMPAIGN, PROVIDER = "collections", "deepgram"
WHO = (Role.OWNER, Role.MANAGER)
USUAL = {"TOTALVIEW_LEASE_SECONDS": "45", "TOTALVIEW_RESCUE_SECONDS": "30", "TOTALVIEW_RETRY_SECONDS": "5"}


@dataclass(frozen=True)
class Site:
    """What is put under load, and who does it."""

    web: int  # its process
    address: str
    tokens: list[str]
    keys: list[str]
    calls: list[str]


def main(given: list[str]) -> int:
    """Print the table; write it where that is asked for."""
    asked = _arguments(given)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="load-", ignore_cleanup_errors=True)))
        site = _installed(stack, home, asked)
        tally = Tally()
        cpu = _cpu_s(site.web)
        asyncio.run(_load(site, asked, tally))
        cpu = _cpu_s(site.web) - cpu
        text = "\n".join(_report(asked, tally, cpu, site.web))
    print(text)
    for words, often in tally.words.most_common(20):
        print(f"{often} x {words}", file=sys.stderr)
    if asked.write:
        _write(asked.write, text)
    return 0 if tally.all_well else 1


def _arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.load")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--pause", type=float, default=0.0, help="Seconds between two uploads of one client.")
    parser.add_argument("--calls", type=int, default=900, help="That are there before.")
    parser.add_argument("--postgres", action="store_true", help="On PostgreSQL rather than SQLite.")
    parser.add_argument("--write", type=Path, help=f"A file that gets the table, between {BEGIN} and {END}.")
    return parser.parse_args(given)


async def _load(site: Site, asked: argparse.Namespace, tally: Tally) -> None:
    trial, base, made = Trial(site.address, monotonic() + 60 * asked.minutes, tally), realparts.recording(), count()
    people = [person(trial, token, site.calls, number) for number, token in enumerate(site.tokens)]
    clients = [client(trial, key, lambda: _distinct(base, next(made)), asked.pause) for key in site.keys]
    await asyncio.gather(*people, *clients)


def _distinct(base: bytes, number: int) -> bytes:
    """The same recording with another end, which nobody hears."""
    return base[:-4] + number.to_bytes(4, "little")


def _installed(stack: ExitStack, home: Path, asked: argparse.Namespace) -> Site:
    patch = stack.enter_context(pytest.MonkeyPatch.context())
    patch.setenv("TOTALVIEW_HOME", str(home))
    if asked.postgres:
        binaries = postgres.programs()
        if binaries is None:
            raise SystemExit("PostgreSQL is not installed (apt-get install postgresql).")
        server = stack.enter_context(postgres.server(binaries))
        patch.setenv("DATABASE_URL", stack.enter_context(postgres.database(server)))
    stack.callback(db.forget_engines)
    simulated = stack.enter_context(realparts.providers(patch))
    simulated.deepgram.latency_s = 1.0
    for name, value in USUAL.items():
        patch.setenv(name, value)
    settings.cache_clear()
    upgrade()
    site = stack.enter_context(realparts.processes(home))
    site.redis()
    return _begun(site, asked)


def _begun(installation: Installation, asked: argparse.Namespace) -> Site:
    made = demo.make(calls=asked.calls)
    with writing() as session:
        campaigns.edit(session, COMMAND_LINE, CAMPAIGN, campaigns.changes(transcriber=PROVIDER))
        people = [made.people[WHO[number % len(WHO)]] for number in range(asked.people)]
        tokens = [sessions.start(session, one) for one in people]
        keys = [api_keys.create(session, COMMAND_LINE, CAMPAIGN, name=f"Load {n}")[1] for n in range(asked.clients)]
        shared = [each.id for each in made.campaigns[:2]]  # the Manager's
        calls = list(session.exec(select(Call.id).where(Call.campaign_id.in_(shared)).limit(200)))  # type: ignore[attr-defined]
    port = free_port()
    web = installation.totalview("web", "--port", str(port))
    installation.workers()
    address = f"http://127.0.0.1:{port}"
    until(lambda: _answers(address), "the web process answers")
    return Site(web.pid, address, tokens, keys, calls)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", timeout=10).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _report(asked: argparse.Namespace, tally: Tally, cpu_s: float, web: int) -> Iterator[str]:
    kind = "PostgreSQL" if asked.postgres else "SQLite"
    who = f"{asked.people} people and {asked.clients} programs"
    yield f"{who} at once for {asked.minutes:g} minutes, over {asked.calls:,} calls on {kind}."
    yield ""
    yield tally.table()
    yield ""
    share = cpu_s / (60 * asked.minutes)
    yield f"The web process took {share:.0%} of a core and holds {_pss_mb(web):,.0f} MB (PSS), its children included."


def _cpu_s(pid: int) -> float:
    """What a process and its children have taken so far."""
    ticks = 0
    for each in (pid, *descendants(pid)):
        fields = Path(f"/proc/{each}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])  # utime, stime
    return ticks / os.sysconf("SC_CLK_TCK")


def _pss_mb(pid: int) -> float:
    """Memory, shared pages shared out among who holds them."""
    total = 0
    for each in (pid, *descendants(pid)):
        text = Path(f"/proc/{each}/smaps_rollup").read_text(encoding="ascii")
        total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total / 1024


def _write(path: Path, table: str) -> None:
    """Put it between the markers, or at the end with them."""
    text = path.read_text(encoding="utf-8")
    if BEGIN not in text:
        text = f"{text.rstrip()}\n\n{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN, 1)
    path.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.split(END, 1)[1]}", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
