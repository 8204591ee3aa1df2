import errno
import os
import resource
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from config import settings
from pipeline.storage import Folder, StorageAway, call_of, recording_key, storage
from records.db import now

ROOT = Path(__file__).resolve().parents[2]
KEY = recording_key("ab" + "0" * 30)
BLOCK = b"x" * (1 << 20)


@pytest.fixture
def shelf(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "storage")


def put(shelf: Folder, key: str, *blocks: bytes) -> None:
    with shelf.write(key) as sink:
        for block in blocks:
            sink.write(block)


def files(shelf: Folder) -> list[str]:
    return sorted(path.relative_to(shelf._root).as_posix() for path in shelf._root.rglob("*") if path.is_file())


def content(shelf: Folder, key: str) -> bytes:
    with shelf.open(key) as stream:
        return stream.read()


def test_the_settings_name_a_folder_in_the_home(home: Path):
    put(storage(), KEY, b"sound")
    assert (home / "storage" / KEY).read_bytes() == b"sound"
    assert settings().folder == home


def test_what_is_written_is_read_measured_and_lent(shelf: Folder):
    put(shelf, KEY, b"so", b"", b"und")
    assert (content(shelf, KEY), shelf.size(KEY), files(shelf)) == (b"sound", 5, [KEY])
    with shelf.local(KEY) as path:
        assert path.read_bytes() == b"sound"
    with shelf.open(KEY) as stream:
        stream.seek(2)
        assert stream.read() == b"und"


def test_an_empty_object_is_one(shelf: Folder):
    put(shelf, KEY)
    assert (shelf.size(KEY), files(shelf)) == (0, [KEY])


def test_nothing_is_there_before_the_block_ends(shelf: Folder):
    with shelf.write(KEY) as sink:
        sink.write(b"sound")
        with pytest.raises(FileNotFoundError):
            shelf.size(KEY)
        assert all(name.endswith(".part") for name in files(shelf))
    assert files(shelf) == [KEY]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, GeneratorExit, SystemExit])
def test_an_exception_in_the_middle_leaves_nothing_and_passes_on(shelf: Folder, error: type[BaseException]):
    def broken() -> None:
        with shelf.write(KEY) as sink:
            sink.write(b"so")
            raise error

    with pytest.raises(error):
        broken()
    assert files(shelf) == []


@pytest.mark.parametrize("error", [ConnectionResetError("gone"), FileNotFoundError(2, "no such file"), TimeoutError()])
def test_a_source_that_breaks_is_not_blamed_on_storage(shelf: Folder, error: OSError):
    with pytest.raises(type(error)), shelf.write(KEY):
        raise error
    assert files(shelf) == []


def test_a_broken_rewrite_leaves_the_old_object(shelf: Folder):
    put(shelf, KEY, b"old")
    with pytest.raises(RuntimeError), shelf.write(KEY):
        raise RuntimeError
    assert content(shelf, KEY) == b"old"
    put(shelf, KEY, b"new")
    assert (content(shelf, KEY), files(shelf)) == (b"new", [KEY])


def test_two_writers_of_one_key_do_not_mix(shelf: Folder):
    with shelf.write(KEY) as one, shelf.write(KEY) as other:
        one.write(b"1" * 1000)
        other.write(b"2" * 999)
    assert content(shelf, KEY) in (b"1" * 1000, b"2" * 999)


KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline.storage import Folder
with Folder(Path(sys.argv[1])).write(sys.argv[2]) as sink:
    sink.write(b"x" * 3_000_000)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_writer_that_is_killed_leaves_only_a_part_for_the_sweep(shelf: Folder):
    killed = subprocess.run([sys.executable, "-c", KILLED, str(shelf._root), KEY], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    with pytest.raises(FileNotFoundError):
        shelf.size(KEY)
    (left,) = files(shelf)
    assert left.endswith(".part")
    assert list(shelf.older_than(now() + timedelta(hours=1))) == [left]
    shelf.delete(left)
    assert files(shelf) == []


# --- keys


@pytest.mark.parametrize(
    "key", ["../x", "recordings/../../x", "/etc/passwd", "..", "", ".", "recordings/../..", "a/../../storage2/x"]
)
def test_a_key_that_leads_out_of_the_folder_is_refused_everywhere(shelf: Folder, key: str):
    put(shelf, KEY, b"sound")
    for act in (shelf.open, shelf.size, shelf.delete):
        with pytest.raises(ValueError, match="leads out of the storage folder"):
            act(key)
    for act in (shelf.write, shelf.local):
        with pytest.raises(ValueError, match="leads out of the storage folder"), act(key):
            pass
    assert files(shelf) == [KEY]


def test_a_link_that_leads_out_is_not_followed(shelf: Folder, tmp_path: Path):
    (tmp_path / "secret").write_bytes(b"secret")
    put(shelf, KEY, b"sound")
    link = shelf._root / "recordings" / "ab" / "link"
    link.symlink_to(tmp_path / "secret")
    with pytest.raises(ValueError, match="leads out"):
        shelf.open("recordings/ab/link")


def test_a_recordings_key_is_made_of_its_id_and_gives_it_back():
    assert KEY == "recordings/ab/ab" + "0" * 30
    assert call_of(KEY) == "ab" + "0" * 30


# --- absent things


def test_what_is_not_there_is_said_so_and_deleting_it_is_nothing(shelf: Folder):
    for act in (shelf.open, shelf.size):
        with pytest.raises(FileNotFoundError):
            act(KEY)
    with pytest.raises(FileNotFoundError), shelf.local(KEY):
        pass
    shelf.delete(KEY)
    put(shelf, KEY, b"sound")
    shelf.delete(KEY)
    shelf.delete(KEY)
    assert files(shelf) == []


def test_storage_that_is_no_folder_is_an_outage_in_words(tmp_path: Path):
    (tmp_path / "storage").write_bytes(b"a file in the way")
    shelf = Folder(tmp_path / "storage")
    with pytest.raises(StorageAway, match=r"^The recording could not be stored: "):
        put(shelf, KEY, b"sound")
    shelf.delete(KEY)
    assert list(shelf.older_than(now())) == []


def test_a_disk_that_cannot_be_written_through_is_an_outage(shelf: Folder, monkeypatch: pytest.MonkeyPatch):
    """Some file systems say only at the end that the bytes did not fit."""

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    put(shelf, recording_key("ab" + "1" * 30), b"sound")
    monkeypatch.setattr("pipeline.storage.os.fsync", full)
    with pytest.raises(StorageAway, match="No space left on device"):
        put(shelf, KEY, b"sound")
    assert files(shelf) == [recording_key("ab" + "1" * 30)]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Folder]:
    """Storage for hardly more than a megabyte: a disk of that size where we may mount one, else a limit on files."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1200k", "none", disk], check=False, capture_output=True
        ).returncode
        == 0
    ):
        yield Folder(disk / "storage")
        subprocess.run(["umount", disk], check=True)
        return
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_200_000, limits[1]))
    yield Folder(disk / "storage")
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_is_an_outage_that_leaves_nothing_and_heals(small: Folder):
    with pytest.raises(StorageAway, match=r"The recording could not be stored: (No space left|File too large)"):
        put(small, KEY, BLOCK, BLOCK)
    assert files(small) == []
    put(small, KEY, BLOCK)
    assert small.size(KEY) == len(BLOCK)


# --- streams


def test_memory_does_not_grow_with_the_object(shelf: Folder):
    tracemalloc.start()
    put(shelf, KEY, *(BLOCK for _ in range(1)))  # warm up
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    with shelf.write(KEY) as sink:
        for _ in range(40):
            sink.write(BLOCK)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert shelf.size(KEY) == 40 << 20
    assert peak < 1 << 20


def test_only_its_owner_may_read_the_folder(shelf: Folder):
    put(shelf, KEY, b"sound")
    assert (shelf._root / KEY).parent.stat().st_mode & 0o077 == 0


def test_older_than_names_whole_and_unfinished_objects_by_their_last_write(shelf: Folder):
    moment = now() - timedelta(hours=24)
    put(shelf, KEY, b"sound")
    put(shelf, "checks/1", b"probe")
    with shelf.write(recording_key("cd" + "0" * 30)) as sink:
        sink.write(b"so")
        names = files(shelf)
        for name in names:
            os.utime(shelf._root / name, (0, moment.timestamp() - 10))
        put(shelf, recording_key("ef" + "0" * 30), b"young")
        assert sorted(shelf.older_than(moment)) == names
        assert len(names) == 3


def test_an_object_deleted_while_the_sweep_looks_is_passed_over(shelf: Folder, monkeypatch: pytest.MonkeyPatch):
    put(shelf, KEY, b"sound")
    put(shelf, recording_key("cd" + "0" * 30), b"sound")
    seen = shelf.older_than(now() + timedelta(hours=1))
    first = next(seen)
    for name in files(shelf):
        if name != first:
            (shelf._root / name).unlink()
    assert list(seen) == []


def test_free_bytes_are_those_of_the_disk(shelf: Folder):
    assert 0 < shelf.free_bytes() <= os.statvfs(shelf._root).f_blocks * os.statvfs(shelf._root).f_frsize
