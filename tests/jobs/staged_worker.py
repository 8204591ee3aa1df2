"""A worker that stops dead at a chosen point, so that a test can kill it right there.

Arguments: queue, stage, moment (begun, made, stored), file to touch when the point is reached.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

from config import settings
from jobs import tasks, worker
from pipeline.stages import BY_NAME


def stop_here(flag: Path) -> None:
    flag.touch()
    time.sleep(600)


def set_trap(stage: str, moment: str, flag: Path) -> None:
    real = BY_NAME[stage]

    def begun(work):
        stop_here(flag)
        return real.run(work)

    def made(work):
        outcome = real.run(work)
        stop_here(flag)
        return outcome

    if moment == "stored":
        tasks.enqueue.look = lambda *_: stop_here(flag)
    else:
        BY_NAME[stage] = replace(real, run={"begun": begun, "made": made}[moment])


if __name__ == "__main__":
    queue, stage, moment, flag = sys.argv[1:]
    assert settings().home, "the test's environment is here"
    set_trap(stage, moment, Path(flag))
    worker.work(queue)
