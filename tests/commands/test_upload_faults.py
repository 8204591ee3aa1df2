"""`totalview upload` when things go wrong: the line, the server, the files, and whoever presses Ctrl-C."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from commands.sending import batch, contents, patience, pieces
from commands.sending.state import Unfinished
from tests.commands.standin import KEY, Answer, HangUp, Standin, problem, standin
from tests.commands.uploading import Uploader, made
from tests.house_rules import ROOT
from tests.installation import until

KILOBYTE = 1 << 10


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A thousandth of the real sizes: files above 8 KB go in pieces of 16 KB."""
    for module, name in [(batch, "SMALL"), *[(pieces, name) for name in ("LARGEST", "SMALLEST", "SLICE")]]:
        monkeypatch.setattr(module, name, getattr(module, name) >> 10)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(patience, "FIRST_S", 0.01)
    with standin() as made:
        yield made


@pytest.fixture
def uploader(server):
    return Uploader(server)


@pytest.fixture
def calls(tmp_path) -> Path:
    return made(tmp_path / "calls", one=b"sound 1", two=b"sound 2")


@pytest.fixture
def large(tmp_path) -> Path:
    return made(tmp_path / "large", large=os.urandom(40 * KILOBYTE)) / "large.wav"


def once(answer: Answer | type[Exception], method: str, path: str):
    """A fault for the first request of this kind."""
    left = [answer]

    def fault(asked: str, where: str, _standin: Standin):
        if left and asked == method and where.startswith(path):
            now = left.pop()
            if isinstance(now, type):
                raise now
            return now
        return None

    return fault


PASSING = [
    HangUp,
    problem(429, "Too many.", "too-many-requests", Retry_After="0"),
    problem(503, "The database is away.", "database-away", Retry_After="0"),
    problem(500, "Internal error."),
    Answer(502, b"<html>bad gateway</html>", {"Content-Type": "text/html"}),
    problem(408, "Too slow."),
    problem(409, "Send it again.", "just-deleted"),
    Answer(200, b"no gzip at all", {"Content-Encoding": "gzip"}),
]


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("where", [("GET", "/campaign"), ("GET", "/calls"), ("POST", "/calls/upload")])
def test_what_passes_is_tried_again(uploader, server, calls, fault, where):
    method, path = where
    server.fault = once(fault, method, path)
    assert uploader.run(calls / "one.wav").exit_code == 0
    assert server.count(method, path) == 2
    assert server.names() == ["one.wav"]


@pytest.mark.parametrize(
    "fault", [*PASSING[:6], problem(423, "Held.", Retry_After="0"), problem(460, "Wrong checksum.")]
)
@pytest.mark.parametrize("where", [("POST", "/uploads"), ("PATCH", "/uploads/")])
def test_what_passes_costs_a_large_file_one_piece(uploader, server, large, fault, where):
    method, path = where
    server.fault = once(fault, method, path)
    assert uploader.run(large).exit_code == 0
    assert server.count("POST", "/uploads") == 1 + (path == "/uploads")
    [digest] = server.calls
    assert digest == hashlib.sha256(large.read_bytes()).hexdigest()


def test_pieces_are_smaller_after_a_break_and_grow_again(uploader, server, large):
    sizes = []

    def note(method, _path, one):
        if method == "PATCH":
            sizes.append(len(one.uploads["upload0"]["data"]))

    server.cut_after = 20 * KILOBYTE
    server.fault = note
    assert uploader.run(large).exit_code == 0
    assert [size // KILOBYTE for size in sizes] == [0, 16, 16, 24]
    assert server.bytes_in == 40 * KILOBYTE


def test_an_upload_that_the_server_dropped_begins_anew(uploader, server, large):
    server.fault = once(problem(410, "Nothing was added for 24 hours."), "PATCH", "/uploads/")
    assert uploader.run(large).exit_code == 0
    assert server.count("POST", "/uploads") == 2


def test_one_that_is_dropped_again_and_again_fails_in_words(uploader, server, large):
    server.fault = lambda method, *_: problem(404, "There is no such upload.") if method == "PATCH" else None
    [told] = uploader.told(large)
    assert (told["status"], server.count("POST", "/uploads")) == ("failed", 3)
    assert told["error"] == "The server has dropped this upload 3 times. There is no such upload."


def test_a_large_file_that_is_refused_is_told_in_the_server_s_words(uploader, server, tmp_path):
    folder = made(tmp_path / "bad", bad=b"BAD" + bytes(9 * KILOBYTE))
    [told] = uploader.told(folder)
    assert (told["status"], told["error"]) == ("refused", "This file is not a recording: it is text.")


def test_a_refusal_whose_answer_is_lost_is_asked_for_and_nothing_is_sent_twice(uploader, server, tmp_path, monkeypatch):
    folder = made(tmp_path / "bad", bad=b"BAD" + bytes(9 * KILOBYTE))
    take = Standin.take

    def taken_and_cut(self, *given):
        take(self, *given)
        self.uploads["upload0"]["refused"] = True
        raise HangUp

    monkeypatch.setattr(Standin, "take", taken_and_cut)
    [told] = uploader.told(folder)
    assert (told["status"], told["error"]) == ("refused", "What came was refused: it is text.")
    assert server.count("POST", "/uploads") == 1


def test_a_call_whose_answer_is_lost_is_found_again(uploader, server, large, monkeypatch):
    take, cut = Standin.take, []

    def taken_and_cut(self, *given):
        taken = take(self, *given)
        if not cut:
            cut.append(1)
            self.uploads["upload0"]["call"] = taken
            raise HangUp
        return taken

    monkeypatch.setattr(Standin, "take", taken_and_cut)
    [told] = uploader.told(large)
    assert (told["status"], told["call_id"], server.count("POST", "/uploads")) == ("uploaded", "call0", 1)


def test_a_server_that_stays_away_is_given_up_after_a_bounded_time(uploader, server, calls):
    server.fault = lambda *_: problem(503, "The database is away.", "database-away")
    told = uploader.run(calls, "--give-up-after", "0.05")
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr == (
        "The database is away. Trying again for 0 seconds.\nThe database is away. It was tried for 0 seconds.\n"
    )


def test_a_server_that_goes_away_in_the_middle_says_how_to_go_on(uploader, server, calls):
    def away(_method, path, one):
        if path == "/calls/upload" and one.calls:
            raise HangUp

    server.fault = away
    told = uploader.run(calls, "--give-up-after", "0.05", "--parallel", "1")
    assert told.exit_code == 1
    assert told.stdout == "Uploaded\n1\n"
    assert told.stderr.endswith("Run the same command again: it sends only what is missing.\n")
    server.fault = lambda *_: None
    again = uploader.run(calls)
    assert (again.exit_code, len(server.calls), len(server.jobs)) == (0, 2, 1)


def test_no_server_at_all_is_one_sentence(calls, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    nowhere = Standin()
    nowhere.url = "http://127.0.0.1:9"
    told = Uploader(nowhere).run(calls, "--give-up-after", "0")
    assert told.exit_code == 1
    assert "http://127.0.0.1:9 cannot be reached" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(200, b"<html>welcome</html>", {"Content-Type": "text/html"}), "is no TotalView with an API"),
        (Answer(200, b"[]"), "is no TotalView with an API"),
        (Answer(404, b"nothing"), "is no TotalView with an API"),
        (
            Answer(308, None, {"Location": "https://elsewhere.example.com/api"}),
            "sends on to https://elsewhere.example.com",
        ),
        (problem(403, "This key may not ask."), "This key may not ask."),
    ],
)
def test_what_answers_but_is_no_totalview_is_told_at_once(uploader, server, calls, answer, words):
    server.fault = lambda *_: answer
    told = uploader.run(calls)
    assert (told.exit_code, len(server.requests)) == (1, 1)
    assert words in told.stderr


def test_a_server_that_breaks_over_one_file_fails_that_file(uploader, server, calls):
    def breaks(_method, path, one):
        return (
            problem(500, "Internal error.")
            if 1 <= one.count("POST", "/calls/upload") <= 5 and path != "/calls"
            else None
        )

    server.fault = breaks
    told = uploader.told(calls, "--parallel", "1")
    assert sorted(one["status"] for one in told) == ["failed", "uploaded"]
    assert {one["error"] for one in told} == {None, "Internal error. It was tried 5 times."}


def test_a_key_that_is_revoked_in_the_middle_stops_all(uploader, server, tmp_path):
    server.fault = lambda _method, _path, one: problem(401, "Send a valid key.") if len(one.calls) > 2 else None
    folder = made(tmp_path / "many", **{f"c{number}": b"%d" % number for number in range(30)})
    told = uploader.run(folder, "--parallel", "1")
    assert (told.exit_code, len(server.calls)) == (1, 3)
    assert told.stderr.count("The server does not take this key") == 1


def test_a_bulk_job_that_is_cancelled_stops_all(uploader, server, calls):
    cancelled = problem(409, "Bulk job 1 was cancelled, so that it takes no recordings any more.", "cancelled")
    server.fault = lambda _method, path, _one: cancelled if path == "/calls/upload" else None
    told = uploader.run(calls, "--parallel", "1")
    assert told.exit_code == 1
    assert "Bulk job 1 was cancelled" in told.stderr
    assert server.count("POST", "/calls/upload") == 1


def test_a_server_without_bulk_jobs_takes_the_files_all_the_same(uploader, server, calls):
    server.fault = lambda _method, path, _one: problem(422, "expected: too many.") if path == "/bulk_jobs" else None
    told = uploader.run(calls)
    assert (told.exit_code, len(server.calls)) == (0, 2)
    assert "There will be no bulk job for these files: expected: too many." in told.stderr


@pytest.mark.parametrize("when", ["before", "while"])
@pytest.mark.parametrize("size", [100_000, 20 * KILOBYTE])
def test_a_file_that_changes_is_never_taken_for_whole(uploader, server, tmp_path, when, size):
    path = made(tmp_path / "growing", growing=os.urandom(size)) / "growing.wav"
    trigger = ("POST", "/bulk_jobs") if when == "before" else ("PATCH" if size > KILOBYTE else "POST", "")
    made(path.parent, other=b"sound")

    def grow(method, where, _one):
        if method == trigger[0] and where.startswith(trigger[1] or ("/uploads/", "/calls/upload")[size < KILOBYTE]):
            with path.open("ab") as file:
                file.write(b"more")

    server.fault = grow
    told = {Path(one["file"]).name: one for one in uploader.told(path.parent)}
    if when == "while" and size < KILOBYTE:  # it was on its way before the server could see the request
        assert told["growing.wav"]["status"] in {"uploaded", "failed"}
    else:
        assert (told["growing.wav"]["status"], told["growing.wav"]["error"]) == ("failed", contents.CHANGED)
        assert server.names() == ["other.wav"]
    assert told["other.wav"]["status"] == "uploaded"


def test_a_file_that_vanishes_fails_in_words(uploader, server, calls):
    def vanish(_method, path, _one):
        if path == "/bulk_jobs":
            (calls / "one.wav").unlink()

    server.fault = vanish
    one, two = uploader.told(calls)
    assert (one["status"], one["error"]) == ("failed", "There is no such file, or not any more.")
    assert two["status"] == "uploaded"


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


def test_ctrl_c_ends_it_at_once_with_a_sentence(server, large, tmp_path):
    stuck = threading.Event()
    server.fault = lambda method, *_: stuck.wait(30) and None if method == "POST" else None
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "upload", large, "--campaign", "support", "--url", server.url],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TOTALVIEW_API_KEY": KEY},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: server.count("POST", "/calls/upload") == 1, "it is sending")
    process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=10)
    finally:
        stuck.set()
        process.kill()
    assert (process.returncode, out) == (130, "")
    assert err == "Stopped. Run the same command again: it sends only what is missing.\n"
