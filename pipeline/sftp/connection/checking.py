"""Whether everything is set up for SFTP: one step after the other, each said in words."""

from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass

from pipeline.sftp.connection import connecting, server
from pipeline.sftp.connection.hostkeys import HostKey
from pipeline.sftp.connection.refusals import NotReadable, SftpAway, SftpRefused
from pipeline.sftp.connection.setup import setup


@dataclass(frozen=True)
class Step:
    """One thing that was tried. `words` is a sentence, whether it went well or not."""

    name: str
    ok: bool
    words: str


def check(folders: Collection[str] = (), *, writing: Collection[str] = ()) -> list[Step]:
    """Every step in order, up to the first that fails; campaigns' folders each by itself.

    `folders` are looked into. In those of `writing`, out of which files are moved or deleted, a folder is made and
    removed again.
    """
    done = list(_reached())
    if all(step.ok for step in done):
        done.extend(_tried(folder, f"The folder '{folder}'", _look) for folder in folders)
        done.extend(_tried(folder, f"Writing in '{folder}'", _write) for folder in writing)
    return done


def _reached() -> Iterator[Step]:
    """The steps to SFTP_ROOT; the last of them may have failed."""
    step = "Settings"
    try:
        chosen = setup()
        chosen.pins()
        way = "a private key" if chosen.key() else "a password"
        yield Step(step, True, f"{chosen.host}, port {chosen.port}, as '{chosen.username}' with {way}.")
        step = "Address"
        with closing(connecting.dial(chosen)) as line:
            yield Step(step, True, f"{line.getpeername()[0]} answers.")
        step = "Host key"
        with closing(connecting.greet(chosen)) as transport:
            key = transport.get_remote_server_key()
            told = HostKey(key.get_name(), key.asbytes()).fingerprint
            yield Step(step, True, f"It is the server that SFTP_HOST_KEY names ({told}).")
            step = "Sign-in"
            connecting.sign_in(transport, chosen)
            wire = connecting.session(transport, chosen)
            yield Step(step, True, f"'{chosen.username}' is signed in.")
            step = "SFTP_ROOT"
            real = connecting.root(wire, chosen).decode("utf-8", "backslashreplace")
        _look("")
        yield Step(step, True, f"It is {real} on the server, and can be listed.")
    except (SftpAway, SftpRefused, NotReadable) as error:
        yield Step(step, False, str(error))


def _tried(folder: str, name: str, how: Callable[[str], str]) -> Step:
    try:
        return Step(name, True, how(folder))
    except (SftpAway, SftpRefused, NotReadable) as error:
        return Step(name, False, str(error))


def _look(folder: str) -> str:
    with server.connection() as connection:
        found = next(connection.walk(folder, deep=False), None)
    return "It is there and can be listed." if found else "It is there; nothing lies in it yet."


def _write(folder: str) -> str:
    with server.connection() as connection:
        connection.try_writing(folder)
    return "Files can be moved and deleted."
