"""What workers log while everything goes wrong: which call it is about, and never a secret or a word that was said."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import Settings, logs, settings
from records.statuses import CallStatus
from tests import realparts
from tests.installation import Installation, installed, until
from tests.ports import free_port
from tests.realparts import Providers
from tests.simulators.server import Trouble

SAID = "the customers card number"
SECRETS = {
    "OIDC_CLIENT_SECRET": "secret-of-oidc",
    "TOTALVIEW_METRICS_TOKEN": "secret-of-metrics",
    "SFTP_PASSWORD": "secret-of-sftp",
    "SFTP_PRIVATE_KEY_PASSPHRASE": "secret-of-key",
    "AWS_SECRET_ACCESS_KEY": "secret-of-aws",
}
KEYS = {"assemblyai": "secret-of-assemblyai", "deepgram": "secret-of-deepgram", "claude": "secret-of-claude"}


@pytest.fixture
def providers(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Providers]:
    with realparts.providers(monkeypatch) as running:
        for name, simulator in running.all.items():
            simulator.key = KEYS.get(name.lower(), KEYS["claude"])
            monkeypatch.setenv(f"{name}_API_KEY", simulator.key)
        realparts.campaigns()
        yield running


@pytest.fixture
def installation(providers: Providers, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    sweeps = {"SFTP_HOST": "127.0.0.1", "SFTP_PORT": str(free_port()), "SFTP_USERNAME": "tv", "SFTP_SWEEP_SECONDS": "5"}
    for name, value in {**SECRETS, **sweeps, "TOTALVIEW_LOG_FORMAT": "json", "TOTALVIEW_LOG_LEVEL": "DEBUG"}.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    with installed(home) as running:
        running.workers()
        yield running


def broken(key: str) -> list[Trouble]:
    """Answers that repeat the key, and one whose form is wrong around what was said."""
    told = json.dumps({"error": f"bad {key}", "err_msg": f"bad {key}", "message": f"Authorization: Bearer {key}"})
    return [Trouble(500, told.encode()), Trouble(200, json.dumps({"id": 7, "text": [SAID], "results": SAID}).encode())]


def test_lines_say_whose_they_are_and_hold_neither_secrets_nor_what_was_said(installation, providers):
    for simulator in providers.all.values():
        simulator.troubles.extend(broken(simulator.key))
    calls = [realparts.take_in(campaign, number) for number, campaign in enumerate(realparts.CAMPAIGNS)]
    for call in calls:
        until(lambda one=call: realparts.call_now(one).status is CallStatus.COMPLETED, "the call is Completed")
    until(lambda: "sweep of the SFTP server broke off" in installation.words(), "a sweep has failed")
    providers.claude.key = "another-secret-of-claude"
    realparts.take_in("deepgram", 2)
    until(lambda: "Claude is paused" in installation.words(), "a refused key has paused Claude")
    text = installation.words()
    lines = [json.loads(line) for line in text.splitlines()]
    tried_again = [line for line in lines if "will try" in line["message"]]
    assert {line["stage"] for line in tried_again} == {"transcription", "analysis"}
    assert {line["call_id"] for line in tried_again} >= {call.id for call in calls}
    for line in tried_again:
        assert (line["queue"], line["run"]) == (line["stage"], 1)
        assert re.fullmatch(rf"{line['queue']} \d+", line["thread"])
        assert f"Run {line['run_id']} will try" in line["message"]
        assert "Traceback" in line["error"]
    assert not [secret for secret in [*SECRETS.values(), *KEYS.values()] if secret in text]
    assert not [secret for secret in logs.secrets(settings()) if secret and secret in text]
    assert SAID not in text
    assert "thank you for calling" not in text.lower()


def test_every_secret_setting_is_among_those_that_are_looked_for():
    tried = {*SECRETS, *(f"{name}_API_KEY" for name in ("ASSEMBLYAI", "DEEPGRAM", "ANTHROPIC"))}
    in_addresses_and_keys = {"DATABASE_URL", "REDIS_URL", "SFTP_PRIVATE_KEY"}  # tests/config/test_logs.py
    secret = {
        str(field.validation_alias)
        for field in Settings.model_fields.values()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("secret")
    }
    assert secret == tried - {"AWS_SECRET_ACCESS_KEY"} | in_addresses_and_keys
