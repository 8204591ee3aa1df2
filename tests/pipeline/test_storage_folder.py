"""Storage in a folder: files, disks, links."""

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
from pipeline.storage import Folder, StorageAway, recording_key, storage
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


def test_nothing_is_there_before_the_block_ends(shelf: Folder):
    with shelf.write(KEY) as sink:
        sink.write(b"sound")
        with pytest.raises(FileNotFoundError):
            shelf.size(KEY)
        assert all(name.endswith(".part") for name in files(shelf))
    assert files(shelf) == [KEY]


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
    assert list(shelf.older_than(now() + timedelta(hours=1))) == []
    assert shelf.drop_unfinished(now() - timedelta(hours=1)) == 0
    assert shelf.drop_unfinished(now() + timedelta(hours=1)) == 1
    assert files(shelf) == []


# --- keys


def test_a_link_that_leads_out_is_not_followed(shelf: Folder, tmp_path: Path):
    (tmp_path / "secret").write_bytes(b"secret")
    put(shelf, KEY, b"sound")
    link = shelf._root / "recordings" / "ab" / "link"
    link.symlink_to(tmp_path / "secret")
    with pytest.raises(ValueError, match="leads out"):
        shelf.open("recordings/ab/link")


# --- absent things


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
    monkeypatch.setattr("pipeline.storage.folder.os.fsync", full)
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


def test_what_is_old_is_judged_by_its_last_write(shelf: Folder):
    moment = now() - timedelta(hours=24)
    put(shelf, KEY, b"sound")
    with shelf.write(recording_key("cd" + "0" * 30)) as sink:
        sink.write(b"so")
        for name in files(shelf):
            os.utime(shelf._root / name, (0, moment.timestamp() - 10))
        put(shelf, recording_key("ef" + "0" * 30), b"young")
        assert list(shelf.older_than(moment)) == [KEY]
        sink.write(b"und")  # still at it
        assert shelf.drop_unfinished(moment) == 0


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
