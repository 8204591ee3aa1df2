"""`totalview process` where no worker runs and a provider is out of order: it says so, once, and can be stopped."""

import os
import signal
import subprocess
import sys

import pytest

from commands.process import Reasons
from tests.audio import encode, speech
from tests.house_rules import ROOT
from tests.simulators.assemblyai import AssemblyAISimulator
from tests.simulators.server import serving


@pytest.fixture
def recordings(tmp_path):
    """Two short spoken calls."""
    paths = [tmp_path / "one.wav", tmp_path / "two.wav"]
    for place, path in enumerate(paths):
        path.write_bytes(encode(speech().samples[:, : 16_000 * (4 + place)], 16_000, "wav"))
    return paths


@pytest.mark.long
def test_it_says_once_why_calls_wait_and_stops_when_told(totalview, recordings):
    totalview("campaign", "list")
    with serving(AssemblyAISimulator()) as provider:
        key = {"ASSEMBLYAI_API_KEY": "refused", "ASSEMBLYAI_BASE_URL": provider.url, "TOTALVIEW_LOCAL_CALLS": "2"}
        command = [sys.executable, "-m", "cli", "process", *recordings]
        with subprocess.Popen(command, env={**os.environ, **key}, cwd=ROOT, stderr=subprocess.PIPE, text=True) as begun:
            said = ""
            try:
                while "Waiting: " not in said:
                    line = begun.stderr.readline()
                    assert line, f"it ended and said nothing: {said}"
                    said += line
                begun.send_signal(signal.SIGINT)
                _, rest = begun.communicate(timeout=30)
            finally:
                begun.kill()
    assert "Waiting: AssemblyAI refuses the key" in said
    assert (begun.returncode, (said + rest).count("Waiting: ")) == (130, 1)
    assert "Stopped." in rest
    assert "Traceback" not in said + rest


def test_each_reason_is_said_once_and_as_text(capsys):
    reasons = Reasons()
    for words in ("", "Full.", "Full.", "\x1b[31mAway.", "Full."):
        reasons.say(words)
    assert capsys.readouterr().err == "Waiting: Full.\nWaiting: \N{REPLACEMENT CHARACTER}[31mAway.\n"
