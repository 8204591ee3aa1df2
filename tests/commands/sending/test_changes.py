"""`totalview upload` when files change, notes are lost, and somebody presses Ctrl-C."""

import hashlib
import os
import signal
import subprocess
import sys
import threading

import pytest

from commands.sending import contents
from commands.sending.state import Unfinished
from tests.commands.sending.standin import KEY, Answer
from tests.commands.sending.uploading import KILOBYTE, made
from tests.house_rules import ROOT
from tests.installation import until

pytestmark = pytest.mark.usefixtures("thousandth")


@pytest.mark.parametrize(
    ("size", "when"),
    [(5 * KILOBYTE, "/bulk_jobs"), (20 * KILOBYTE, "/bulk_jobs"), (40 * KILOBYTE, "/uploads/")],
)
def test_a_file_that_changes_is_never_taken_for_whole(uploader, server, tmp_path, size, when):
    """Before it is sent, and between two of its pieces."""
    path = made(tmp_path / "growing", growing=os.urandom(size), other=b"sound") / "growing.wav"

    def grow(_method, where, _one):
        if where.startswith(when):
            with path.open("ab") as file:
                file.write(b"more")

    server.fault = grow
    growing, other = uploader.told(path.parent)
    assert (growing["status"], growing["error"], growing["call_id"]) == ("failed", contents.CHANGED, None)
    assert (other["status"], server.names()) == ("uploaded", ["other.wav"])


def test_a_file_that_vanishes_fails_in_words(uploader, server, two):
    def vanish(_method, path, _one):
        if path == "/bulk_jobs":
            (two / "one.wav").unlink()

    server.fault = vanish
    gone, there = uploader.told(two)
    assert (gone["status"], gone["error"]) == ("failed", "There is no such file, or not any more.")
    assert there["status"] == "uploaded"


@pytest.mark.parametrize("state", [b"", b"{", b"[]", b'{"entries": 3}', b'{"entries": {"a": 1}}', b"\xff" * 99])
def test_a_broken_state_file_costs_time_and_nothing_else(uploader, server, large, tmp_path, state):
    kept = tmp_path / "cache" / "totalview"
    kept.mkdir(parents=True)
    (kept / "uploads.json").write_bytes(state)
    assert uploader.run(large).exit_code == 0
    assert server.count("POST", "/uploads") == 1


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(uploader, server, large, tmp_path):
    (tmp_path / "cache").write_text("this is no folder")
    told = uploader.run(large)
    assert told.exit_code == 0
    assert told.stderr.count("What is unfinished cannot be noted in") == 1


def test_an_unfinished_upload_is_gone_on_with_by_the_next_run(uploader, server, large):
    server.cut_after = 20 * KILOBYTE
    assert uploader.run(large, "--give-up-after", "0").exit_code == 1
    assert uploader.run(large).exit_code == 0
    assert (server.count("POST", "/uploads"), server.bytes_in) == (1, 40 * KILOBYTE)


def test_a_note_about_another_recording_is_not_believed(uploader, server, large, tmp_path):
    digest = hashlib.sha256(large.read_bytes()).hexdigest()
    uploader.run(made(tmp_path / "other", other=bytes(9 * KILOBYTE)))
    Unfinished(tmp_path / "cache" / "totalview", server.url, "support", print).note("upload0", "upload", digest)
    server.uploads["upload0"]["call"] = None
    assert uploader.run(large).exit_code == 0
    assert digest in server.calls


def test_a_proxy_that_tells_another_address_is_not_followed(uploader, server, large):
    begin = Answer(201, None, {"Location": "http://evil.example.com:8080/api/v1/uploads/upload0?x=1"})

    def proxied(method, path, one):
        if (method, path) == ("POST", "/uploads"):
            one.uploads["upload0"] = {"data": b"", "size": 40 * KILOBYTE, "fields": {}, "call": None}
            return begin
        return None

    server.fault = proxied
    assert uploader.run(large).exit_code == 0
    assert len(server.uploads["upload0"]["data"]) == 40 * KILOBYTE


# Whatever runs the tests in the background has turned the signal off for all that it starts.
IN_FRONT = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); import cli; cli.main()"


def test_ctrl_c_ends_it_at_once_with_a_sentence(server, large, tmp_path):
    stuck = threading.Event()
    server.fault = lambda method, *_: stuck.wait(30) and None if method == "POST" else None
    process = subprocess.Popen(
        [sys.executable, "-c", IN_FRONT, "upload", large, "--campaign", "support", "--url", server.url],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TOTALVIEW_API_KEY": KEY},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: server.count("POST", "/calls/upload") == 1, "it is sending")
    process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=60)
    finally:
        stuck.set()
        process.kill()
    assert (process.returncode, out) == (130, "")
    assert err == "Stopped. Run the same command again: it sends only what is missing.\n"
