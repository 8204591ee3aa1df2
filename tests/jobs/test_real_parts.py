"""The main job on PostgreSQL, a Redis apart, S3 and the three providers, by several worker processes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import health
from records import db, outages
from records.calls import Call
from records.statuses import CallStatus
from tests import realparts
from tests.house_rules import ROOT
from tests.installation import Installation, until
from tests.realparts import Providers
from tests.simulators.s3 import BucketServer


@pytest.fixture
def providers(on_postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Providers]:
    with realparts.providers(monkeypatch) as running:
        yield running


@pytest.fixture
def many(home: Path, providers: Providers, bucket: BucketServer, monkeypatch) -> Iterator[Installation]:
    """Two worker processes and a scheduler over all of it."""
    realparts.campaigns()
    with realparts.processes(home) as installation:
        realparts.redis_apart(installation, monkeypatch)
        installation.totalview("worker")
        installation.workers()
        until(health.pipeline_served, "workers serve every stage")
        yield installation


def process(campaign: str, *files: Path) -> list[dict]:
    command = [sys.executable, "-m", "cli", "process", "--campaign", campaign, "--json", "--wait"]
    done = subprocess.run([*command, *files], cwd=ROOT, capture_output=True, text=True, check=False, timeout=200)
    assert "Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("campaign", ["assemblyai", pytest.param("deepgram", marks=pytest.mark.long)])
def test_process_on_real_parts(many: Installation, providers: Providers, bucket, tmp_path: Path, campaign: str):
    files = []
    for number in range(6):
        files.append(tmp_path / f"call {number} ☎.wav")
        files[-1].write_bytes(realparts.recording(number, channels=1 + number % 2))
    results = process(campaign, *files)
    assert [result["status"] for result in results] == ["completed"] * 6
    for number, result in enumerate(results):
        assert {turn["speaker"] for turn in result["transcript"]} == {"agent", "customer"}, number
        verdicts = {check["name"]: check["verdict"] for check in result["checks"]}
        assert verdicts == {
            "Greeting": "pass",
            "Offers help": "pass",
            "Says farewell": "fail",
            "No long silence": "pass",
        }
        [quote] = next(check["evidence"] for check in result["checks"] if check["name"] == "Offers help")
        assert "help you" in result["transcript"][quote["turn"]]["text"]
        assert (result["score"], result["flagged"]) == (87.5, True)
    transcriber = providers.all[campaign.upper()]
    assert (len(transcriber.paid), len(providers.claude.paid)) == (6, 6)
    assert not (many.home / "storage").exists(), "the bytes are in the bucket alone"
    assert all(len(realparts.versions(call)) == 1 for call in calls(results))


def calls(results: list[dict]) -> list[Call]:
    return [Call(id=result["call_id"]) for result in results]


def test_a_wrong_key_pauses_and_a_right_one_resumes(many: Installation, providers: Providers):
    right = providers.deepgram.key
    providers.deepgram.key = "another"
    waiting = [realparts.take_in("deepgram", number) for number in range(3)]
    until(lambda: paused() == ["deepgram"], "Deepgram is paused")
    unhindered = realparts.take_in("assemblyai", 9)
    until(lambda: realparts.call_now(unhindered).status is CallStatus.COMPLETED, "others go on")
    assert {realparts.call_now(call).status for call in waiting} <= {CallStatus.PENDING, CallStatus.TRANSCRIBING}
    providers.deepgram.key = right
    until(
        lambda: all(realparts.call_now(call).status is CallStatus.COMPLETED for call in waiting),
        "all that waited are done",
    )
    assert paused() == []
    assert len(providers.deepgram.paid) == 3


def paused() -> list[str]:
    with db.reading() as session:
        return [state.provider for state in outages.paused(session)]
