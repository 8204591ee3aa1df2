"""What is noted about unfinished uploads."""

import json
import time
from pathlib import Path

import pytest

from commands.sending.state import KEPT_S, MOST, Unfinished, folder
from commands.sending.threads import in_threads


@pytest.fixture
def notes(tmp_path, said) -> Unfinished:
    return Unfinished(tmp_path / "cache", "http://server", "support", said.append)


def test_a_note_is_of_one_server_campaign_and_thing(notes, tmp_path, said):
    notes.note("upload7", "upload", "abc")
    assert notes.get("upload", "abc") == "upload7"
    others = [("http://other", "support", "abc"), ("http://server", "sales", "abc"), ("http://server", "support", "x")]
    for server, campaign, digest in others:
        assert Unfinished(tmp_path / "cache", server, campaign, said.append).get("upload", digest) == ""
    assert notes.get("job", "abc") == ""


def test_a_note_is_dropped_only_by_whoever_means_the_same(notes):
    notes.note("mine", "upload", "abc")
    notes.note("another's", "upload", "abc")
    notes.forget("mine", "upload", "abc")
    assert notes.get("upload", "abc") == "another's"
    notes.forget("another's", "upload", "abc")
    assert notes.get("upload", "abc") == ""


def test_many_at_once_lose_no_note(notes, tmp_path, said):
    others = [Unfinished(tmp_path / "cache", "http://server", "support", said.append) for _ in range(4)]

    def note(number: int) -> None:
        others[number % 4].note(f"u{number}", "upload", str(number))

    list(in_threads(note, range(40), 8))
    assert [notes.get("upload", str(number)) for number in range(40)] == [f"u{number}" for number in range(40)]
    assert {path.name for path in (tmp_path / "cache").iterdir()} == {"uploads.json", "uploads.lock"}


def test_old_notes_go_and_there_are_never_too_many(notes, tmp_path):
    entries = {str(number): {"is": "x", "at": time.time() - number} for number in range(MOST + 5)}
    entries["old"] = {"is": "x", "at": time.time() - KEPT_S - 1}
    entries["strange"] = {"is": "x", "at": "yesterday"}
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "uploads.json").write_text(json.dumps({"entries": entries}))
    notes.note("new", "upload", "abc")
    kept = json.loads((tmp_path / "cache" / "uploads.json").read_bytes())["entries"]
    assert len(kept) == MOST
    assert not {"old", "strange", str(MOST)} & set(kept)
    assert notes.get("upload", "abc") == "new"


def test_notes_are_for_this_user_s_eyes(notes, tmp_path):
    notes.note("upload7", "upload", "abc")
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "cache" / "uploads.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("given_", "expected"), [("/somewhere", "/somewhere"), ("not/absolute", None), ("", None)])
def test_the_cache_is_where_the_desktop_s_rules_want_it(monkeypatch, tmp_path, given_, expected):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", given_)
    assert folder() == Path(expected or tmp_path / ".cache") / "totalview"
