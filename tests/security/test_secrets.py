"""Secrets stay where they are: in no command's output, no answer, no page, no stored word, whatever goes wrong."""

import os
import subprocess
import sys

import httpx
import pytest

from config import Settings
from records import db
from records.tables import METADATA
from tests.daily import daily
from tests.house_rules import ROOT
from tests.ports import free_port
from tests.security.callers import world
from tests.website import page_socket, run_page, text_of, website

MARK = "marked-secret"
NOWHERE = "127.0.0.1:1"  # nobody listens there
KEY = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{MARK}AAAAB3NzaC1yc2E\n-----END OPENSSH PRIVATE KEY-----"
SECRETS = {
    "TOTALVIEW_METRICS_TOKEN": f"{MARK}-metrics",
    "SFTP_PASSWORD": f"{MARK}-sftp",
    "SFTP_PRIVATE_KEY": KEY,
    "SFTP_PRIVATE_KEY_PASSPHRASE": f"{MARK}-passphrase",
    "OIDC_CLIENT_SECRET": f"{MARK}-oidc",
    "ASSEMBLYAI_API_KEY": f"{MARK}-assemblyai",
    "DEEPGRAM_API_KEY": f"{MARK}-deepgram",
    "ANTHROPIC_API_KEY": f"{MARK}-anthropic",
    "AWS_SECRET_ACCESS_KEY": f"{MARK}-aws",
}
AWAY = {
    "DATABASE_URL": f"postgresql+psycopg://totalview:{MARK}-database@{NOWHERE}/totalview",
    "REDIS_URL": f"redis://:{MARK}-redis@{NOWHERE}/0",
}
BESIDE = {
    "SFTP_HOST": "127.0.0.1",
    "SFTP_PORT": "1",
    "SFTP_USERNAME": "totalview",
    "OIDC_ISSUER": f"http://{NOWHERE}",
    "OIDC_CLIENT_ID": "totalview",
    "ASSEMBLYAI_BASE_URL": f"http://{NOWHERE}",
    "DEEPGRAM_BASE_URL": f"http://{NOWHERE}",
    "ANTHROPIC_BASE_URL": f"http://{NOWHERE}",
    "TOTALVIEW_LOG_LEVEL": "DEBUG",
}
COMMANDS = ("campaign list", "doctor --json", "sftp test", "migrate", "process samples/none.wav")
PATHS = ("/readyz", "/healthz", "/metrics", "/login", "/sso", "/sso/callback", "/api/v1/openapi.json", "/queues/")


def test_every_secret_of_the_settings_is_tried_here():
    fields = Settings.model_fields.values()
    marked = {field.validation_alias for field in fields if (field.json_schema_extra or {}).get("secret")}
    assert len(marked) > 1
    assert marked <= {*SECRETS, *AWAY}


@pytest.mark.parametrize("command", daily(1, COMMANDS))
def test_a_command_that_fails_for_everything_says_no_secret(tmp_path, command):
    variables = {**os.environ, **SECRETS, **AWAY, **BESIDE, "TOTALVIEW_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    running = [sys.executable, "-m", "cli", *command.split()]
    done = subprocess.run(running, env=variables, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert said
    assert MARK not in said


def test_the_web_process_gives_no_secret_away(about_sqlite):
    environment = {**SECRETS, **BESIDE, "TOTALVIEW_PUBLIC_URL": f"http://127.0.0.1:{free_port()}"}
    environment["REDIS_URL"] = AWAY["REDIS_URL"]
    here = world()
    with website(about_sqlite.parent, **environment) as site:
        told = [_asked(site.address + path, here.headers("owner")) for path in PATHS]
        metrics = {"Authorization": f"Bearer {SECRETS['TOTALVIEW_METRICS_TOKEN']}"}
        told.append(_asked(f"{site.address}/metrics", metrics))
        with page_socket(site, Cookie=here.headers("owner")["Cookie"]) as opened:
            told += [text_of(run_page(opened, page)) for page in ("", "system", "audit_log", "sftp_batches")]
        told.append(site.said.read_text())
    assert MARK not in "".join(told)
    assert MARK not in _stored()


def _asked(address: str, headers: dict[str, str]) -> str:
    answer = httpx.get(address, headers=headers, timeout=60)
    return f"{answer.headers} {answer.text}"


def _stored() -> str:
    with db.reading() as session:
        return "".join(str(session.connection().execute(table.select()).all()) for table in METADATA.sorted_tables)
