"""Transcribers are found by name, and loaded only when used."""

import subprocess
import sys
from pathlib import Path

import pytest

from config import Settings, settings
from pipeline.outcome import Fault, ProviderError
from pipeline.transcribers import registry
from pipeline.transcribers.local import Local
from pipeline.transcribers.whisper import Whisper


@pytest.mark.parametrize("name", registry.names())
def test_every_transcriber_bears_the_name_that_it_is_found_by(name):
    made = registry.transcriber(name)
    assert made.name == name
    assert isinstance(registry.redacts(name), bool)
    assert registry.PROVIDERS[name].label


def test_a_name_that_nobody_bears_is_said_in_words():
    with pytest.raises(
        ProviderError, match=r"There is no transcriber 'parrot' here\. Choose assemblyai, deepgram, whisper, local"
    ) as caught:
        registry.transcriber("parrot")
    assert caught.value.fault is Fault.SETTINGS
    with pytest.raises(ProviderError):
        registry.needs_samples("parrot")


def test_without_a_whisper_model_the_draft_is_the_default():
    assert registry.default(Settings()) == "local"
    assert isinstance(registry.transcriber("local"), Local)


def test_with_a_whisper_model_whisper_is_the_default_and_has_that_model(monkeypatch):
    monkeypatch.setenv("WHISPER_MODEL", "small.en")
    settings.cache_clear()
    assert registry.default(settings()) == "whisper"
    made = registry.transcriber("whisper")
    assert isinstance(made, Whisper)
    assert made.model == "small.en"


def test_local_transcribers_work_on_samples_and_on_as_many_calls_as_the_deployment_says(monkeypatch):
    monkeypatch.setenv("TOTALVIEW_LOCAL_CALLS", "3")
    for name in ("whisper", "local"):
        assert (registry.needs_samples(name), registry.remote(name)) == (True, False)
        assert registry.places(name, Settings()) == 3


def test_each_provider_has_places_of_its_own(monkeypatch):
    monkeypatch.setenv("DEEPGRAM_CALLS", "7")
    assert registry.places("deepgram", Settings()) == 7
    assert registry.places("assemblyai", Settings()) == 200
    assert registry.remote("assemblyai")


@pytest.mark.parametrize(
    ("keys", "usable"),
    [
        ({}, ("local",)),
        ({"DEEPGRAM_API_KEY": "k"}, ("deepgram", "local")),
        ({"WHISPER_MODEL": "m", "ASSEMBLYAI_API_KEY": "k"}, ("assemblyai", "whisper", "local")),
    ],
    ids=str,
)
def test_the_default_is_the_best_that_the_keys_allow(monkeypatch, keys, usable):
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    assert registry.usable(Settings()) == usable
    assert registry.default(Settings()) == usable[0]


def test_a_campaign_that_redacts_gets_one_that_can(monkeypatch):
    monkeypatch.setenv("WHISPER_MODEL", "m")
    assert registry.default(Settings(), redact=True) == "local", "which will be refused, in words"
    monkeypatch.setenv("DEEPGRAM_API_KEY", "k")
    assert registry.default(Settings(), redact=True) == "deepgram"


def test_looking_at_the_table_loads_no_recogniser():
    code = (
        "import sys; from pipeline.transcribers import registry; registry.names();"
        "print([name for name in ('pocketsphinx', 'faster_whisper', 'numpy') if name in sys.modules])"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=root)
    assert done.stdout.strip() == "[]"
