"""Which files are found, and what is read of them."""

import re
from pathlib import Path

import pytest

from commands.sending.contents import Contents, Recording, Unsendable, look
from commands.sending.finding import SUFFIXES, Finder
from commands.sending.spool import Item, Spool
from tests.audio import FORMATS
from tests.commands.sending.uploading import made


def test_every_format_that_is_taken_in_is_looked_for_by_its_suffix():
    assert {form.suffix for form in FORMATS.values()} <= SUFFIXES
    assert all(re.fullmatch(r"\.[a-z0-9]+", suffix) for suffix in SUFFIXES)


def test_suffixes_are_known_in_every_case(tmp_path):
    for name in ("A.WAV", "b.Mp3", "c", "d.wav.part", "._e.wav", ".f.wav"):
        (tmp_path / name).touch()
    finder = Finder([tmp_path], everything=False)
    assert [path.name for path in finder] == ["A.WAV", "b.Mp3"]
    assert finder.left_out == 2


def test_a_folder_that_is_named_twice_or_linked_is_gone_through_once(tmp_path):
    made(tmp_path / "a", one=b"1")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert len(list(Finder([tmp_path, tmp_path / "a", tmp_path / "b"], everything=False))) == 1


def test_a_folder_that_cannot_be_opened_is_told(tmp_path, monkeypatch):
    closed = made(tmp_path / "closed", one=b"1")

    def refuse(path: Path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("commands.sending.finding.os.listdir", refuse)
    assert list(Finder([closed], everything=False)) == [closed]
    with pytest.raises(Unsendable, match="may not read the folder"):
        look(closed, lambda _size: None)


def test_contents_are_what_was_looked_at_or_fail_before_their_end(tmp_path):
    path = tmp_path / "call.wav"
    path.write_bytes(b"sound" * 10_000)
    recording = look(path, lambda _size: None)
    with Contents(recording, lambda _at: None) as whole:
        assert read_all(whole) == b"sound" * 10_000
    with Contents(recording, lambda _at: None) as changing:
        changing.read(7)
        path.write_bytes(b"other" * 10_000)  # as long as before
        with pytest.raises(Unsendable):
            read_all(changing)
    with pytest.raises(Unsendable):
        Contents(recording, lambda _at: None)


def read_all(contents: Contents) -> bytes:
    return b"".join(iter(lambda: contents.read(1000), b""))


def test_a_spool_gives_back_what_it_was_given_and_takes_no_memory():
    items = [
        Item(Recording(f"/calls/\udce9{number}.wav", number, number, "ab"), "u" * (number % 2)) for number in range(9)
    ]
    with Spool() as spool:
        for item in items:
            spool.add(item)
        assert (list(spool), spool.count, spool.size) == (items, 9, 36)
