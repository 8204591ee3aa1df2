"""`totalview upload` as a program of its own, against the real API: killed, cut off, run twice at once."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, func, select

from records import db
from records.bulk import BulkItem
from records.calls import Call
from records.campaigns import Campaign
from records.uploads import ResumableUpload
from tests.api.uploading import bearer, key_of
from tests.audio import pcm_wav, tone
from tests.commands.sending.uploading import MEGABYTE
from tests.house_rules import ROOT
from tests.installation import installed, kill, until
from tests.pipeline.arriving import wav
from tests.ports import free_port
from tests.simulators.line import Line, line_to
from tests.website import Website, website

GOOD, BAD = 57, 3


@dataclass
class Sender:
    """Somebody's machine, which knows nothing of the server but its address and a key."""

    folder: Path
    address: str
    key: str

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT),
            "TOTALVIEW_URL": self.address,
            "TOTALVIEW_API_KEY": self.key,
        }
        return subprocess.Popen(
            [sys.executable, "-m", "cli", "upload", "--campaign", "support", "--json", *arguments],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str | Path) -> "Told":
        return told(self.start(*arguments))


@dataclass
class Told:
    code: int
    lines: list[dict]
    stderr: str

    def count(self, status: str) -> int:
        return sum(line["status"] == status for line in self.lines)


def told(process: subprocess.Popen[str]) -> Told:
    out, err = process.communicate(timeout=200)
    return Told(process.returncode, [json.loads(line) for line in out.splitlines()], err)


@pytest.fixture
def site(home: Path, campaign: Campaign) -> Iterator[Website]:
    with installed(home), website(home, options=["--api-only"]) as running:
        yield running


@pytest.fixture
def line(site: Website) -> Iterator[Line]:
    with line_to(site.address) as made:
        yield made


@pytest.fixture
def sender(tmp_path: Path, line: Line) -> Sender:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return Sender(folder, line.url, key_of())


def mend(line: Line) -> None:
    line.cut_after, line.is_cut = -1, False


def many(folder: Path, good: int = GOOD) -> Path:
    """Sixty files, or another number, three of them no recordings."""
    for number in range(good):
        (folder / f"call {number:02} 😀.wav").write_bytes(wav(number, seconds=0.2))
    (folder / "empty.wav").touch()
    (folder / "text.mp3").write_text("no sound at all")
    (folder / "short.wav").write_bytes(wav(99)[:30])
    return folder


def large(path: Path, megabytes: int) -> Path:
    """A recording in which no two megabytes are alike."""
    size = megabytes * MEGABYTE
    head = bytearray(pcm_wav(tone(0.1, rate=8000), 8000)[:44])
    head[4:8], head[40:44] = (size + 36).to_bytes(4, "little"), size.to_bytes(4, "little")
    path.write_bytes(bytes(head) + os.urandom(size))
    return path


def calls() -> int:
    with db.reading() as session:
        return session.exec(select(func.count()).select_from(Call)).one()


def uploads() -> list[ResumableUpload]:
    with db.reading() as session:
        return list(session.exec(select(ResumableUpload).order_by(col(ResumableUpload.created_at))))


def job(sender: Sender, number: int = 1) -> dict:
    answer = httpx.get(f"{sender.address}/api/v1/bulk_jobs/{number}", headers=bearer(sender.key))
    return answer.raise_for_status().json()


def test_killed_in_the_middle_it_goes_on_there_in_the_same_bulk_job(sender, line, tmp_path):
    folder = many(tmp_path / "elsewhere", 8)
    path = large(folder / "long.wav", 24)
    line.cut_after = 20 * MEGABYTE
    first = sender.start(folder)
    until(lambda: line.is_cut, "the line is cut in the middle")
    kill(first.pid)
    first.communicate()
    [upload] = uploads()
    assert upload.received == 16 * MEGABYTE
    mend(line)
    line.cut_after = 20 * MEGABYTE  # would not do for all of it again
    again = sender.run(folder)
    assert (again.code, calls(), len(uploads()), line.is_cut) == (1, 9, 1, False)
    assert [again.count(status) for status in ("refused", "failed")] == [BAD, 0]
    assert "Bulk job: 1\n" in again.stderr
    counts = job(sender)["counts"]
    assert (counts["arrived"], counts["missing"]) == (9, 0)
    [told_of_long] = [one for one in again.lines if one["file"] == str(path)]
    with db.reading() as session:
        call = session.get_one(Call, told_of_long["call_id"])
    assert call.sha256 == hashlib.sha256(path.read_bytes()).hexdigest() == told_of_long["sha256"]
    assert not (sender.folder / "data").exists()


@pytest.mark.long
def test_killed_and_run_again_it_sends_what_is_missing_in_the_same_bulk_job(sender, tmp_path):
    folder = many(tmp_path / "elsewhere")
    first = sender.start(folder)
    until(lambda: calls() >= GOOD // 4, "some of them are in")
    kill(first.pid)
    first.communicate()
    there = calls()
    assert there < GOOD
    again = sender.run(folder)
    assert (again.code, calls()) == (1, GOOD)
    assert [again.count(status) for status in ("refused", "failed")] == [BAD, 0]
    assert again.count("duplicate") >= there
    assert again.count("uploaded") >= GOOD - there - 4  # what was on its way arrived, perhaps, after the kill
    assert {line["error"] for line in again.lines if line["file"].endswith("text.mp3")} == {
        "This file is not a recording: it is text."
    }
    assert "Bulk job: 1\n" in again.stderr
    counts = job(sender)["counts"]
    assert (counts["arrived"], counts["missing"]) == (GOOD, 0)
    with db.reading() as session:
        names = session.exec(select(Call.filename)).all()
        in_job = session.exec(select(func.count()).where(col(BulkItem.call_id).is_not(None))).one()
    assert (sorted(names)[7], in_job) == ("call 07 😀.wav", GOOD)
    assert not (sender.folder / "data").exists()


@pytest.mark.long
def test_a_large_file_goes_on_where_the_killed_command_left_it(sender, line, tmp_path):
    path = large(tmp_path / "long.wav", 50)
    line.cut_after = 37 * MEGABYTE
    first = sender.start(path)
    until(lambda: line.is_cut, "the line is cut in the middle")
    kill(first.pid)
    first.communicate()
    [upload] = uploads()
    assert 16 * MEGABYTE <= upload.received < 38 * MEGABYTE
    mend(line)
    line.cut_after = 50 * MEGABYTE + 37 * MEGABYTE - upload.received  # would not do for all of it again
    again = sender.run(path)
    assert (again.code, again.count("uploaded"), len(uploads())) == (0, 1, 1)
    with db.reading() as session:
        call = session.get_one(Call, again.lines[0]["call_id"])
    assert call.sha256 == hashlib.sha256(path.read_bytes()).hexdigest() == again.lines[0]["sha256"]


@pytest.mark.long
def test_a_server_that_is_restarted_in_the_middle_is_waited_for(home, campaign, tmp_path):
    port = str(free_port())
    folder = many(tmp_path)
    large(folder / "long.wav", 50)
    with installed(home):
        with website(home, options=["--api-only"], TOTALVIEW_PORT=port) as site:
            sender = Sender(tmp_path, site.address, key_of())
            running = sender.start(folder)
            until(lambda: calls() >= 20 and any(upload.received for upload in uploads()), "some of it is in")
            site.process.kill()
        with website(home, options=["--api-only"], TOTALVIEW_PORT=port):
            came = told(running)
    assert (came.code, came.count("refused"), came.count("failed")) == (1, BAD, 0)
    assert (calls(), len(uploads())) == (GOOD + 1, 1)
    assert "Trying again for 5 minutes." in came.stderr
    assert "The server answers again." in came.stderr


@pytest.mark.long
def test_two_at_once_make_no_call_twice(sender, tmp_path):
    folder = many(tmp_path / "elsewhere")
    large(folder / "long.wav", 50)
    both = [told(process) for process in [sender.start(folder), sender.start(folder)]]
    assert [(one.code, one.count("refused"), one.count("failed")) for one in both] == [(1, BAD, 0)] * 2
    assert calls() == GOOD + 1
    ids = [{line["file"]: line["call_id"] for line in one.lines} for one in both]
    assert ids[0] == ids[1]
    assert job(sender)["counts"]["missing"] == 0


@pytest.mark.long
def test_a_bad_line_costs_time_and_nothing_else(sender, line, tmp_path):
    path = large(tmp_path / "long.wav", 50)
    line.cut_after = 12 * MEGABYTE
    running = sender.start(path)
    for _ in range(3):
        until(lambda: line.is_cut, "the line is cut")
        line.cut_after, line.is_cut = 12 * MEGABYTE, False
    until(lambda: line.is_cut, "the line is cut once more")
    mend(line)
    came = told(running)
    assert (came.code, came.count("uploaded"), len(uploads())) == (0, 1, 1)


@pytest.mark.long
def test_a_wrong_key_is_one_sentence_and_exit_1(sender, tmp_path):
    sender.key = "tv_wrong"
    refused = sender.run(many(tmp_path))
    assert (refused.code, refused.lines, refused.stderr.count("\n")) == (1, [], 1)
    assert refused.stderr.startswith("The server does not take this key")
