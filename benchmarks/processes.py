"""What processes take of the machine, with their children: memory by PSS, which shares what is shared, and CPU."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from tests.installation import descendants

TICKS = os.sysconf("SC_CLK_TCK")
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def family(*pids: int) -> list[int]:
    """These processes and all their descendants."""
    return [each for pid in pids for each in (pid, *descendants(pid))]


def memory_mb(pids: Iterable[int]) -> float:
    """The proportional set size of these processes together. One that has ended counts nothing."""
    return sum(_pss_kb(pid) for pid in pids) / 1024


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process has used, with its descendants that live and its children that ended."""
    return sum(_ticks(each) for each in family(pid)) / TICKS


def _pss_kb(pid: int) -> int:
    try:
        found = _PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii"))
    except OSError:
        return 0
    return int(found[1]) if found else 0


def _ticks(pid: int) -> int:
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return 0
    fields = line.rpartition(")")[2].split()
    return sum(map(int, fields[11:15]))  # its own in user and kernel mode, and those of children that it waited for
