"""What a process of its own does in tests of imports that are killed: imports, stops at a place, says so, and waits."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from commands.sending.progress import Lines
from pipeline.backup import restore, rows

PLACES = {  # what is about to be called, and how many of its calls go through before
    "before a recording": (restore, "carry", 0),
    "between recordings": (restore, "carry", 1),
    "before the rows": (restore, "_fill", 0),
    "in the middle of the rows": (rows, "fill", 20),
    "before the commit": (rows, "ask_for_words", 0),
    "after the commit": (restore, "upgrade", 0),
    "before the words": (restore.catching_up, "index_texts", 0),
}


def stop_at(place: str) -> None:
    module, name, through = PLACES[place]
    real: Callable[..., Any] = getattr(module, name)
    calls = iter(range(1000))

    def stopped(*given: Any, **how: Any) -> Any:
        if next(calls) >= through:
            sys.stdout.write("here\n")
            sys.stdout.flush()
            sys.stdin.readline()
        return real(*given, **how)

    setattr(module, name, stopped)


if __name__ == "__main__":
    stop_at(sys.argv[1])
    restore.restore(Path(sys.argv[2]), Lines())
