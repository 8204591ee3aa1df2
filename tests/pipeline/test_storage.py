"""What both kinds of storage keep to: every test here runs on a folder and on a bucket."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from config import settings
from pipeline.storage import Folder, Storage, StorageAway, call_of, recording_key, storage
from records.db import now

KEY = recording_key("ab" + "0" * 30)
OTHER = recording_key("cd" + "0" * 30)
PART = b"x" * (9 << 20)  # more than one part of an upload
LATER = timedelta(hours=1)


@pytest.fixture(params=["folder", "bucket"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    monkeypatch.setenv("TOTALVIEW_HOME", str(tmp_path))
    settings.cache_clear()
    if request.param == "bucket":
        request.getfixturevalue("bucket")
    return storage()


def put(shelf: Storage, key: str, *blocks: bytes) -> None:
    with shelf.write(key) as sink:
        for block in blocks:
            sink.write(block)


def left(shelf: Storage) -> tuple[list[str], int]:
    """Keys of whole objects, and how many unfinished ones there were until now."""
    return sorted(shelf.older_than(now() + LATER)), shelf.drop_unfinished(now() + LATER)


def content(shelf: Storage, key: str) -> bytes:
    with shelf.open(key) as stream:
        return stream.read()


def test_what_is_written_is_read_measured_and_lent(shelf: Storage):
    put(shelf, KEY, b"so", b"", b"und")
    assert (content(shelf, KEY), shelf.size(KEY)) == (b"sound", 5)
    with shelf.local(KEY) as path:
        assert path.read_bytes() == b"sound"
    assert left(shelf) == ([KEY], 0)


def test_a_large_object_comes_back_as_it_went(shelf: Storage):
    blocks = [bytes([number]) * 1_000_003 for number in range(40)]
    put(shelf, KEY, *blocks)
    assert shelf.size(KEY) == 40 * 1_000_003
    assert content(shelf, KEY) == b"".join(blocks)
    with shelf.local(KEY) as path:
        assert path.read_bytes() == b"".join(blocks)


def test_what_lies_in_one_folder_is_listed_alone(shelf: Storage):
    put(shelf, KEY, b"sound")
    put(shelf, OTHER, b"sound")
    assert list(shelf.older_than(now() + LATER, "recordings/ab/")) == [KEY]
    assert list(shelf.older_than(now() + LATER, "recordings/ef/")) == []
    assert shelf.drop_unfinished(now() + LATER, "recordings/ab/") == 0


def test_a_copy_is_an_object_of_its_own(shelf: Storage):
    put(shelf, KEY, PART)
    shelf.copy(KEY, OTHER)
    shelf.delete(KEY)
    assert content(shelf, OTHER) == PART
    assert left(shelf) == ([OTHER], 0)
    with pytest.raises(FileNotFoundError):
        shelf.copy(KEY, OTHER)


def test_a_copy_in_a_folder_is_as_young_as_any_new_object(tmp_path: Path):
    """The sweep of orphans deletes what nobody knows for a day."""
    shelf = Folder(tmp_path)
    put(shelf, KEY, b"sound")
    os.utime(tmp_path / KEY, (0, 0))
    shelf.copy(KEY, OTHER)
    assert list(shelf.older_than(now() - LATER)) == []


def test_where_files_have_no_second_names_a_copy_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_names: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    shelf = Folder(tmp_path)
    put(shelf, KEY, b"sound")
    shelf.copy(KEY, OTHER)
    assert (content(shelf, OTHER), left(shelf)) == (b"sound", ([OTHER, KEY][::-1], 0))


def test_what_grows_is_there_as_far_as_it_was_made_safe(tmp_path: Path):
    shelf = Folder(tmp_path)
    sink = shelf.grow(KEY)
    sink.write(b"so")
    sink.make_safe()
    assert content(shelf, KEY) == b"so"
    sink.write(b"und")
    sink.make_safe()
    sink.write(b" and more that nobody knows of")
    sink.close()
    assert (content(shelf, KEY), left(shelf)) == (b"sound", ([KEY], 0))
    with pytest.raises(StorageAway, match="File exists"):
        shelf.grow(KEY)


@pytest.mark.parametrize("size", [(8 << 20) - 1, 8 << 20, (8 << 20) + 1, 16 << 20])
def test_objects_of_about_a_whole_number_of_parts_are_whole(shelf: Storage, size: int):
    put(shelf, KEY, b"y" * size)
    assert shelf.size(KEY) == size
    assert left(shelf) == ([KEY], 0)


def test_reading_begins_anywhere_and_goes_back_and_forth(shelf: Storage):
    sound = bytes(range(256)) * 8000
    put(shelf, KEY, sound)
    with shelf.open(KEY) as stream:
        assert (stream.seek(2), stream.read(3)) == (2, sound[2:5])
        assert (stream.seek(-4, 2), stream.read()) == (len(sound) - 4, sound[-4:])
        assert stream.read(1) == b""
        assert (stream.seek(1_500_000), stream.read(700), stream.tell()) == (
            1_500_000,
            sound[1_500_000:1_500_700],
            1_500_700,
        )
        stream.seek(-700, 1)
        assert stream.read() == sound[1_500_000:]
        stream.seek(len(sound) + 10)
        assert stream.read() == b""
        with pytest.raises((ValueError, OSError)):
            stream.seek(-1)


def test_an_empty_object_is_one(shelf: Storage):
    put(shelf, KEY)
    assert (shelf.size(KEY), content(shelf, KEY)) == (0, b"")
    with shelf.local(KEY) as path:
        assert path.read_bytes() == b""
    assert left(shelf) == ([KEY], 0)


@pytest.mark.parametrize("block", [b"so", PART])
def test_nothing_is_there_before_the_block_ends(shelf: Storage, block: bytes):
    with shelf.write(KEY) as sink:
        sink.write(block)
        with pytest.raises(FileNotFoundError):
            shelf.size(KEY)
        assert list(shelf.older_than(now() + LATER)) == []
    assert left(shelf) == ([KEY], 0)


@pytest.mark.parametrize("block", [b"so", PART])
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, GeneratorExit, SystemExit])
def test_an_exception_in_the_middle_leaves_nothing_and_passes_on(
    shelf: Storage, error: type[BaseException], block: bytes
):
    def broken() -> None:
        with shelf.write(KEY) as sink:
            sink.write(block)
            raise error

    with pytest.raises(error):
        broken()
    assert left(shelf) == ([], 0)


@pytest.mark.parametrize("error", [ConnectionResetError("gone"), FileNotFoundError(2, "no such file"), TimeoutError()])
def test_a_source_that_breaks_is_not_blamed_on_storage(shelf: Storage, error: OSError):
    with pytest.raises(type(error)), shelf.write(KEY):
        raise error
    assert left(shelf) == ([], 0)


def test_a_broken_rewrite_leaves_the_old_object(shelf: Storage):
    put(shelf, KEY, b"old")
    with pytest.raises(RuntimeError), shelf.write(KEY):
        raise RuntimeError
    assert content(shelf, KEY) == b"old"
    put(shelf, KEY, b"new")
    assert content(shelf, KEY) == b"new"
    assert left(shelf) == ([KEY], 0)


def test_two_writers_of_one_key_do_not_mix(shelf: Storage):
    with shelf.write(KEY) as one, shelf.write(KEY) as other:
        one.write(b"1" * (9 << 20))
        other.write(b"2" * 999)
    assert content(shelf, KEY) in (b"1" * (9 << 20), b"2" * 999)


@pytest.mark.parametrize(
    "key", ["../x", "recordings/../../x", "/etc/passwd", "..", "", ".", "recordings/../..", "a/../../storage2/x"]
)
def test_a_key_that_leads_out_of_the_folder_is_refused_everywhere(shelf: Storage, key: str):
    put(shelf, KEY, b"sound")
    for act in (shelf.open, shelf.size, shelf.delete):
        with pytest.raises(ValueError, match="leads out of the storage folder"):
            act(key)
    for act in (shelf.write, shelf.local):
        with pytest.raises(ValueError, match="leads out of the storage folder"), act(key):
            pass
    assert left(shelf) == ([KEY], 0)


def test_a_recordings_key_is_made_of_its_id_and_gives_it_back():
    assert KEY == "recordings/ab/ab" + "0" * 30
    assert call_of(KEY) == "ab" + "0" * 30


def test_what_is_not_there_is_said_so_and_deleting_it_is_nothing(shelf: Storage):
    for act in (shelf.open, shelf.size):
        with pytest.raises(FileNotFoundError):
            act(KEY)
    with pytest.raises(FileNotFoundError), shelf.local(KEY):
        pass
    shelf.delete(KEY)
    put(shelf, KEY, b"sound")
    shelf.delete(KEY)
    shelf.delete(KEY)
    assert left(shelf) == ([], 0)


def test_older_than_names_only_whole_objects_from_before_the_moment(shelf: Storage):
    put(shelf, KEY, b"sound")
    put(shelf, "checks/1", b"probe")
    with shelf.write(OTHER) as sink:
        sink.write(PART)
        sink.write(b"more")
        assert list(shelf.older_than(now() - LATER)) == []
        assert shelf.drop_unfinished(now() - LATER) == 0
        assert sorted(shelf.older_than(now() + LATER)) == ["checks/1", KEY]
    assert shelf.size(OTHER) == len(PART) + 4


def test_an_object_deleted_between_its_opening_and_its_reading_is_gone_or_whole(shelf: Storage):
    put(shelf, KEY, b"sound" * 200_000)
    with shelf.open(KEY) as stream:
        shelf.delete(KEY)
        try:
            assert stream.read() == b"sound" * 200_000
        except FileNotFoundError:
            assert left(shelf) == ([], 0)


def test_what_is_lent_is_taken_back(shelf: Storage, tmp_path: Path):
    put(shelf, KEY, b"sound")
    with pytest.raises(RuntimeError), shelf.local(KEY):
        raise RuntimeError
    assert not [path for path in (tmp_path / "scratch").rglob("*") if path.is_file()]
    assert content(shelf, KEY) == b"sound"
