"""The doctor names the part that is broken, and no other, and says what to do."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from commands import doctor
from config import settings
from jobs.enqueue import QUEUES
from tests import realparts
from tests.commands.ailing import CASES, Case, Patient, bucket, in_service, sftp
from tests.commands.conftest import Command

BROKEN = [pytest.param(case, id=f"{of}-{name}") for of in CASES for name, case in CASES[of].items()]
PROVIDERS = {"assemblyai": "ASSEMBLYAI", "deepgram": "DEEPGRAM", "claude": "ANTHROPIC"}


@pytest.fixture
def patient(
    about_sqlite: Path, home: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Patient]:
    """An installation with nothing wrong in it."""
    with realparts.processes(home) as installation:
        realparts.redis_apart(installation, monkeypatch)
        in_service(*QUEUES)
        with monkeypatch.context() as patch:
            with ExitStack() as undo:
                yield Patient(home, patch, request, undo)
            unanswered()
        settings.cache_clear()


def unanswered() -> None:
    """Wait for what the doctor waits for no longer: it would go on in the next test's database."""
    for thread in threading.enumerate():
        if thread.name == doctor.ASKING:
            thread.join(60)
            assert not thread.is_alive(), "the part has gone that it asked"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decoding, which needs processes of its own, is tried by the first test."""
    monkeypatch.setattr(doctor, "_audio", lambda: "not tried here")


def said(typed: Command) -> tuple[int, dict[str, tuple[bool | None, str]]]:
    done = typed("doctor", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, {line["part"]: (line["ok"], line["words"]) for line in lines}


def wrong(found: dict[str, tuple[bool | None, str]]) -> dict[str, str]:
    return {part: words for part, (ok, words) in found.items() if ok is False}


def test_a_healthy_installation_is_said_to_be(patient: Patient, typed: Command):
    code, found = said(typed)
    assert (code, wrong(found)) == (0, {})
    assert list(found) == ["settings", "database", "storage", "queue", "workers", "scheduler", "audio", "transcriber"]
    assert all(ok for ok, _ in found.values())


def test_without_json_it_is_a_line_a_part(patient: Patient, typed: Command, quick: None):
    patient.redis.config_set("requirepass", "another-secret")
    done = typed("doctor")
    marks = {line[7:20].strip(): line[:5].strip() for line in done.stdout.splitlines()}
    told = {"queue": "WRONG", "workers": "?", "scheduler": "?"}
    assert (done.returncode, marks) == (1, dict.fromkeys(marks, "ok") | told)


@pytest.mark.parametrize("case", BROKEN)
def test_the_part_that_is_broken_is_named_with_what_to_do(patient: Patient, typed: Command, quick: None, case: Case):
    case.breaks(patient)
    code, found = said(typed)
    ill = wrong(found)
    assert (code, " ".join(ill)) == (1, case.parts), ill
    assert all(case.says in words for words in ill.values()) or case.says in ill[case.parts.split()[0]], ill
    assert "itself broke" not in str(found)
    assert "secret" not in str(found)


@pytest.mark.long
@pytest.mark.parametrize("state", ["a wrong key", "away", "no address", "slow"])
@pytest.mark.parametrize("part", PROVIDERS)
def test_a_provider_that_is_broken_is_named(patient: Patient, typed: Command, quick: None, part: str, state: str):
    name = PROVIDERS[part]
    with realparts.providers(patient.patch) as running:
        if state == "slow":
            running.all[name].latency_s = 15.0
        elif state == "a wrong key":
            running.all[name].key = "another"
        else:
            patient.set(**{f"{name}_BASE_URL": "nonsense" if state == "no address" else f"http://{patient.nowhere()}"})
        code, found = said(typed)
    assert (code, list(wrong(found))) == (1, [part]), found
    what = {"slow": f"Check {name}_BASE_URL", "a wrong key": f"Check {name}_API_KEY"}
    assert what.get(state, f"{name}_BASE_URL" if state == "no address" else "cannot be reached") in found[part][1]


def test_nobody_waits_long_for_parts_that_take_a_line_and_say_nothing(patient: Patient, typed: Command, quick: None):
    patient.patch.setattr(doctor, "PATIENCE_S", 3.0)
    bucket(patient)
    sftp(patient)
    silent = patient.silent()
    patient.set(
        DATABASE_URL=f"postgresql://u@{silent}/d?connect_timeout=5",
        REDIS_URL=f"redis://{silent}?socket_timeout=5",
        S3_ENDPOINT_URL=f"http://{silent}",
        SFTP_PORT=silent.split(":")[1],
        **{f"{name}_API_KEY": "k" for name in PROVIDERS.values()},
        **{f"{name}_BASE_URL": f"http://{silent}" for name in PROVIDERS.values()},
    )
    code, found = said(typed)
    assert (code, set(wrong(found))) == (1, {"database", "storage", "queue", "sftp", *PROVIDERS})
    for part, where in doctor.WHERE.items():
        assert found[part][1] == f"No answer within 3 seconds. Check {where}, and any firewall on the way."
