"""`totalview upload`: what is sent, what is not, and what is told of each file."""

import hashlib
import json
import os
import threading
from pathlib import Path

import pytest

from commands.sending import batch
from tests.commands.sending.uploading import MEGABYTE, made


@pytest.fixture
def calls(tmp_path) -> Path:
    """A folder of three recordings, one of them below, and things that are none."""
    folder = made(tmp_path / "calls", one=b"sound 1", two=b"sound 2")
    made(folder / "2026", three=b"sound 3")
    (folder / "notes.txt").write_text("call back")
    (folder / ".hidden.wav").write_bytes(b"hidden")
    return folder


def test_a_folder_is_sent_with_all_that_is_below_it(uploader, server, calls):
    told = uploader.run(calls)
    assert (told.exit_code, server.names()) == (0, ["one.wav", "three.wav", "two.wav"])
    assert told.stdout == "Uploaded\n3\n"
    assert told.stderr == "Bulk job: 1\nLeft out, as not looking like recordings: 1. With --all they are sent too.\n"


def test_each_file_is_a_line_of_json(uploader, calls):
    one, *_ = uploader.told(calls / "one.wav")
    assert one == {
        "file": str(calls / "one.wav"),
        "status": "uploaded",
        "call_id": "call0",
        "sha256": hashlib.sha256(b"sound 1").hexdigest(),
        "size": 7,
        "error": None,
    }


def test_with_all_whatever_is_there_is_sent_but_hidden_files(uploader, server, calls):
    assert uploader.run(calls, "--all").exit_code == 0
    assert server.names() == ["notes.txt", "one.wav", "three.wav", "two.wav"]


def test_a_file_that_is_named_is_sent_whatever_it_looks_like(uploader, server, calls):
    assert uploader.run(calls / "notes.txt").exit_code == 0
    assert server.names() == ["notes.txt"]


def test_run_again_nothing_is_sent_and_all_is_well(uploader, server, calls):
    uploader.run(calls)
    sent, requests = server.bytes_in, len(server.requests)
    again = uploader.run(calls)
    assert (again.exit_code, server.bytes_in) == (0, sent)
    assert {method for method, _path in server.requests[requests:]} == {"GET"}
    assert again.stdout.splitlines()[0].split("  ") == ["Uploaded", "Already there"]


def test_a_bulk_job_is_made_for_two_and_expects_what_will_be_sent(uploader, server, calls):
    uploader.run(calls / "one.wav")
    assert server.jobs == []
    uploader.run(calls)
    [job] = server.jobs
    assert (job["expected"], job["name"], job["counts"]["arrived"]) == (2, "calls", 2)


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(uploader, server, calls):
    uploader.run(calls / "two.wav")
    told = uploader.run(calls, "--dry-run")
    assert told.exit_code == 0
    assert sorted(told.stdout.splitlines()[:3]) == [
        f"already there     {calls}/two.wav",
        f"would be uploaded {calls}/2026/three.wav",
        f"would be uploaded {calls}/one.wav",
    ]
    assert uploader.told(calls, "--dry-run")[0]["status"] == "would_upload"
    assert (len(server.calls), server.jobs) == (1, [])


def test_a_refused_file_stops_no_other_and_is_told_in_the_server_s_words(uploader, server, calls):
    (calls / "bad.wav").write_bytes(b"BAD")
    (calls / "empty.wav").touch()
    told = uploader.run(calls)
    assert (told.exit_code, len(server.calls)) == (1, 3)
    assert f"refused  {calls}/bad.wav: This file is not a recording: it is text.\n" in told.stdout
    assert [row.split() for row in told.stdout.splitlines()[-2:]] == [["Uploaded", "Refused"], ["3", "2"]]


def test_the_same_bytes_twice_are_sent_once(uploader, server, calls):
    made(calls, twin=b"sound 1")
    assert sorted(uploader.statuses(calls)) == ["duplicate", "uploaded", "uploaded", "uploaded"]
    assert (server.jobs[0]["expected"], server.count("POST", "/calls/upload")) == (3, 3)


def test_a_large_file_goes_in_pieces_and_a_checksum_guards_each(uploader, server, tmp_path):
    data = os.urandom(40 * MEGABYTE + 5)
    folder = made(tmp_path / "large", large=data)
    [told] = uploader.told(folder)
    assert (told["status"], told["sha256"]) == ("uploaded", hashlib.sha256(data).hexdigest())
    assert server.count("PATCH", "/uploads/") == 3
    assert server.uploads["upload0"]["data"] == data


def test_the_limit_between_the_two_ways_is_kept_to(uploader, server, tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "SMALL", 1000)
    uploader.run(made(tmp_path / "ways", small=b"a" * 1000, large=b"b" * 1001))
    assert (server.count("POST", "/calls/upload"), server.count("POST", "/uploads")) == (1, 1)


NAMES = [b"emoji \xf0\x9f\x98\x80.wav", b"new\nline.wav", b"caf\xe9.wav", b'quo"te.wav', b"100%+ a:b.wav", b"-x.wav"]


@pytest.mark.parametrize("way", [8 << 20, 0])
def test_names_of_every_kind_arrive(uploader, server, tmp_path, monkeypatch, way):
    monkeypatch.setattr(batch, "SMALL", way)
    (tmp_path / "names").mkdir()
    for name in [*NAMES, b"a" * 251 + b".wav"]:
        Path(os.fsdecode(bytes(tmp_path / "names") + b"/" + name)).write_bytes(name)
    told = uploader.told(tmp_path / "names")
    assert {one["status"] for one in told} == {"uploaded"}
    assert {os.fsencode(one["file"]).rpartition(b"/")[2] for one in told} >= set(NAMES)
    assert {"emoji 😀.wav", "newline.wav", "caf�.wav", "quo'te.wav", "100%+ a:b.wav"} <= set(server.names())
    assert uploader.run(tmp_path / "names").exit_code == 0


def test_paths_that_cannot_be_sent_fail_in_words_and_stop_no_other(uploader, calls, tmp_path):
    os.mkfifo(calls / "pipe.wav")
    (calls / "lost.wav").symlink_to(tmp_path / "nowhere")
    told = {Path(one["file"]).name: one for one in uploader.told(calls, tmp_path / "none.wav")}
    assert [told[name]["status"] for name in ("pipe.wav", "lost.wav", "none.wav", "one.wav")] == [
        *["failed"] * 3,
        "uploaded",
    ]
    assert "a device or a pipe" in told["pipe.wav"]["error"]
    assert told["none.wav"]["error"] == "There is no such file, or not any more."
    assert told["none.wav"]["sha256"] is None


def test_links_in_a_circle_come_to_an_end(uploader, server, calls):
    (calls / "2026" / "up").symlink_to(calls)
    (calls / "itself").symlink_to(calls / "itself")
    assert uploader.run(calls).exit_code == 0
    assert server.names() == ["one.wav", "three.wav", "two.wav"]


def test_an_empty_folder_is_a_sentence(uploader, tmp_path):
    (tmp_path / "empty").mkdir()
    told = uploader.run(tmp_path / "empty")
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr == "There is no recording in this folder. Files that do not look like one are sent with --all.\n"


@pytest.mark.parametrize("missing", ["TOTALVIEW_URL", "TOTALVIEW_API_KEY"])
def test_without_server_or_key_it_says_how_to_give_them(uploader, calls, missing):
    told = uploader.run(calls, **{missing: ""})
    assert told.exit_code == 2
    assert missing in told.stderr


@pytest.mark.parametrize(
    "url", ["calls.example.com", "ftp://calls.example.com", "http://", "http://a/?b=c", "http://[x", "http://x:99999"]
)
def test_what_is_no_address_is_refused_at_once(uploader, calls, url):
    told = uploader.run(calls, TOTALVIEW_URL=url)
    assert told.exit_code == 2
    assert "is no address" in told.stderr


@pytest.mark.parametrize("path", ["", "/", "/api/v1", "/api/v1/"])
def test_the_address_may_be_the_dashboard_s_or_the_api_s(uploader, server, calls, path):
    assert uploader.run(calls, TOTALVIEW_URL=server.url + path).exit_code == 0


def test_a_key_of_another_campaign_sends_nothing(uploader, server, calls):
    told = uploader.run(calls, campaign="sales")
    assert (told.exit_code, server.calls) == (1, {})
    assert told.stderr.startswith("This key is of the campaign 'support', not 'sales'.")


def test_a_wrong_key_is_one_sentence_and_is_told_nobody(uploader, server, calls):
    told = uploader.run(calls, key="tv_wrong")
    assert (told.exit_code, told.stdout, len(server.requests)) == (1, "", 1)
    assert told.stderr == ("The server does not take this key: it is wrong, revoked or expired. Use another key.\n")


def test_a_key_with_strange_characters_is_refused_before_it_is_sent(uploader, server, calls):
    assert uploader.run(calls, key="tv_ä\n").exit_code == 2
    assert server.requests == []


def test_nothing_of_the_key_is_kept_on_this_machine(uploader, server, tmp_path, calls):
    server.cut_after = 20 * MEGABYTE
    uploader.run(made(calls, large=os.urandom(30 * MEGABYTE)), "--give-up-after", "0")
    kept = "".join(path.read_text() for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert kept
    assert "tv_" not in kept
    assert "calls" not in kept


def test_progress_is_told_in_lines_where_nobody_looks_on(uploader, calls, monkeypatch):
    monkeypatch.setattr("commands.sending.progress.EVERY_S", 0.0)
    lines = uploader.run(calls).stderr.splitlines()
    assert "Looking: 3 files, 0.0 MB" in lines
    assert any(line.startswith("Sending: 3 of 3 files, 0.0 of 0.0 MB") for line in lines)


def test_few_files_are_on_their_way_however_many_there_are(uploader, server, tmp_path):
    most, now, lock = [0], [0], threading.Lock()

    def slow(method, path, _standin):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        threading.Event().wait(0.02)
        with lock:
            now[0] -= 1

    server.fault = slow
    folder = made(tmp_path / "many", **{f"c{number}": b"%d" % number for number in range(12)})
    assert uploader.run(folder, "--parallel", "3").exit_code == 0
    assert most[0] == 3


def test_the_json_holds_nothing_but_its_lines(uploader, calls):
    told = uploader.run(calls, "--json")
    assert len([json.loads(line) for line in told.stdout.splitlines()]) == 3
