"""Takes a run one step further, whoever asks: an RQ worker, or `totalview process` by itself."""

import logging
import random
from dataclasses import dataclass

from config import settings
from pipeline import runs
from pipeline.children import ChildFailed
from pipeline.outcome import Done, Fault, ProviderError, Wait
from pipeline.sound.contract import NotARecording
from pipeline.stages import BY_NAME, Stage, Store, after
from pipeline.storage import StorageAway
from pipeline.work import ClaimLost, Work
from records.db import stored_id, writing
from records.runs import Run
from records.statuses import CallStatus

log = logging.getLogger(__name__)

LONGEST_PAUSE_S = 600.0
LONGEST_WISH_S = 3600.0
OUTAGE_PAUSE_S = 60.0
MOST_DOUBLINGS = 60  # more would overflow, and is over the longest pause anyway


class CallFailed(Exception):  # noqa: N818  what happened
    """The run has failed and the database says so; raised so that the queue's own books show it too."""


class Stopping(BaseException):
    """This worker has been told to stop in the middle of a stage. No Exception, so that no stage swallows it."""


@dataclass(frozen=True)
class Again:
    """The run wants another look in `seconds`."""

    run_id: int
    ticket: int
    stage: str
    seconds: float = 0.0


def step(run_id: int, ticket: int) -> Again | None:
    """Claim the run, run its present stage, store what came of it. None: nothing (more) to do.

    Raises CallFailed once a failure stands in the database. A claim lost meanwhile writes nothing.
    """
    work = runs.claim(run_id, ticket, lambda stage: BY_NAME[stage].shows)
    if work is None:
        return None
    try:
        return _take_on(work, BY_NAME[work.run.stage])
    except ClaimLost:
        log.info("Run %s went to another worker; this one writes nothing.", run_id)
        return None


def _take_on(work: Work, stage: Stage) -> Again | None:
    try:
        with runs.lease(work):
            outcome = stage.run(work)
        return _settle(work, stage, outcome)
    except ClaimLost:
        raise
    except Stopping:
        return _hand_back(work)
    except Exception as error:  # noqa: BLE001  whatever broke, the call gets a sentence and the run its next step
        return _trouble(work, stage, error)


def pause_before(attempt: int, *, first_s: float, wish_s: float | None = None, chance: float = 1.0) -> float:
    """Seconds before the next try: doubling from `first_s` up to ten minutes, and never before the provider's wish.

    `chance` in 0..1 spreads tries that failed together. A wish for more than an hour is taken for an hour.
    """
    grown = min(first_s * 2.0 ** min(attempt - 1, MOST_DOUBLINGS), LONGEST_PAUSE_S)
    return max(grown * (0.5 + 0.5 * chance), min(wish_s or 0.0, LONGEST_WISH_S))


def _settle(work: Work, stage: Stage, outcome: Done[Store] | Wait) -> Again | None:
    if isinstance(outcome, Wait):
        runs.put_off(work, outcome.seconds, outcome.words, failed=False)
        return Again(work.run_id, work.run.ticket + 1, stage.name, outcome.seconds)
    following = after(stage)
    with writing() as session:
        work.hold(session, waiting_for="")  # first, so that whoever lost the claim never gets to writing
        outcome.value(session, work.run)
        if following is None:
            runs.complete(session, work)
            return None
        runs.go_on(session, work, following.name)
    return Again(work.run_id, work.run.ticket + 1, following.name)


def _hand_back(work: Work) -> Again:
    """The worker has to stop: the run is another's to take, and this try does not count."""
    runs.hand_back(work)
    return Again(work.run_id, work.run.ticket + 1, work.run.stage)


def _trouble(work: Work, stage: Stage, error: Exception) -> Again | None:
    """What an error means: wait out an outage, try again, or fail in words."""
    words = words_for(error)
    if is_outage(error):
        runs.put_off(work, OUTAGE_PAUSE_S, words, failed=False)
        return Again(work.run_id, work.run.ticket + 1, stage.name, OUTAGE_PAUSE_S)
    if is_final(error) or work.run.attempts >= settings().max_attempts:
        log.warning("Run %s failed in %s: %s", work.run_id, stage.name, words, exc_info=not is_final(error))
        runs.fail(work, code_for(error), words)
        raise CallFailed(words) from error
    wish = error.retry_after if isinstance(error, ProviderError) else None
    seconds = pause_before(work.run.attempts, first_s=settings().retry_seconds, wish_s=wish, chance=random.random())
    log.warning("Run %s will try %s again in %.0f s: %s", work.run_id, stage.name, seconds, words, exc_info=error)
    runs.put_off(work, seconds, words, failed=True)
    return Again(work.run_id, work.run.ticket + 1, stage.name, seconds)


def is_outage(error: Exception) -> bool:
    """True when it is nobody's fault but the account's or storage's: calls wait it out, and none fails for it."""
    return isinstance(error, StorageAway) or (isinstance(error, ProviderError) and error.fault is Fault.ACCOUNT)


def is_final(error: Exception) -> bool:
    """True when the recording itself is at fault, so that trying again cannot help."""
    return isinstance(error, NotARecording) or (isinstance(error, ProviderError) and error.permanent)


def words_for(error: Exception) -> str:
    """A sentence for a person. Our own mistakes are named as such; their details are in the log alone."""
    if isinstance(error, NotARecording | ProviderError | StorageAway):
        return str(error)
    if isinstance(error, ChildFailed):
        return (
            f"Reading or recognising this recording broke off ({error}). Export it again, as WAV or MP3, or try later."
        )
    if isinstance(error, FileNotFoundError):
        return "The stored recording is missing. Upload it again, and look at the storage."
    return f"Something went wrong inside TotalView ({type(error).__name__}); the log has the details. Try a rerun."


def code_for(error: Exception) -> str:
    """The stable code beside the words."""
    match error:
        case NotARecording():
            return error.code
        case ProviderError():
            return "recording" if error.permanent else "provider"
        case ChildFailed():
            return "unreadable"
        case StorageAway() | FileNotFoundError():
            return "storage"
    return "internal"


def status_of(stage: str) -> CallStatus:
    """The status that a call wears in this stage."""
    return BY_NAME[stage].shows


def first_look(run: Run) -> Again:
    """What to ask for when a run has just begun."""
    return Again(stored_id(run.id), run.ticket, run.stage)
