"""Connections to the SFTP server, and what is moved and deleted over them, against OpenSSH's own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import settings
from pipeline.sftp.connection import pool, server
from pipeline.sftp.connection.server import Kind, NotReadable, SftpAway
from tests.installation import until
from tests.sshd import SftpServer


def test_only_where_the_settings_name_a_server_is_there_one(sshd: SftpServer, monkeypatch: pytest.MonkeyPatch):
    assert settings().has_sftp
    monkeypatch.delenv("SFTP_HOST")
    settings.cache_clear()
    assert not settings().has_sftp


def test_a_connection_is_used_again(sshd: SftpServer):
    with server.connection() as first:
        first.folders()
    with server.connection() as second:
        second.folders()
    assert first is second
    assert sshd.connections() == 1


def test_each_who_has_one_at_the_same_time_has_one_of_their_own(sshd: SftpServer):
    with server.connection() as first, server.connection() as second:
        assert first is not second


def test_a_connection_in_the_middle_of_something_is_not_handed_on(sshd: SftpServer):
    for number in range(3):
        sshd.put(f"sales/{number}.wav")
    with server.connection() as first:
        walked = first.walk("sales", deep=False)
        next(walked)
    with server.connection() as second:
        assert second is not first
    walked.close()


def test_a_connection_is_not_kept_for_long(sshd: SftpServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pool, "IDLE_S", 0.2)
    with server.connection() as connection:
        connection.folders()
    until(lambda: sshd.connections() == 0, "the idle connection is closed")


def test_after_an_outage_the_next_one_gets_through(sshd: SftpServer):
    with server.connection() as connection:
        connection.folders()
        sshd.stop()
        with pytest.raises(SftpAway, match="broke off"):
            connection.folders()
    with pytest.raises(SftpAway, match="Nobody answers"), server.connection():
        pass
    sshd.start()
    with server.connection() as connection:
        assert connection.folders() == []


def test_what_is_there_now(sshd: SftpServer):
    sshd.put("sales/a.wav", b"12345", modified=1_700_000_000.7)
    with server.connection() as connection:
        found = connection.stat(b"sales/a.wav")
        assert (found.kind, found.size, found.modified.isoformat()) == (Kind.FILE, 5, "2023-11-14T22:13:20+00:00")
        assert connection.stat(b"sales").kind is Kind.FOLDER
        with pytest.raises(NotReadable) as gone:
            connection.stat(b"sales/b.wav")
    assert gone.value.code == "vanished"


def test_a_moved_file_gets_its_folders(sshd: SftpServer):
    sshd.put("sales/a.wav", b"12345")
    with server.connection() as connection:
        assert connection.move(b"sales/a.wav", b"sales/processed/2026/a.wav") == b"sales/processed/2026/a.wav"
    assert (sshd.root / "sales/processed/2026/a.wav").read_bytes() == b"12345"
    assert not (sshd.root / "sales/a.wav").exists()


def test_a_moved_file_replaces_none(sshd: SftpServer):
    sshd.put("sales/a.wav", b"new")
    sshd.put("sales/processed/a.wav", b"old")
    sshd.put("sales/processed/a (2).wav", b"older")
    with server.connection() as connection:
        assert connection.move(b"sales/a.wav", b"sales/processed/a.wav") == b"sales/processed/a (3).wav"
    assert (sshd.root / "sales/processed/a.wav").read_bytes() == b"old"
    assert (sshd.root / "sales/processed/a (3).wav").read_bytes() == b"new"


def test_a_deleted_file_is_gone(sshd: SftpServer):
    file = sshd.put("sales/a.wav")
    with server.connection() as connection:
        connection.delete(b"sales/a.wav")
        with pytest.raises(NotReadable):
            connection.delete(b"sales/a.wav")
    assert not file.exists()


@pytest.mark.parametrize("path", [b"../outside", b"sales/../../outside", b"/etc/passwd", b"sales//a", b"a\0b", b"./a"])
def test_no_path_leads_out_of_the_root(sshd: SftpServer, path: bytes):
    (sshd.root.parent / "outside").write_bytes(b"1234")
    sshd.put("a", b"1234")
    with server.connection() as connection:
        for act in (connection.stat, connection.delete, lambda raw: next(connection.read(raw, size=4))):
            with pytest.raises(NotReadable) as refused:
                act(path)
            assert refused.value.code == "unreadable"
        with pytest.raises(NotReadable):
            connection.move(b"a", path)
    assert (sshd.root / "a").exists()


def test_no_link_leads_anywhere(sshd: SftpServer):
    outside = sshd.folder / "outside"
    outside.mkdir()
    (outside / "a.wav").write_bytes(b"1234")
    sshd.put("sales/b.wav")
    (sshd.root / "sales/link").symlink_to(outside)
    (sshd.root / "sales/file.wav").symlink_to(outside / "a.wav")
    with server.connection() as connection:
        for path in (b"sales/link/a.wav", b"sales/file.wav"):
            for act in (connection.delete, lambda raw: next(connection.read(raw, size=4))):
                with pytest.raises(NotReadable, match=r"link|plain"):
                    act(path)
        with pytest.raises(NotReadable, match="no folder"):
            connection.move(b"sales/b.wav", b"sales/link/b.wav")
        with pytest.raises(NotReadable, match="link"):
            connection.walk("sales/link", deep=True)
    assert [path.name for path in outside.iterdir()] == ["a.wav"]


def test_what_the_user_may_not_do_is_denied(sshd: SftpServer):
    file = sshd.put("sales/a.wav", b"1234")
    file.chmod(0)
    with server.connection() as connection:
        with pytest.raises(NotReadable) as refused:
            next(connection.read(b"sales/a.wav", size=4))
        assert refused.value.code == "denied"
        (sshd.root / "sales").chmod(0o555)
        for act in (connection.delete, lambda raw: connection.move(raw, b"sales/processed/a.wav")):
            with pytest.raises(NotReadable) as refused:
                act(b"sales/a.wav")
            assert refused.value.code == "denied"
    (sshd.root / "sales").chmod(0o755)


def test_a_root_by_its_relative_name_is_below_where_the_sign_in_leads(sshd: SftpServer, monkeypatch):
    sshd.put("in/sales/a.wav")
    monkeypatch.setenv("SFTP_ROOT", "in")
    settings.cache_clear()
    with server.connection() as connection:
        assert connection.folders() == ["sales"]


def test_the_root_itself_may_be_a_link(sshd: SftpServer, monkeypatch):
    sshd.put("in/sales/a.wav")
    (sshd.root / "link").symlink_to("in")
    monkeypatch.setenv("SFTP_ROOT", f"{sshd.root}/link")
    settings.cache_clear()
    with server.connection() as connection:
        assert [entry.path for entry in connection.walk("sales", deep=True)] == ["sales/a.wav"]


def test_nothing_of_it_is_left_in_the_output(sshd: SftpServer, tmp_path: Path):
    """paramiko writes tracebacks for lines that break off; ours say it in words, and only where it is asked for."""
    code = (
        "from pipeline.sftp.connection import server\n"
        "try:\n    next(server.connection().gen)\nexcept server.SftpAway as error: print(error)"
    )
    with sshd.line(cut_after=100) as line:
        environment = {**os.environ, "SFTP_PORT": str(line.port)}
        ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    # How early the line was cut decides which of the two sentences it is; either way it is one line.
    assert ran.stdout.count("\n") == 1
    assert "broke off" in ran.stdout or "hung up at once" in ran.stdout
