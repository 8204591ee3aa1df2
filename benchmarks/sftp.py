"""Recordings from an SFTP server: `python -m benchmarks.sftp` measures TotalView beside OpenSSH's client.

The server is OpenSSH's, on this machine; what is compared is the two clients, one after the other, in the same run.
"""

import os
import resource
import subprocess
import tempfile
import wave
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from io import BytesIO
from itertools import repeat
from pathlib import Path
from time import perf_counter, sleep

from benchmarks import results
from benchmarks.results import Result
from benchmarks.timing import best
from config import settings
from pipeline.sftp import configuring, importing, sightings, sweep
from pipeline.sftp.connection import server
from pipeline.sftp.connection.server import Entry
from records import campaigns, db
from records.access import COMMAND_LINE
from records.calls import Call
from records.migrate import upgrade
from records.runs import Run
from records.sftp_folders import folder_changes
from tests.sshd import SftpServer

LARGE, SMALL, SMALL_FILES, NAMES, CONNECTIONS = 1_000_000_000, 50_000, 2_000, 50_000, 6
ROUNDS, WAVE_HEADER = 3, 44
LARGE_GOAL, SMALL_GOAL, NAMES_GOAL, WHOLE_GOAL, GROWTH_MB = 0.9, 1.5, 0.9, 0.1, 64.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="totalview-sftp-", ignore_cleanup_errors=True) as folder:
        served = SftpServer(Path(folder))
        served.start()
        try:
            os.environ.update(served.environment)
            _fill(served)
            print(results.HEAD)
            _measure(served)
        finally:
            served.stop()


def _fill(served: SftpServer) -> None:
    block = os.urandom(1_000_000)
    with served.put("large/call.wav").open("wb") as file:
        for _ in range(LARGE // len(block)):
            file.write(block)
    for number in range(SMALL_FILES):
        served.put(f"small/{number}.wav", _recording())
    names = served.folder_at("names")
    for number in range(NAMES):
        (names / f"call {number}.wav").touch()


def _measure(served: SftpServer) -> None:
    _measure_line(served)
    taken = _import_all(served.folder / "home")
    theirs = best(lambda: _get_small(served), ROUNDS)
    name = f"{SMALL_FILES:,} x {SMALL // 1000} KB by SFTP made calls, beside OpenSSH's client that fetches them"
    results.keep(Result(name, SMALL_FILES / taken, SMALL_FILES / theirs, WHOLE_GOAL, "files/s"))


def _measure_line(served: SftpServer) -> None:
    before = _peak_mb()
    ours = best(_one_large, ROUNDS)
    grown = _peak_mb() - before
    theirs = best(lambda: _openssh(served, "get large/call.wav /dev/null"), ROUNDS)
    results.keep(
        Result("1 GB by SFTP", LARGE / 1e6 / ours, LARGE / 1e6 / theirs, LARGE_GOAL, "MB/s"),
        Result("... memory more than before, by SFTP", grown, None, GROWTH_MB, "MB"),
    )
    ours, theirs = best(_many_small, ROUNDS), best(lambda: _get_small(served), ROUNDS)
    name = f"{SMALL_FILES:,} x {SMALL // 1000} KB by SFTP over {CONNECTIONS} connections (OpenSSH: 1)"
    results.keep(Result(name, SMALL_FILES / ours, SMALL_FILES / theirs, SMALL_GOAL, "files/s"))
    ours, theirs = best(_list, ROUNDS), best(lambda: _openssh(served, "ls -1f names"), ROUNDS)
    results.keep(Result(f"a listing of {NAMES:,} names by SFTP", ours, theirs, NAMES_GOAL, "s"))


def _get_small(served: SftpServer) -> None:
    with tempfile.TemporaryDirectory() as target:
        _openssh(served, f"get -r small {target}/")


def _one_large() -> None:
    with server.connection() as connection:
        if sum(map(len, connection.read(b"large/call.wav", size=LARGE))) != LARGE:
            raise AssertionError("bytes are missing")


def _many_small() -> None:
    """Fetched into files, as OpenSSH's client does it."""
    with ExitStack() as stack:
        target = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        connections = [stack.enter_context(server.connection()) for _ in range(CONNECTIONS)]
        found = list(connections[0].walk("small", deep=False))
        pool = stack.enter_context(ThreadPoolExecutor(CONNECTIONS))
        shares = [found[number::CONNECTIONS] for number in range(CONNECTIONS)]
        if sum(pool.map(_fetch, connections, shares, repeat(target))) != SMALL * SMALL_FILES:
            raise AssertionError("bytes are missing")


def _fetch(connection: server.Connection, entries: list[Entry], target: Path) -> int:
    fetched = 0
    for entry in entries:
        with (target / Path(os.fsdecode(entry.raw)).name).open("wb") as file:
            file.writelines(connection.read(entry.raw, size=entry.size))
            fetched += file.tell()
    return fetched


def _list() -> None:
    with server.connection() as connection:
        if sum(1 for _ in connection.walk("names", deep=False)) != NAMES:
            raise AssertionError("names are missing")


def _import_all(home: Path) -> float:
    """Seconds from files that are due to calls: fetched, stored, looked at in a child process, written down."""
    os.environ["TOTALVIEW_HOME"] = str(home)
    settings.cache_clear()
    upgrade()
    with db.writing() as session:
        campaign = campaigns.create(session, COMMAND_LINE, "Small")
    changes = folder_changes(enabled=True, folder="small", window_minutes=1)
    configuring.configure(COMMAND_LINE, campaign.slug, changes)
    while not (sweep.sweep() or sweep.Swept()).due:
        sleep(sightings.STILL.total_seconds())
    begin = perf_counter()
    importing.work_all(_nobody)
    return perf_counter() - begin


def _nobody(_call: Call, _run: Run) -> None:
    """No worker is asked for what comes after the import."""


def _recording() -> bytes:
    """Noise, so that no two are the same."""
    made = BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(os.urandom(SMALL - WAVE_HEADER))
    return made.getvalue()


def _openssh(served: SftpServer, command: str) -> None:
    known = served.folder / "known_hosts"
    known.write_text(f"[127.0.0.1]:{served.port} {served.host_key}\n", encoding="ascii")
    ways = (
        "-q",
        "-b",
        "-",
        "-i",
        served.folder / "client",
        "-o",
        f"UserKnownHostsFile={known}",
        "-P",
        str(served.port),
    )
    subprocess.run(  # noqa: S603  the client that is compared
        ["sftp", *ways, f"{served.user}@127.0.0.1"],  # noqa: S607
        input=command.encode(),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    main()
