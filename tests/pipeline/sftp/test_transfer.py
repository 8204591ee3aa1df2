"""Reading files from the SFTP server: whole, of any size, within bounded memory, and never short without a word."""

import hashlib
import os
import random
import tracemalloc
from contextlib import suppress
from itertools import chain
from pathlib import Path

import pytest

from config import settings
from pipeline.sftp.connection import connecting, server, transfer, wire
from pipeline.sftp.connection.server import FileChanged, NotReadable, SftpAway
from tests.installation import until
from tests.simulators.sftp import Manners, served
from tests.sshd import SftpServer

MIB = 1024 * 1024
SIZES = (0, 1, 32_767, 32_768, 32_769, wire.MOST_READ, wire.MOST_READ + 1, 3 * wire.MOST_READ, 5 * MIB + 17)


@pytest.mark.parametrize("size", SIZES)
def test_a_file_of_any_size_comes_whole(sshd: SftpServer, size: int):
    content = random.Random(size).randbytes(size)
    sshd.put("a.wav", content)
    with server.connection() as connection:
        assert b"".join(connection.read(b"a.wav", size=size)) == content
        assert connection.usable


@pytest.mark.parametrize("most", [1000, 4096, 32_768, 40_000])
def test_a_server_that_gives_less_at_a_time_than_it_is_asked_for(most: int, monkeypatch: pytest.MonkeyPatch):
    content = random.Random(most).randbytes(200_000)
    with served(Manners(most_bytes=most, files={b"a.wav": content})) as manners:
        for name, value in manners.environment.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        with server.connection() as connection:
            assert b"".join(connection.read(b"a.wav", size=len(content))) == content


@pytest.mark.parametrize("said", [0, 999, 1001, 3 * MIB])
def test_a_file_that_has_not_the_bytes_that_it_should_is_said_to_have_changed(sshd: SftpServer, said: int):
    sshd.put("a.wav", b"x" * 1000)
    with server.connection() as connection:
        with pytest.raises(FileChanged):
            list(connection.read(b"a.wav", size=said))
        assert connection.usable


def test_a_file_that_shrinks_while_it_is_read(sshd: SftpServer):
    path = sshd.put("a.wav", b"x" * 20 * MIB)
    with server.connection() as connection:
        blocks = connection.read(b"a.wav", size=20 * MIB)
        next(blocks)
        os.truncate(path, 10 * MIB)
        with pytest.raises(FileChanged, match="fewer bytes"):
            list(blocks)


def test_what_is_asked_at_a_time_goes_out_at_once(sshd: SftpServer, monkeypatch: pytest.MonkeyPatch):
    """To send a message takes longer than what stands in it: a file of a few kilobytes took six."""
    sshd.put("sales/a.wav", b"x" * 50_000)
    with server.connection() as connection:
        channel, sent = connection._wire._channel, []
        really = channel.sendall
        monkeypatch.setattr(channel, "sendall", lambda data: (sent.append(data), really(data)))
        for _ in range(3):
            assert len(b"".join(connection.read(b"sales/a.wav", size=50_000))) == 50_000
        assert len(sent) == 3 * 3  # who is there, and the close of the one before; open it; read it


def test_nothing_stays_open_on_the_server_while_nobody_asks(sshd: SftpServer):
    path = sshd.put("a.wav", b"x" * 50_000)
    with server.connection() as connection:
        list(connection.read(b"a.wav", size=50_000))
    until(lambda: path not in _open_anywhere(), "the file is closed", 10)  # an idle connection ends after thirty


def _open_anywhere() -> set[Path]:
    found = set()
    for handle in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            found.add(handle.readlink())
    return found


def test_a_file_that_is_gone(sshd: SftpServer):
    with server.connection() as connection, pytest.raises(NotReadable) as gone:
        next(connection.read(b"sales/a.wav", size=4))
    assert gone.value.code == "vanished"


@pytest.mark.parametrize("size", [50_000, 20 * MIB])
def test_who_stops_in_the_middle_leaves_a_connection_of_use(sshd: SftpServer, size: int):
    sshd.put("a.wav", b"x" * size)
    sshd.put("b.wav", b"1234")
    with server.connection() as connection:
        blocks = connection.read(b"a.wav", size=size)
        next(blocks)
        blocks.close()
        assert connection.usable
        assert b"".join(connection.read(b"b.wav", size=4)) == b"1234"


def test_a_connection_is_closed_where_a_read_was_left_open(sshd: SftpServer):
    sshd.put("a.wav", b"x" * 20 * MIB)
    with server.connection() as connection:
        blocks = connection.read(b"a.wav", size=20 * MIB)
        next(blocks)
    assert not connection.usable
    with pytest.raises(SftpAway):
        list(blocks)


def test_a_line_that_breaks_off_in_the_middle_of_a_file(sshd: SftpServer, monkeypatch: pytest.MonkeyPatch):
    content = random.Random(1).randbytes(8 * MIB)
    sshd.put("a.wav", content)
    with sshd.line(cut_after=3 * MIB) as line:
        monkeypatch.setenv("SFTP_PORT", str(line.port))
        settings.cache_clear()
        got = bytearray()
        with server.connection() as connection:
            blocks = connection.read(b"a.wav", size=len(content))
            with pytest.raises(SftpAway, match="broke off") as error:
                got.extend(chain.from_iterable(blocks))
            assert not connection.usable
        assert not isinstance(error.value, FileChanged)
        assert len(got) < 3 * MIB
        assert content.startswith(got)
        line.mend()
        with server.connection() as connection:
            assert b"".join(connection.read(b"a.wav", size=len(content))) == content


def test_a_server_that_falls_silent_in_the_middle_of_a_file(sshd: SftpServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connecting, "SILENCE_S", 0.5)
    sshd.put("a.wav", b"x" * 8 * MIB)
    with sshd.line(silent_after=3 * MIB) as line:
        monkeypatch.setenv("SFTP_PORT", str(line.port))
        settings.cache_clear()
        with server.connection() as connection, pytest.raises(SftpAway, match="does not answer"):
            list(connection.read(b"a.wav", size=8 * MIB))


def test_memory_does_not_grow_with_the_file(sshd: SftpServer):
    size = 100 * MIB
    path = sshd.put("a.wav")
    block = os.urandom(MIB)
    with path.open("wb") as file:
        for _ in range(100):
            file.write(block)
    told = hashlib.sha256(block * 100).hexdigest()
    with server.connection() as connection:
        tracemalloc.start()
        digest = hashlib.sha256()
        for one in connection.read(b"a.wav", size=size):
            digest.update(one)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert digest.hexdigest() == told
    assert peak < 5 * transfer.AHEAD
