"""`totalview web`, as a process: what it prints, how it stops, and how it bears what breaks around it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from commands.web import _listen
from config import settings
from records import db
from tests import postgres
from tests.conftest import EVERYTHING_ON
from tests.house_rules import ROOT
from tests.ports import free_port
from tests.website import Website, page_socket, run_page, text_of, website

WITHOUT_A_TABLE = {  # what people read, and what the log does
    "sqlite": ("The database does not answer.", "no such table: call"),
    "postgresql": ("Something went wrong on this page.", 'relation "call" does not exist'),
}


@pytest.fixture
def site(home: Path) -> Iterator[Website]:
    with website(home) as running:
        yield running


def start_at(port: int, home: Path) -> subprocess.CompletedProcess[str]:
    """A start that is expected to fail."""
    return subprocess.run(
        [sys.executable, "-m", "cli", "web", "--host", "127.0.0.1", "--port", str(port)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TOTALVIEW_HOME": str(home)},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
def test_it_prints_one_line_and_stops_cleanly_with_a_page_open(home, token, number):
    with website(home) as site, page_socket(site, Cookie=f"tv_session={token}") as opened:
        run_page(opened)
        site.process.send_signal(number)
        rest, _ = site.process.communicate(timeout=60)
    assert (site.process.returncode, rest) == (0, "")
    assert site.said.read_text() == ""


def test_the_line_names_the_public_address_when_there_is_one(home):
    with (home / "err").open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "web", "--port", str(free_port())],
            env={**os.environ, "PYTHONPATH": str(ROOT), "TOTALVIEW_PUBLIC_URL": "https://calls.example.com/"},
            cwd=home,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "TotalView is ready at https://calls.example.com\n"
    finally:
        process.kill()
        process.communicate()


def test_a_taken_port_is_one_sentence_and_exit_1(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = start_at(port, home)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == (
        f"Port {port} is taken by another program. "
        "Stop that program, or choose another port with --port or TOTALVIEW_PORT.\n"
    )


@pytest.mark.parametrize("host", ["203.0.113.7", "no.such.host.invalid"])
def test_an_address_that_this_machine_does_not_have_is_one_sentence(typed, host):
    answer = typed("web", "--host", host, "--port", "8599")
    assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (1, "", 1)
    assert f"no address {host}" in answer.stderr


def test_the_settings_beside_the_entry_script_take_effect_wherever_it_is_started(home, token, owner, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / ".streamlit").mkdir(parents=True)
    (elsewhere / ".streamlit" / "config.toml").write_text(
        '[theme.light]\nprimaryColor = "#FF0000"\n[server]\ntrustedUserHeaders = { "x-evil" = "sid" }\n'
        "enableAgentApi = true\n[browser]\ngatherUsageStats = true\n"
    )
    with website(home, cwd=elsewhere) as site, page_socket(site, Cookie=f"tv_session={token}") as opened:
        messages = run_page(opened)
        began = next(each.new_session for each in messages if each.WhichOneof("type") == "new_session")
        assert began.custom_theme.light.primary_color == "#2563EB"
        assert began.custom_theme.dark.background_color == "#0B1220"
        assert not began.config.gather_usage_stats
        assert owner.email in text_of(messages)
        agent_api = httpx.post(f"{site.address}/_stcore/agent/interact", json={}, cookies={"tv_session": token})
        assert agent_api.status_code == 404


def test_the_first_deep_link_into_a_fresh_process_meets_the_guard(home, site: Website):
    with page_socket(site) as opened:
        assert "You are signed out" in text_of(run_page(opened, "call", "id=abc"))


def test_a_page_that_breaks_gives_away_nothing(home, site: Website, token):
    with db.writing() as session:
        session.connection().exec_driver_sql("ALTER TABLE call RENAME TO gone")
    with page_socket(site, Cookie=f"tv_session={token}") as opened:
        text = text_of(run_page(opened))
    words, cause = WITHOUT_A_TABLE[EVERYTHING_ON]
    assert words in text
    for secret in ("Traceback", cause, str(home), str(ROOT)):
        assert secret not in text
    assert cause in site.said.read_text()


def test_while_the_database_is_away_pages_say_so_and_the_process_lives(home, site: Website, token):
    if EVERYTHING_ON == "postgresql":
        postgres.close(os.environ["DATABASE_URL"])
    else:
        (home / "totalview.db").rename(home / "gone.db")
    answer = httpx.get(f"{site.address}/calls", cookies={"tv_session": token}, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert httpx.get(f"{site.address}/login").status_code == 503
    assert httpx.get(f"{site.address}/healthz").status_code == 200


def test_small_answers_are_sent_at_once():
    """Held back for an acknowledgement, each would take 40 ms longer."""
    with _listen(settings().model_copy(update={"port": 0})) as listener:
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
