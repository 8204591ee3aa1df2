"""compose.yaml and what it names: settings that exist, commands that exist, secrets that are made, checks that work."""

import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml
from typer.testing import CliRunner

import cli
from config import Settings
from jobs import supervise
from tests.house_rules import ROOT
from tests.installation import installed, until
from tests.ports import free_port
from tests.website import website

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "totalview"}
OF_LIBRARIES = {"FORWARDED_ALLOW_IPS"}  # uvicorn's
MOUNTED = "/run/secrets/"


@pytest.fixture(scope="module")
def secrets(tmp_path_factory) -> Path:
    """What deploy/secrets.sh makes."""
    folder = tmp_path_factory.mktemp("made") / "secrets"
    subprocess.run([ROOT / "deploy" / "secrets.sh", folder], check=True, capture_output=True)
    return folder


def test_every_part_is_there():
    assert set(OURS) == {"migrate", "web", "worker", "scheduler"}
    assert {service["image"] for name, service in SERVICES.items() if name not in OURS} == {"postgres:17", "redis:7"}
    assert SERVICES["worker"]["deploy"]["replicas"] == 2


@pytest.mark.parametrize("name", OURS)
def test_its_command_exists(name):
    told = CliRunner().invoke(cli.app, [*OURS[name]["command"], "--help"])
    assert told.exit_code == 0, told.output


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting(name):
    known = {str(field.validation_alias) for field in Settings.model_fields.values()} | OF_LIBRARIES
    assert {variable.removesuffix("_FILE") for variable in OURS[name]["environment"]} <= known


@pytest.mark.parametrize("name", OURS)
def test_secrets_come_by_file_and_by_no_other_way(name):
    secret = {
        str(field.validation_alias)
        for field in Settings.model_fields.values()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("secret")
    }
    assert not secret & set(OURS[name]["environment"])


@pytest.mark.parametrize("name", SERVICES)
def test_every_secret_that_it_reads_is_given_to_it_and_made_by_the_script(name, secrets: Path):
    variables = SERVICES[name].get("environment", {}).values()
    read = {value.removeprefix(MOUNTED) for value in variables if value.startswith(MOUNTED)}
    assert read == set(SERVICES[name].get("secrets", ()))
    for each in read:
        assert COMPOSE["secrets"][each]["file"] == f"secrets/{each}"
        assert (secrets / each).exists()


def test_the_script_makes_settings_that_hold(secrets: Path, monkeypatch):
    for variable, place in OURS["web"]["environment"].items():
        if place.startswith(MOUNTED):
            monkeypatch.setenv(variable, str(secrets / place.removeprefix(MOUNTED)))
    known = Settings()
    password = (secrets / "postgres_password").read_text()
    assert known.database_url == f"postgresql://totalview:{password}@postgres/totalview"
    assert len(known.metrics_token) == len(password) == 48
    assert known.metrics_token != password
    assert (known.redis_url, known.deepgram_api_key) == ("redis://redis:6379/0", "")


def test_the_script_keeps_what_is_there_and_the_folder_closed(secrets: Path):
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    subprocess.run([ROOT / "deploy" / "secrets.sh", secrets], check=True, capture_output=True)
    assert {path.name: path.read_bytes() for path in secrets.iterdir()} == before
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700


def test_what_a_part_waits_for_is_there_and_says_when_it_is_ready():
    for service in SERVICES.values():
        for name, how in service.get("depends_on", {}).items():
            assert how["condition"] == ("service_completed_successfully" if name == "migrate" else "service_healthy")
            assert name == "migrate" or "healthcheck" in SERVICES[name]


def test_volumes_are_declared_and_only_the_web_process_is_reached_and_from_this_machine():
    named = {volume.split(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    assert named == set(COMPOSE["volumes"])
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["127.0.0.1:8501:8501"]
    }


def healthy(address: str) -> bool:
    """By the health check as it stands, but for the address and the Python."""
    _, _, *rest = SERVICES["web"]["healthcheck"]["test"]
    command = [sys.executable, *(each.replace("http://127.0.0.1:8501", address) for each in rest)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_the_health_check_tells_ready_from_not(home):
    assert not healthy(f"http://127.0.0.1:{free_port()}")
    with website(home) as site:
        assert httpx.get(f"{site.address}/healthz").status_code == 200
        assert not healthy(site.address), "Redis is away"
        with installed(home):
            until(lambda: healthy(site.address), "all is there")


def test_it_has_time_to_hand_back_what_it_is_at():
    for service in OURS.values():
        stops = float(service["environment"].get("TOTALVIEW_STOP_SECONDS", Settings().stop_seconds))
        assert float(service["stop_grace_period"].removesuffix("s")) > stops + supervise.CLOSING_S
