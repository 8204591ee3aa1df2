"""The doctor asks each provider whose key is set, and says in words what is wrong with it."""

import json
from collections.abc import Iterator

import pytest

from commands import doctor
from config import settings
from jobs.health import Trouble
from pipeline.evaluators import registry as evaluators
from records import db, outages
from tests import realparts
from tests.realparts import Providers
from tests.simulators.server import Trouble as Disturbance


@pytest.fixture
def providers(home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Providers]:
    with realparts.providers(monkeypatch) as running:
        yield running


def asked() -> dict[str, str]:
    """What the doctor says of each provider."""
    found = {}
    for name, check in doctor._providers().items():
        try:
            found[name] = check()
        except Trouble as trouble:
            found[name] = f"WRONG {trouble}"
    return found


def test_each_provider_whose_key_is_set_is_asked_at_no_cost(providers: Providers):
    assert asked() == {
        "assemblyai": "AssemblyAI answers and takes the key",
        "deepgram": "Deepgram answers and takes the key",
        "claude": "Claude answers, takes the key, and has claude-sonnet-5-5",
    }
    assert [simulator.paid for simulator in providers.all.values()] == [[], [], []]


def test_without_keys_nobody_is_asked(home):
    assert asked() == {}


def test_a_refused_key_is_named(providers: Providers):
    for simulator in providers.all.values():
        simulator.key = "another"
    found = asked()
    for name, key in (("assemblyai", "ASSEMBLYAI"), ("deepgram", "DEEPGRAM"), ("claude", "ANTHROPIC")):
        assert found[name].startswith("WRONG ")
        assert f"Check {key}_API_KEY" in found[name]
        assert "sk-simulated" not in found[name]


def test_a_model_that_is_not_there_is_named_with_those_that_are(providers: Providers, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_MODEL", "claude-nine")
    settings.cache_clear()
    assert asked()["claude"] == (
        "WRONG Claude has no model 'claude-nine'. Set ANTHROPIC_MODEL to one of claude-haiku-5-5, claude-sonnet-5-5, "
        "claude-opus-5-5."
    )


def test_a_server_that_lists_no_models_will_do(providers: Providers, monkeypatch):
    providers.claude.troubles.append(Disturbance(404, b"not found"))
    assert "lists no models; 'claude-sonnet-5-5' is asked for" in evaluators.model().check()


def test_a_provider_that_is_not_there_is_said_to_be(providers: Providers, monkeypatch):
    for name in providers.all:
        monkeypatch.setenv(f"{name}_BASE_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    assert all("cannot be reached" in words for words in asked().values())


def test_a_provider_that_is_well_again_lets_its_calls_go_on(providers: Providers):
    with db.writing() as session:
        outages.pause(session, "deepgram", "No credit.", seconds=3600)
    assert asked()["deepgram"] == "Deepgram answers and takes the key; its calls, which waited, go on now"
    with db.reading() as session:
        assert outages.due(session, "deepgram")


def test_the_command_prints_a_line_a_part(providers: Providers, typed):
    done = typed("doctor", "--json")
    parts = {line["part"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert parts["claude"]["ok"]
    assert parts["assemblyai"]["words"] == "AssemblyAI answers and takes the key"
    assert done.returncode == 1, "nothing runs here"
