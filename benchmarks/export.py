"""How a very long list leaves as CSV over HTTP: `python -m benchmarks.export` asks a web process of its own for it.

It takes the calls that `python -m benchmarks.lists` has filled the same TOTALVIEW_HOME or DATABASE_URL with.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import httpx
from sqlmodel import func, select

from records import db, sessions
from records.calls import Call
from records.people import User
from records.roles import Role
from tests.ports import free_port

EMAIL = "benchmark@example.org"
MEGABYTE = 1_000_000


def main() -> None:
    """Print a table of one line. Ends with an error where a line of the file is missing."""
    with db.reading() as session:
        calls = session.exec(select(func.count()).select_from(Call)).one()
    token = signed_in()
    with _web() as (address, pid):
        begin, first, size, lines, memory = perf_counter(), 0.0, 0, 0, [_resident(pid)]
        with httpx.stream("GET", f"{address}/calls.csv", cookies={"tv_session": token}, timeout=60) as answer:
            answer.raise_for_status()
            for block in answer.iter_bytes():
                first = first or perf_counter() - begin
                size, lines = size + len(block), lines + block.count(b"\n")
                memory.append(_resident(pid))
        taken = perf_counter() - begin
    if lines != calls + 1:
        raise SystemExit(f"{lines:,} lines came for {calls:,} calls and the headings.")
    kind = "SQLite" if db.url().startswith("sqlite") else "PostgreSQL"
    print("| Calls | First byte, ms | All, s | Size, MB | Memory before, MB | Memory at most, MB |")
    print("|---|---:|---:|---:|---:|---:|")
    print(
        f"| {calls:,} on {kind} | {first * 1000:.0f} | {taken:.1f} | {size / MEGABYTE:.0f} "
        f"| {memory[0] / MEGABYTE:.0f} | {max(memory) / MEGABYTE:.0f} |"
    )


def signed_in() -> str:
    """The cookie of an Owner's session."""
    with db.writing() as session:
        owner = session.exec(select(User).where(User.email == EMAIL)).first()
        if owner is None:
            owner = User(email=EMAIL, name="Benchmark", role=Role.OWNER)
            session.add(owner)
            session.flush()
        return sessions.start(session, owner)


@contextmanager
def _web() -> Iterator[tuple[str, int]]:
    """The address and the process number of a web process that is ready."""
    port = free_port()
    command = [sys.executable, "-m", "cli", "web", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own program
    try:
        if not (process.stdout and process.stdout.readline()):
            raise SystemExit("The web process did not come up.")
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(30)


def _resident(pid: int) -> int:
    """The bytes of memory that a process takes; Linux says them."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) * 1024


if __name__ == "__main__":
    main()
