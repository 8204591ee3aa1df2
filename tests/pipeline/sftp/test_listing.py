"""What lies on the SFTP server: every kind of name and of entry, against OpenSSH's server and a worse one."""

import os
import socket
from pathlib import Path

import pytest

from config import settings
from pipeline.sftp.connection import listing, server
from pipeline.sftp.connection.listing import Place
from pipeline.sftp.connection.packets import Attributes, Garbled, Reader, Type, packed
from pipeline.sftp.connection.server import Entry, Kind, NotReadable, SftpAway
from tests.simulators.sftp import Manners, served
from tests.sshd import SftpServer

NAMES = (
    b"plain.wav",
    "Gr\u00fc\u00dfe \U0001f4de.wav".encode(),
    "Gr\u00fc\u00dfe.wav".encode("latin-1"),
    b"a:b%20c+d & 'e' \"f\" $(g).wav",
    b"line\nbreak\ttab\x1b[31m.wav",
    b"back\\slash\\xff.wav",
    b" spaces around ",
    b"n" * 255,
    "\U0001f4de".encode() * 63,
    b"\xff\xfe\x80",
    b"-rf *",
    b"...",
)


def walked(folder: str = "", *, deep: bool = True, leave: tuple[str, ...] = ()) -> dict[str, Entry]:
    with server.connection() as connection:
        found = list(connection.walk(folder, deep=deep, leave=leave))
    assert len({entry.path for entry in found}) == len(found)
    return {entry.path: entry for entry in found}


def test_every_name_that_a_file_can_have_is_listed_and_read(sshd: SftpServer):
    for number, name in enumerate(NAMES):
        sshd.put(b"sales/" + name, b"%d" % number)
    with server.connection() as connection:
        found = {entry.raw: entry for entry in connection.walk("sales", deep=False)}
        assert set(found) == {b"sales/" + name for name in NAMES}
        for number, name in enumerate(NAMES):
            assert b"".join(connection.read(b"sales/" + name, size=len(b"%d" % number))) == b"%d" % number
    assert len({entry.path for entry in found.values()}) == len(NAMES)
    assert found["sales/Gr\u00fc\u00dfe.wav".encode("latin-1")].path == "sales/Gr\\xfc\\xdfe.wav"


def test_many_files_are_each_told_once(sshd: SftpServer):
    names = {f"sales/{number}.wav" for number in range(5000)}
    folder = sshd.folder_at("sales")
    for name in names:
        (folder / Path(name).name).touch()
    assert set(walked("sales", deep=False)) == names


def test_subfolders_are_entries_or_are_entered(sshd: SftpServer):
    sshd.put("sales/a.wav")
    sshd.put("sales/2026/11/b.wav")
    sshd.put("sales/2026/c.wav")
    sshd.put("sales/processed/d.wav")
    flat = walked("sales", deep=False)
    assert {path: entry.kind for path, entry in flat.items()} == {
        "sales/a.wav": Kind.FILE,
        "sales/2026": Kind.FOLDER,
        "sales/processed": Kind.FOLDER,
    }
    assert set(walked("sales", leave=("sales/processed",))) == {
        "sales/a.wav",
        "sales/2026/11/b.wav",
        "sales/2026/c.wav",
    }
    assert set(walked(leave=("sales",))) == set()
    with server.connection() as connection:
        assert connection.folders("sales") == ["sales/2026", "sales/processed"]
        assert connection.folders() == ["sales"]


def test_a_folder_whose_name_is_no_text_is_found_by_how_it_is_shown(sshd: SftpServer):
    sshd.put(b"caf\xe9/a.wav")
    with server.connection() as connection:
        assert connection.folders() == ["caf\\xe9"]
    assert set(walked("caf\\xe9", deep=False)) == {"caf\\xe9/a.wav"}


def test_what_is_no_file_is_told_of_and_not_followed(sshd: SftpServer):
    sshd.put("sales/a.wav")
    (sshd.root / "sales/loop").symlink_to(sshd.root)
    (sshd.root / "sales/away").symlink_to("/etc")
    (sshd.root / "sales/dangling").symlink_to("/nowhere")
    os.mkfifo(sshd.root / "sales/pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        here = Path.cwd()
        os.chdir(sshd.root / "sales")  # the path to a socket may have 107 bytes at most
        bound.bind("socket")
        os.chdir(here)
    found = walked()
    assert {path.removeprefix("sales/"): entry.kind for path, entry in found.items()} == {
        "a.wav": Kind.FILE,
        "loop": Kind.LINK,
        "away": Kind.LINK,
        "dangling": Kind.LINK,
        "pipe": Kind.SPECIAL,
        "socket": Kind.SPECIAL,
    }
    assert "no file" in found["sales/pipe"].reason


def test_a_folder_that_may_not_be_read_hides_no_other(sshd: SftpServer):
    sshd.put("sales/shut/a.wav")
    sshd.put("sales/open/b.wav")
    (sshd.root / "sales/shut").chmod(0)
    found = walked("sales")
    (sshd.root / "sales/shut").chmod(0o755)
    assert {path: entry.kind for path, entry in found.items()} == {
        "sales/shut": Kind.UNREADABLE,
        "sales/open/b.wav": Kind.FILE,
    }
    assert "Ask its operator" in found["sales/shut"].reason


@pytest.mark.parametrize(("folder", "code"), [("nowhere", "vanished"), ("shut", "denied"), ("a.wav", "vanished")])
def test_a_folder_that_cannot_be_listed_is_said_before_anything_else(sshd: SftpServer, folder: str, code: str):
    sshd.put("a.wav")
    sshd.folder_at("shut").chmod(0)
    with server.connection() as connection:
        with pytest.raises(NotReadable) as refused:
            connection.walk(folder, deep=True)
        assert connection.folders() == ["shut"]
    assert refused.value.code == code


def test_folders_within_folders_without_end_are_given_up(sshd: SftpServer):
    sshd.put("/".join(["down"] * 25) + "/a.wav")
    (found,) = walked().values()
    assert (found.kind, found.path.count("/")) == (Kind.UNREADABLE, listing.DEEPEST)


def test_others_may_be_asked_while_a_walk_goes_on(sshd: SftpServer):
    for number in range(300):
        sshd.put(f"sales/{number}.wav", b"%d" % number)
    with server.connection() as connection:
        for entry in connection.walk("sales", deep=False):
            assert connection.stat(entry.raw) == entry
            assert b"".join(connection.read(entry.raw, size=entry.size)) == entry.path[6:-4].encode()


def test_a_line_that_breaks_off_in_a_listing_is_no_short_listing(sshd: SftpServer, monkeypatch: pytest.MonkeyPatch):
    for number in range(2000):
        sshd.put(f"sales/{number}.wav")
    with sshd.line() as line:
        monkeypatch.setenv("SFTP_PORT", str(line.port))
        settings.cache_clear()
        with server.connection() as connection:
            found = connection.walk("sales", deep=False)
            next(found)
            line.cut()
            with pytest.raises(SftpAway, match="broke off"):
                list(found)


@pytest.fixture
def manners(monkeypatch: pytest.MonkeyPatch):
    with served(Manners()) as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        yield made


def test_names_that_no_file_can_have_are_told_of_and_never_joined(manners: Manners):
    manners.files = {b"../../etc/passwd": b"1", b"a\0b": b"2", b"": b"3", b"good.wav": b"4"}
    found = walked()
    assert {path for path, entry in found.items() if entry.kind is Kind.FILE} == {"good.wav"}
    assert {entry.raw for entry in found.values()} == {b"..?..?etc?passwd", b"a?b", b"?", b"good.wav"}
    assert all("no file can have" in entry.reason for path, entry in found.items() if path != "good.wav")


def test_a_server_that_does_not_say_what_is_a_file_is_taken_to_list_files(manners: Manners):
    manners.kinds_told = False
    manners.files = {b"a.wav": b"1234"}
    assert walked()["a.wav"].kind is Kind.FILE


def test_a_size_that_no_database_holds_is_told_of_as_no_file():
    found = listing.entry(b"a.wav", Attributes(size=2**63, mode=0o100644))
    assert (found.kind, found.size) == (Kind.SPECIAL, 2**63 - 1)
    assert found.reason == "The server gives it a size that no file can have."


def test_a_folder_without_names_and_without_end_is_given_up():
    class Endless:
        """What a server may answer that means no good."""

        def open(self, *_about: object) -> bytes:
            return b"handle"

        def answers(self, questions: list[object]) -> list[tuple[Type, Reader]]:
            return [(Type.NAME, Reader(packed(0))) for _ in questions]

        def close(self, _handle: bytes) -> None:
            """Nothing was open."""

    with pytest.raises(Garbled, match="without names and without end"):
        next(listing.walk(Endless(), Place(b"/", b""), deep=True, leave=()))
