"""What the hourly sweep clears away, part by part: one that fails keeps no other from running."""

import logging
from collections.abc import Callable

from rq.timeouts import BaseTimeoutException

from pipeline import finishing, orphans, retention
from pipeline.storage import storage
from pipeline.transcription import scratch_folder
from pipeline.webhooks import deliver as delivering
from records import figures_keeping, idempotency
from records.db import now, writing

log = logging.getLogger(__name__)


class SweepFailed(Exception):  # noqa: N818  what became of it
    """Some parts of the sweep failed; the message names them."""


def sweep() -> None:
    """Run all parts. Raises SweepFailed where some failed, so that RQ's books show it."""
    failed = [name for name, part in PARTS if not _done(name, part)]
    if failed:
        raise SweepFailed(f"The hourly sweep could not do all: {', '.join(failed)}. The next one tries again.")


def _done(name: str, part: Callable[[], object]) -> bool:
    try:
        part()
    except BaseTimeoutException:
        raise  # the job's time is over, and not the part's alone
    except Exception:
        log.exception("The hourly sweep failed at: %s. It goes on with the rest.", name)
        return False
    return True


def _kept_answers() -> None:
    with writing() as session:
        idempotency.sweep(session)


# What needs the database alone comes first: storage may be away for hours, or refuse one right for ever.
PARTS: tuple[tuple[str, Callable[[], object]], ...] = (
    ("answers kept for repeated requests", _kept_answers),
    ("what webhooks were told", delivering.sweep),
    ("figures that nobody looks at", figures_keeping.forget_unused),
    ("what campaigns keep for a time only", retention.sweep),
    ("samples that a killed worker left", lambda: orphans.sweep_scratch(scratch_folder())),
    ("uploads that nobody went on with", lambda: finishing.sweep(storage())),
    ("objects in storage that are nobody's", lambda: orphans.sweep(storage(), now().hour)),
)
