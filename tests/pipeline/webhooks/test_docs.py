"""The examples of docs/webhooks.md verify what is really sent, and refuse what is not."""

import json
import re
import shutil
import subprocess
import sys
from datetime import timedelta

import pytest

from pipeline.webhooks import schedule, sender, signing
from records.db import now
from records.deliveries import KEPT
from records.webhooks import ROTATION, Event, new_secret
from tests.conftest import missing
from tests.house_rules import ROOT

DOC = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
BODY = '{"type":"call.completed","data":{"filename":"gr\\u00f6\\u00dfer.wav"}}'
PYTHON = (
    "import json as j, sys\n{code}\ngiven = j.loads(sys.stdin.read())\n"
    "print(j.dumps(verified(given[0].encode(), *given[1:])))"
)
NODE = (
    '{code}\nconst given = JSON.parse(require("node:fs").readFileSync(0));'
    "\nconsole.log(JSON.stringify(verified(...given)));"
)


def example(heading: str) -> str:
    """The code below a heading."""
    return re.search(rf"^### {heading}\n.*?^```\w+\n(.*?)^```", DOC, re.MULTILINE | re.DOTALL)[1]


def run(heading: str, body: str, headers: dict[str, str], secret: str) -> subprocess.CompletedProcess[str]:
    if heading.startswith("Python"):
        command = [sys.executable, "-c", PYTHON.replace("{code}", example(heading))]
    else:
        command = [
            shutil.which("node") or missing("Node is not installed"),
            "-e",
            NODE.replace("{code}", example(heading)),
        ]
    given = json.dumps([body, headers, secret])
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("heading", ["Python, with the library", "Python, by hand", "JavaScript, by hand"])
def test_the_examples_tell_our_messages_from_others(heading: str):
    secret, moment = new_secret(), now()
    headers = signing.headers("msg_1", moment, BODY.encode(), [new_secret(), secret])
    fine = run(heading, BODY, headers, secret)
    assert fine.returncode == 0, fine.stderr
    assert json.loads(fine.stdout) == json.loads(BODY)
    old = signing.headers("msg_1", moment - timedelta(minutes=6), BODY.encode(), [secret])
    for body, given in ((BODY + " ", headers), (BODY, {**headers, "webhook-id": "msg_2"}), (BODY, old)):
        assert run(heading, body, given, secret).returncode != 0


def test_what_the_text_promises_is_what_the_code_does():
    assert schedule.TRIES_AT_S == (0, 30, 120, 600, 3600)
    assert "at once, and 30 s, 2 min, 10 min and 1 h after the first try" in DOC
    assert f"After {schedule.PAUSED_AFTER} tries in vain in a row" in DOC
    assert f"within {sender.WHOLE_S:g} seconds" in DOC
    assert f"must stand within {sender.CONNECT_S:g} s" in DOC
    assert f"first {sender.MOST_KEPT} characters" in DOC
    assert f"kept for {KEPT.days} days" in DOC
    assert f"For {ROTATION.total_seconds() / 3600:g} hours" in DOC
    for event in Event:
        assert f"| `{event}` |" in DOC
