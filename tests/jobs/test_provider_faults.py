"""Workers killed in every stage with every provider: one version each, and nothing paid twice that could be known.

A request that is answered by its result has no number that could be asked for again: killed while it is under way, it
is sent once more, which is counted and shown.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from records.calls import Call
from records.results import Version
from records.statuses import CallStatus
from tests import realparts
from tests.house_rules import ROOT
from tests.installation import Installation, descendants, installed, kill, until
from tests.jobs.conftest import STAGED
from tests.realparts import Providers
from tests.simulators.server import Simulator

UNDER_WAY_S = 1.5  # less than a lease, so that what was asked for is there when it is looked for again


@pytest.fixture
def providers(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Providers]:
    with realparts.providers(monkeypatch) as running:
        realparts.campaigns()
        running.assemblyai.statuses = ("queued",)
        yield running


@pytest.fixture
def installation(home: Path, providers: Providers, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for the worker that is stopped at a point
    with installed(home) as running:
        yield running


def finished(call: Call) -> Version:
    """The one version of a call that has come through."""
    until(lambda: realparts.call_now(call).status is CallStatus.COMPLETED, "the call is Completed")
    [version] = realparts.versions(call)
    return version


def stop_dead(process) -> None:
    for pid in [process.pid, *descendants(process.pid)]:
        kill(pid)
    process.wait(60)


Trap = tuple[str, str, str, int, int]  # campaign, stage, moment, requests paid (two without a fault), perhaps twice
TRAPS: list[Trap] = [
    ("assemblyai", "transcription", "made", 2, 0),
]
MORE_TRAPS: list[Trap] = [
    ("deepgram", "transcription", "made", 3, 1),
    ("assemblyai", "transcription", "begun", 2, 0),
    ("assemblyai", "transcription", "stored", 2, 0),
    ("deepgram", "transcription", "begun", 2, 0),
    ("deepgram", "transcription", "stored", 2, 0),
    ("assemblyai", "analysis", "made", 2, 0),
    ("assemblyai", "analysis", "stored", 2, 0),
]


@pytest.mark.parametrize(
    "trap",
    [*TRAPS, *(pytest.param(trap, marks=pytest.mark.long) for trap in MORE_TRAPS)],
    ids=lambda trap: "-".join(trap[:3]),
)
def test_killed_at_a_point(installation, providers, tmp_path: Path, trap):
    campaign, stage, moment, paid, twice = trap
    flag, call = tmp_path / "reached", realparts.take_in(campaign)
    doomed = installation.start(sys.executable, STAGED, stage, stage, moment, str(flag))
    if stage == "analysis":
        installation.totalview("worker", "--queues", "transcription")
        installation.totalview("scheduler")
    until(flag.exists, f"{stage} was {moment}")
    stop_dead(doomed)
    installation.workers()
    version = finished(call)
    assert (bill(providers), version.asked_again) == (paid, twice)


UnderWay = tuple[str, str, Callable[[Providers], Simulator], str, int, int]
UNDER_WAY: UnderWay = ("deepgram", "analysis", lambda all_: all_.claude, "/v1/messages", 3, 1)
MORE_UNDER_WAY: list[UnderWay] = [
    ("assemblyai", "transcription", lambda all_: all_.assemblyai, "/v2/upload", 2, 0),
    ("assemblyai", "transcription", lambda all_: all_.assemblyai, "/v2/transcript", 2, 0),
    ("deepgram", "transcription", lambda all_: all_.deepgram, "/v1/listen", 3, 1),
]


@pytest.mark.parametrize(
    "request_",
    [UNDER_WAY, *(pytest.param(each, marks=pytest.mark.long) for each in MORE_UNDER_WAY)],
    ids=lambda each: each[3],
)
def test_killed_while_a_request_is_under_way(installation, providers, request_):
    campaign, stage, whom, path, paid, twice = request_
    simulator: Simulator = whom(providers)
    simulator.latency_s = UNDER_WAY_S
    call = realparts.take_in(campaign)
    if stage == "analysis":
        installation.totalview("worker", "--queues", "transcription")
    doomed = installation.totalview("worker", "--queues", stage)
    until(lambda: simulator.requests(path), f"a request to {path} is under way")
    stop_dead(doomed)
    simulator.latency_s = 0.0
    installation.workers()
    version = finished(call)
    assert (bill(providers), version.asked_again) == (paid, twice)


def test_told_to_stop_a_worker_waits_for_what_is_paid_for(installation, providers, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TOTALVIEW_STOP_SECONDS", "30")
    providers.deepgram.latency_s = 5.5
    call = realparts.take_in("deepgram")
    stopped = installation.totalview("worker", "--queues", "transcription")
    until(lambda: providers.deepgram.requests("/v1/listen"), "a request is under way")
    stopped.terminate()
    assert stopped.wait(30) == 0
    installation.workers()
    version = finished(call)
    assert (bill(providers), version.asked_again) == (2, 0)


@pytest.mark.long
def test_killed_while_a_job_is_waited_for(installation, providers):
    providers.assemblyai.statuses = ("queued", *["processing"] * 3)
    call = realparts.take_in("assemblyai")
    doomed = installation.totalview("worker", "--queues", "transcription")
    installation.totalview("scheduler")
    until(lambda: len(providers.assemblyai.requests("/v2/transcript/")) > 1, "the job has been looked at")
    stop_dead(doomed)
    installation.workers()
    version = finished(call)
    assert (bill(providers), version.asked_again, len(providers.assemblyai.jobs)) == (2, 0, 1)


@pytest.mark.long
def test_another_key_by_a_restart_ends_a_pause(installation, providers, monkeypatch: pytest.MonkeyPatch):
    right = providers.claude.key
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-wrong")
    monkeypatch.setenv("TOTALVIEW_OUTAGE_SECONDS", "3600")
    old = [installation.totalview("worker", "--queues", queue) for queue in ("transcription", "analysis")]
    installation.totalview("scheduler")
    call = realparts.take_in("deepgram")
    until(lambda: providers.claude.requests("/v1/messages"), "Claude was asked")
    until(lambda: waiting(call), "the call waits")
    assert realparts.call_now(call).status is CallStatus.ANALYZING
    for process in old:
        process.terminate()
        assert process.wait(60) == 0
    monkeypatch.setenv("ANTHROPIC_API_KEY", right)
    installation.workers()
    assert finished(call).asked_again == 0


def waiting(call: Call) -> str:
    return realparts.newest_run(call).waits_at


def bill(providers: Providers) -> int:
    return sum(len(simulator.paid) for simulator in providers.all.values())
