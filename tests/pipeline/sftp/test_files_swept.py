"""Single files on a real server: growing, cut short, renamed, strange, foreign, here already."""

import os
from datetime import timedelta

import pytest
from sqlmodel import select

from pipeline import deletion
from pipeline.sftp import acts, sightings
from records import db
from records.access import COMMAND_LINE, Identity, NotFound
from records.calls import Call
from records.campaigns import NotUsable
from records.roles import Role
from tests.pipeline.arriving import wav
from tests.pipeline.sftp.yard import Yard


def test_a_file_is_taken_only_once_two_looks_five_seconds_apart_found_it_the_same(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
):
    yard.campaign("Sales")
    whole = wav(seconds=1)
    yard.server.put("sales/one.wav", whole[:3000], modified=1_760_000_000)
    yard.sweep()
    yard.server.put("sales/one.wav", whole[:6000], modified=1_760_000_001)
    yard.sweep()
    assert yard.verdicts() == {"detected: settling": 1}
    yard.server.put("sales/one.wav", whole, modified=1_760_000_001)
    monkeypatch.setattr(sightings, "STILL", timedelta(seconds=5))
    assert yard.sweep(3).unsettled
    assert yard.verdicts() == {"detected: settling": 1}
    monkeypatch.setattr(sightings, "STILL", timedelta(0))
    yard.sweep()
    yard.window_over()
    yard.sweep()
    assert yard.call("sales/one.wav").size == len(whole)
    yard.all_well()


def test_a_recording_that_was_cut_short_fails_until_it_comes_whole_or_somebody_takes_it(yard: Yard):
    yard.campaign("Sales")
    whole = wav(seconds=2)
    for name in ("mended", "taken"):
        yard.server.put(f"sales/{name}.wav", whole[: len(whole) // 2] + name.encode(), modified=1_760_000_000)
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    assert yard.verdicts() == {"failed: cut_short": 2}
    assert [status for status, _ in yard.batches()] == ["failed"]
    yard.server.put("sales/mended.wav", whole)
    acts.take_cut_short(COMMAND_LINE, yard.file("sales/taken.wav").id or 0)
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    assert yard.verdicts() == {"completed": 2}
    yard.all_well()


def test_a_file_that_is_renamed_when_it_is_whole_is_taken_under_its_last_name(yard: Yard):
    yard.campaign("Sales")
    yard.recordings("sales/one.wav.filepart", "sales/first name.wav")
    yard.sweep()
    root = yard.server.root / "sales"
    (root / "one.wav.filepart").rename(root / "one.wav")
    (root / "first name.wav").rename(root / "second name.wav")
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    assert yard.files() == {
        "sales/one.wav.filepart": "skipped: unfinished_name",
        "sales/first name.wav": "skipped: renamed",
        "sales/one.wav": "completed",
        "sales/second name.wav": "completed",
    }
    assert [status for status, _ in yard.batches()] == ["completed"]
    yard.all_well()


def test_a_file_that_is_taken_away_is_told_of(yard: Yard):
    yard.campaign("Sales")
    yard.recordings("sales/one.wav")
    yard.sweep(2)
    (yard.server.root / "sales/one.wav").unlink()
    yard.sweep()
    yard.window_over()
    yard.sweep()
    assert yard.files() == {"sales/one.wav": "skipped: vanished"}


def test_names_of_every_kind_come_in_as_they_are(yard: Yard):
    yard.campaign("Sales")
    names = [
        "with space.wav",
        "16:46:20.wav",
        "100% + more.wav",
        "émile 🎧.wav",
        "<b>bold</b> _x_ [y](z).wav",
        "a\nnew line.wav",
        "ü" * 125 + ".wav",
        "x" * 251 + ".wav",
        "back\\slash.wav",
    ]
    yard.recordings(*(f"sales/{name}" for name in names))
    yard.server.put(b"sales/caf\xe9.wav", wav(777, seconds=1))
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    assert yard.verdicts() == {"completed": 10}
    assert {"émile 🎧.wav", "16:46:20.wav", "caf\ufffd.wav", "ü" * 125 + ".wav"} <= set(yard.calls())


def test_what_is_left_out_by_rule_says_which(yard: Yard):
    yard.campaign("Sales", subfolders=False)
    yard.campaign("Off")
    yard.configure("off", enabled=False)
    left_out = {
        "sales/._one.wav": "foreign",
        "sales/.DS_Store": "foreign",
        "sales/Thumbs.db": "foreign",
        "sales/one.wav.part": "unfinished_name",
        "sales/one.xml": "sidecar",
        "sales/deep/two.wav": "subfolder",
        "off/three.wav": "off",
        "nobody's/four.wav": "unclaimed",
        "five.wav": "unclaimed",
        "sales/pipe": "special",
        "sales/link.wav": "link",
    }
    for path in left_out:
        yard.server.folder_at(str(path).rpartition("/")[0] or ".")
    os.mkfifo(yard.server.root / "sales/pipe")
    (yard.server.root / "sales/link.wav").symlink_to("/etc/passwd")
    yard.recordings(*(path for path in left_out if path not in {"sales/pipe", "sales/link.wav"}))
    yard.server.put("sales/notes.txt", b"no sound at all")
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    expected = {path: f"skipped: {code}" for path, code in left_out.items()}
    assert yard.files() == expected | {"sales/notes.txt": "skipped: not_audio"}
    yard.configure("sales", subfolders=True)
    yard.configure("off", enabled=True)
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    assert yard.files()["sales/deep/two.wav"] == yard.files()["off/three.wav"] == "completed"


def test_sound_under_another_name_comes_in(yard: Yard):
    yard.campaign("Sales")
    yard.recordings("sales/one.txt", "sales/two")
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    assert yard.verdicts() == {"completed": 2}


def test_what_is_here_already_is_a_duplicate_by_its_path_or_by_its_bytes(yard: Yard):
    yard.campaign("Sales")
    yard.server.put("sales/one.wav", wav(1, seconds=1), modified=1_760_000_000)
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    first = yard.call("sales/one.wav")
    yard.server.put("sales/again.wav", wav(1, seconds=1))
    yard.server.put("sales/one.wav", wav(2, seconds=1), modified=1_760_000_100)
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    assert yard.files() == {"sales/one.wav": "duplicate: same_path", "sales/again.wav": "duplicate: same_bytes"}
    assert yard.file("sales/again.wav").call_id == yard.file("sales/one.wav").call_id == first.id
    acts.import_as_new(COMMAND_LINE, yard.file("sales/one.wav").id or 0)
    yard.sweep(2)
    assert yard.files()["sales/one.wav"] == "completed"
    assert yard.call("sales/one.wav").id != first.id
    with pytest.raises(NotUsable, match="whose path was imported before"):
        acts.import_as_new(COMMAND_LINE, yard.file("sales/again.wav").id or 0)
    yard.all_well()


def test_a_deleted_call_does_not_come_back_under_any_name(yard: Yard):
    yard.campaign("Sales")
    yard.server.put("sales/Ada Moss.wav", wav(1, seconds=1), modified=1_760_000_000)
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    call = yard.call("sales/Ada Moss.wav")
    with db.writing() as session:
        session.merge(call)
    deletion.delete_call(COMMAND_LINE, call.id)
    yard.server.put("sales/copy.wav", wav(1, seconds=1))
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    assert yard.files() == {"": "completed: deleted", "sales/copy.wav": "duplicate: deleted"}
    with db.reading() as session:
        assert session.exec(select(Call)).all() == []


def test_acts_are_for_those_who_may_upload_there(yard: Yard):
    yard.campaign("Sales")
    yard.server.put("sales/one.wav", b"no recording")
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    number = yard.file("sales/one.wav").id or 0
    stranger = Identity(None, Role.MANAGER, "m@example.com")
    for act in (acts.import_as_new, acts.take_cut_short, acts.process_now):
        with pytest.raises(NotFound):
            act(stranger, number)
    with pytest.raises(NotFound):
        acts.retry(stranger, [number])
    yard.server.put("sales/one.wav", wav(seconds=1), modified=yard.file("sales/one.wav").modified.timestamp())
    assert acts.retry(COMMAND_LINE, [number]) == 1
    yard.sweep(2)
    yard.window_over()
    yard.sweep(2)
    assert yard.verdicts() == {"completed": 1}
