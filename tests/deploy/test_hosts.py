"""Many machines: what happens when one of them is cut off, silently, in the middle of its work, and comes back."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from config import settings
from jobs import overview
from records.migrate import upgrade
from records.statuses import CallStatus
from tests import postgres, realparts
from tests.api.uploading import UPLOAD, bearer, key_of
from tests.conftest import missing
from tests.hosts import Host, Network, cut_off
from tests.installation import Installation, until
from tests.realparts import Providers
from tests.simulators import s3
from tests.simulators.s3_keys import KEY, SECRET

PYTHON = (sys.executable, "-m", "cli")
BOUND_S = 90.0  # of any answer, however silent the services are
NOTICED_S = 60.0


@dataclass
class Site:
    """Services on this machine, and hosts for the rest."""

    installation: Installation
    providers: Providers
    inside: Network
    keys: dict[str, str]

    def worker(self, name: str) -> Host:
        host = self.inside.host(name)
        host.start(self.installation, *PYTHON, "worker")
        return host

    def scheduler(self) -> None:
        self.inside.host("clock").start(self.installation, *PYTHON, "scheduler")

    def paid(self) -> int:
        return sum(len(simulator.paid) for simulator in self.providers.all.values())


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """PostgreSQL, Redis, S3 and the providers, each at this machine's address in the hosts' network."""
    binaries = postgres.programs()
    if binaries is None:
        missing("PostgreSQL is not installed (apt-get install postgresql)")
    monkeypatch.setenv("TOTALVIEW_HOME", str(tmp_path))
    monkeypatch.setenv("TOTALVIEW_WORKER_THREADS", "4")
    with ExitStack() as stack:
        inside = stack.enter_context(Network())
        server = stack.enter_context(postgres.server(binaries, inside.address))
        monkeypatch.setenv("DATABASE_URL", stack.enter_context(postgres.database(server)))
        endpoint, _ = stack.enter_context(s3.started(inside.address))
        s3.straight(endpoint).create_bucket(Bucket="calls")
        s3.point_at(monkeypatch, endpoint, "calls", KEY, SECRET)
        providers = stack.enter_context(realparts.providers(monkeypatch, host=inside.address))
        upgrade()
        realparts.campaigns()
        installation = stack.enter_context(realparts.processes(tmp_path))
        realparts.redis_apart(installation, monkeypatch, inside.address)
        yield Site(installation, providers, inside, {name: key_of(name) for name in realparts.CAMPAIGNS})


@pytest.fixture
def web(site: Site) -> Iterator[tuple[Host, httpx.Client]]:
    """The web host, and a client in another network, which it stays joined to whatever becomes of the one inside."""
    with Network() as outside:
        host = site.inside.host("web")
        client_side = outside.host("web", of=host)
        command = ("web", "--api-only", "--host", "0.0.0.0", "--port", "8501")  # noqa: S104  of a namespace of its own
        host.start(site.installation, *PYTHON, *command)
        with httpx.Client(base_url=f"http://{client_side.address}:8501", timeout=BOUND_S) as client:
            until(lambda: status(client, "/healthz") == 200, "the web host answers")
            yield host, client


def status(client: httpx.Client, path: str) -> int:
    try:
        return client.get(path).status_code
    except httpx.TransportError:
        return 0


def upload(client: httpx.Client, site: Site, campaign: str, number: int) -> httpx.Response:
    files = {"file": (f"call {number}.wav", realparts.recording(number))}
    return client.post(UPLOAD, files=files, headers=bearer(site.keys[campaign]))


def working() -> set[str]:
    """Hosts whose workers are heard of."""
    return {worker.host for worker in overview.look().workers}


def completed(client: httpx.Client, site: Site, calls: dict[str, str]) -> bool:
    answers = [client.get(f"/api/v1/calls/{call}", headers=bearer(site.keys[name])) for call, name in calls.items()]
    return all(answer.json()["status"] == CallStatus.COMPLETED for answer in answers)


def once_each(site: Site, calls: dict[str, str]) -> int:
    """Each call has one version; how many requests may have been paid twice, as they say themselves."""
    with psycopg.connect(settings().database_url) as connection:
        rows = connection.execute("SELECT call_id, count(*), sum(asked_again) FROM version GROUP BY 1").fetchall()
    assert {call: number for call, number, _ in rows} == dict.fromkeys(calls, 1)
    return int(sum(again for *_, again in rows))


def test_what_a_host_sends_while_it_is_cut_off_is_swallowed_and_nobody_is_told():
    with Network() as network, socket.create_server((network.address, 0)) as service:
        host = network.host("one")
        words = f"import socket; socket.create_connection(('{network.address}', {service.getsockname()[1]}), timeout=2)"
        knock = ["ip", "netns", "exec", host.space, sys.executable, "-c", words]
        subprocess.run(knock, check=True)
        with cut_off(host):
            assert "TimeoutError" in subprocess.run(knock, capture_output=True, text=True, check=False).stderr
        subprocess.run(knock, check=True)


@pytest.mark.long
def test_a_worker_host_cut_off_in_the_middle_of_work_loses_nothing_and_works_again(site: Site, web):
    _, client = web
    site.providers.deepgram.latency_s = site.providers.claude.latency_s = 1.0
    first = site.worker("first")
    site.scheduler()
    until(lambda: working() == {"first"}, "the first worker host is at work")
    sent = [(upload(client, site, name, number), name) for name in realparts.CAMPAIGNS for number in range(3)]
    assert {answer.status_code for answer, _ in sent} == {202}
    calls = {answer.json()["id"]: name for answer, name in sent}
    until(lambda: site.providers.deepgram.requests("/v1/listen"), "a recording is with Deepgram")
    with cut_off(first):
        second = site.worker("second")
        until(lambda: completed(client, site, calls), "the second host has finished all")
        again = once_each(site, calls)
        assert 2 * len(calls) <= site.paid() <= 2 * len(calls) + again, "promise 4: paid twice is counted"
    with cut_off(second):
        answer = upload(client, site, "assemblyai", 9)
        calls[answer.json()["id"]] = "assemblyai"
        until(lambda: completed(client, site, calls), "the first host works again by itself")
    once_each(site, calls)


@pytest.mark.long
def test_a_host_that_stays_away_is_not_counted_as_working_until_it_is_back(site: Site):
    first = site.worker("first")
    site.worker("second")
    until(lambda: working() == {"first", "second"}, "both are heard of")
    with cut_off(first):
        until(lambda: working() == {"second"}, "the one that is cut off is not counted any more", 90)
    until(lambda: working() == {"first", "second"}, "it is heard of again", 90)


@pytest.mark.long
def test_a_web_host_without_its_services_answers_within_bounds_and_is_well_afterwards(site: Site, web):
    host, client = web
    site.worker("worker")
    site.scheduler()
    until(lambda: status(client, "/readyz") == 200, "the web host is ready")
    calls = {upload(client, site, "assemblyai", 0).json()["id"]: "assemblyai"}
    with cut_off(host):
        answers = [upload(client, site, "assemblyai", number) for number in (1, 2)]
        assert {answer.status_code for answer in answers} == {503}, [answer.text for answer in answers]
        assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
        ready = client.get("/readyz")
        assert (ready.status_code, client.get("/healthz").status_code) == (503, 200)
        assert "ok" not in ready.json()["checks"].values()
    until(lambda: status(client, "/readyz") == 200, "the web host is ready again", NOTICED_S)
    for number in (1, 2, 3):
        answer = upload(client, site, "assemblyai", number)
        assert answer.status_code == 202, answer.text
        calls[answer.json()["id"]] = "assemblyai"
    until(lambda: completed(client, site, calls), "every call is Completed")
    assert once_each(site, calls) == 0


HELD = """
import time
from sqlalchemy import text
from records.db import writing
with writing() as session:
    session.execute(text("UPDATE campaign SET name = name WHERE slug = 'deepgram'"))
    open({flag!r}, "w").close()
    time.sleep(600)
"""


@pytest.mark.long
def test_what_a_host_held_in_the_database_when_it_was_cut_off_is_let_go_of(site: Site, tmp_path: Path):
    host, flag = site.inside.host("holder"), tmp_path / "held"
    host.start(site.installation, sys.executable, "-c", HELD.format(flag=str(flag)))
    until(flag.exists, "the row is held")
    with cut_off(host), psycopg.connect(settings().database_url) as connection:
        connection.execute(f"SET lock_timeout = '{NOTICED_S:.0f}s'".encode())
        connection.execute("UPDATE campaign SET name = name WHERE slug = 'deepgram'")
