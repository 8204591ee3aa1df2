"""How fast recordings come from an SFTP server: `python -m benchmarks.sftp` measures TotalView beside OpenSSH's client.

The server is OpenSSH's, on this machine; what is compared is the two clients, one after the other, in the same run.
"""

import os
import resource
import subprocess
import tempfile
import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from time import perf_counter, sleep

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

LARGE, SMALL, SMALL_FILES, NAMES, CONNECTIONS = 500_000_000, 50_000, 2_000, 50_000, 6
ROUNDS, WAVE_HEADER = 3, 44


def main() -> None:
    """Print one line of a Markdown table for each thing that is fetched."""
    with tempfile.TemporaryDirectory(prefix="totalview-sftp-", ignore_cleanup_errors=True) as folder:
        served = SftpServer(Path(folder))
        served.start()
        try:
            os.environ.update(served.environment)
            _fill(served)
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
    print(f"| {SMALL_FILES:,} recordings of {SMALL // 1000} KB made calls, by one process, files/s | ", end="")
    print(f"{SMALL_FILES / taken:.0f} | |")


def _measure_line(served: SftpServer) -> None:
    before = _peak_mb()
    ours = _best(_one_large)
    grown = _peak_mb() - before
    theirs = _best(lambda: _openssh(served, "get large/call.wav /dev/null"))
    print("| fetched | TotalView | OpenSSH's sftp |")
    print("|---|---:|---:|")
    print(f"| one file of {LARGE // 10**6} MB, MB/s | {LARGE / 1e6 / ours:.0f} | {LARGE / 1e6 / theirs:.0f} |")
    print(f"| ... memory more than before, MB | {grown:.0f} | |")
    ours = _best(_many_small)
    with tempfile.TemporaryDirectory() as target:
        theirs = _best(lambda: _openssh(served, f"get -r small {target}/"))
    name = f"{SMALL_FILES:,} files of {SMALL // 1000} KB over {CONNECTIONS} connections (OpenSSH: 1), files/s"
    print(f"| {name} | {SMALL_FILES / ours:.0f} | {SMALL_FILES / theirs:.0f} |")
    theirs = _best(lambda: _openssh(served, "ls -1f names"))
    print(f"| a listing of {NAMES:,} names, s | {_best(_list):.2f} | {theirs:.2f} |")


def _one_large() -> None:
    with server.connection() as connection:
        if sum(map(len, connection.read(b"large/call.wav", size=LARGE))) != LARGE:
            raise AssertionError("bytes are missing")


def _many_small() -> None:
    with ExitStack() as stack:
        connections = [stack.enter_context(server.connection()) for _ in range(CONNECTIONS)]
        found = list(connections[0].walk("small", deep=False))
        pool = stack.enter_context(ThreadPoolExecutor(CONNECTIONS))
        shares = [found[number::CONNECTIONS] for number in range(CONNECTIONS)]
        if sum(pool.map(_read, connections, shares)) != SMALL * SMALL_FILES:
            raise AssertionError("bytes are missing")


def _read(connection: server.Connection, entries: list[Entry]) -> int:
    return sum(len(block) for entry in entries for block in connection.read(entry.raw, size=entry.size))


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


def _best(what: Callable[[], object]) -> float:
    """Seconds that the fastest of some rounds took."""
    taken = []
    for _ in range(ROUNDS):
        begin = perf_counter()
        what()
        taken.append(perf_counter() - begin)
    return min(taken)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    main()
