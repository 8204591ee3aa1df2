"""`totalview upload` when things go wrong: the line, the server, the files, and whoever presses Ctrl-C."""

import hashlib

import pytest

from tests.commands.sending.standin import Answer, HangUp, Standin, problem
from tests.commands.sending.uploading import KILOBYTE, Uploader, made

pytestmark = pytest.mark.usefixtures("thousandth")


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
def test_what_passes_is_tried_again(uploader, server, two, fault, where):
    method, path = where
    server.fault = once(fault, method, path)
    assert uploader.run(two / "one.wav").exit_code == 0
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


def test_a_server_that_stays_away_is_given_up_after_a_bounded_time(uploader, server, two):
    server.fault = lambda *_: problem(503, "The database is away.", "database-away")
    told = uploader.run(two, "--give-up-after", "0.05")
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr == (
        "The database is away. Trying again for 0 seconds.\nThe database is away. It was tried for 0 seconds.\n"
    )


def test_a_server_that_goes_away_in_the_middle_says_how_to_go_on(uploader, server, two):
    def away(_method, path, one):
        if path == "/calls/upload" and one.calls:
            raise HangUp

    server.fault = away
    told = uploader.run(two, "--give-up-after", "0.05", "--parallel", "1")
    assert told.exit_code == 1
    assert told.stdout == "Uploaded\n1\n"
    assert told.stderr.endswith("Run the same command again: it sends only what is missing.\n")
    server.fault = lambda *_: None
    again = uploader.run(two)
    assert (again.exit_code, len(server.calls), len(server.jobs)) == (0, 2, 1)


def test_no_server_at_all_is_one_sentence(two, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    nowhere = Standin()
    nowhere.url = "http://127.0.0.1:9"
    told = Uploader(nowhere).run(two, "--give-up-after", "0")
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
def test_what_answers_but_is_no_totalview_is_told_at_once(uploader, server, two, answer, words):
    server.fault = lambda *_: answer
    told = uploader.run(two)
    assert (told.exit_code, len(server.requests)) == (1, 1)
    assert words in told.stderr


def test_a_server_that_breaks_over_one_file_fails_that_file(uploader, server, two):
    def breaks(_method, path, one):
        return (
            problem(500, "Internal error.")
            if 1 <= one.count("POST", "/calls/upload") <= 5 and path != "/calls"
            else None
        )

    server.fault = breaks
    told = uploader.told(two, "--parallel", "1")
    assert sorted(one["status"] for one in told) == ["failed", "uploaded"]
    assert {one["error"] for one in told} == {None, "Internal error. It was tried 5 times."}


def test_a_key_that_is_revoked_in_the_middle_stops_all(uploader, server, tmp_path):
    server.fault = lambda _method, _path, one: problem(401, "Send a valid key.") if len(one.calls) > 2 else None
    folder = made(tmp_path / "many", **{f"c{number}": b"%d" % number for number in range(30)})
    told = uploader.run(folder, "--parallel", "1")
    assert (told.exit_code, len(server.calls)) == (1, 3)
    assert told.stderr.count("The server does not take this key") == 1


def test_a_bulk_job_that_is_cancelled_stops_all(uploader, server, two):
    cancelled = problem(409, "Bulk job 1 was cancelled, so that it takes no recordings any more.", "cancelled")
    server.fault = lambda _method, path, _one: cancelled if path == "/calls/upload" else None
    told = uploader.run(two, "--parallel", "1")
    assert told.exit_code == 1
    assert "Bulk job 1 was cancelled" in told.stderr
    assert server.count("POST", "/calls/upload") == 1


def test_a_server_without_bulk_jobs_takes_the_files_all_the_same(uploader, server, two):
    server.fault = lambda _method, path, _one: problem(422, "expected: too many.") if path == "/bulk_jobs" else None
    told = uploader.run(two)
    assert (told.exit_code, len(server.calls)) == (0, 2)
    assert "There will be no bulk job for these files: expected: too many." in told.stderr
