"""Takes a run one step further, whoever asks: an RQ worker, or `totalview process` by itself."""

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy.exc import OperationalError

from config import logs, settings
from pipeline import leasing, runs
from pipeline.children import ChildFailed
from pipeline.line import Need
from pipeline.outcome import Again, Done, Fault, ProviderError, Wait
from pipeline.sound.contract import NotARecording
from pipeline.stages import BY_NAME, Stage, Store, after
from pipeline.storage import StorageAway
from pipeline.work import ClaimLost, Work, patiently
from records import outages
from records.db import reading, writing
from records.transcripts import Gone, Withheld

log = logging.getLogger(__name__)

LONGEST_PAUSE_S = 600.0
LONGEST_WISH_S = 3600.0
MOST_DOUBLINGS = 60  # more would overflow, and is over the longest pause anyway


class CallFailed(Exception):  # noqa: N818  what happened
    """The run has failed and the database says so; raised so that the queue's own books show it too."""


def step(run_id: int, ticket: int) -> Again | None:
    """Claim the run, run its present stage, store what came of it. None: nothing (more) to do.

    Raises CallFailed once a failure stands in the database. A claim lost meanwhile writes nothing.
    """
    work = runs.claim(run_id, ticket, BY_NAME)
    if work is None:
        return None
    run = {"call_id": work.call.id, "run": work.run.number, "stage": work.run.stage}
    with _in_hand(work), logs.about(**run):
        try:
            return _take_on(work, BY_NAME[work.run.stage])
        except ClaimLost:
            log.info("Run %s went to another worker; this one writes nothing.", run_id)
            return None


def in_hand() -> list[Work]:
    """The runs that this process is at work on."""
    with _hands:
        return list(_works.values())


def hand_back() -> None:
    """This process has to stop: what it is at work on is another's to take, as if these tries had never begun."""
    for work in in_hand():
        try:
            runs.hand_back(work)
        except ClaimLost:
            log.info("Run %s has just been done.", work.run_id)


def _take_on(work: Work, stage: Stage) -> Again | None:
    try:
        with leasing.lease(work):
            outcome = stage.run(work)
            return _settle(work, stage, outcome)
    except ClaimLost:
        raise
    except Exception as error:  # noqa: BLE001  whatever broke, the call gets a sentence and the run its next step
        return _trouble(work, stage, error)


def pause_before(attempt: int, *, first_s: float, wish_s: float | None = None, chance: float = 1.0) -> float:
    """Seconds before the next try: doubling from `first_s` up to ten minutes, and never before the provider's wish.

    `chance` in 0..1 spreads tries that failed together. A wish for more than an hour is taken for an hour.
    """
    grown = min(first_s * 2.0 ** min(attempt - 1, MOST_DOUBLINGS), LONGEST_PAUSE_S)
    return max(grown * (0.5 + 0.5 * chance), min(wish_s or 0.0, LONGEST_WISH_S))


def _settle(work: Work, stage: Stage, outcome: Done[Store] | Wait) -> Again | None:
    _note_success(work, heard=outcome.heard)
    if isinstance(outcome, Wait):
        seconds = runs.wait(work, outcome.seconds, outcome.words)
        return Again(work.run_id, work.run.ticket + 1, stage.name, seconds)
    return patiently(lambda: _store(work, stage, outcome.value), f"the result of run {work.run_id}")


def _store(work: Work, stage: Stage, store: Store) -> Again | None:
    following = after(stage)
    with writing() as session:
        work.hold(session, waiting_for="")  # first, so that whoever lost the claim never gets to writing
        store(session, work.run)
        if following is None:
            runs.complete(session, work)
            return None
        runs.go_on(session, work, following.name)
    return Again(work.run_id, work.run.ticket + 1, following.name)


def _trouble(work: Work, stage: Stage, error: Exception) -> Again | None:
    """What an error means: wait out an outage, try again, or fail in words."""
    words = words_for(error)
    provider = work.need if work.need and work.need.remote else None
    if is_waited_out(error, provider):
        runs.put_off(work, settings().outage_seconds, words)
        return Again(work.run_id, work.run.ticket + 1, stage.name, settings().outage_seconds)
    final, exhausted = is_final(error), work.run.attempts >= settings().max_attempts
    if provider and _is_out_of_order(provider, work, error, exhausted=exhausted):
        seconds = max(settings().outage_seconds, min(_wish(error), LONGEST_WISH_S))
        if runs.wait_out(work, provider, words, seconds=seconds):
            log.warning("%s is paused: %s", provider.label, words)
        return None
    if final or exhausted:
        log.warning("Run %s failed in %s: %s", work.run_id, stage.name, words, exc_info=not final)
        runs.fail(work, code_for(error), words)
        raise CallFailed(words) from error
    first_s, wish_s = settings().retry_seconds, _wish(error)
    seconds = pause_before(work.run.attempts, first_s=first_s, wish_s=wish_s, chance=random.random())
    log.warning("Run %s will try %s again in %.0f s: %s", work.run_id, stage.name, seconds, words, exc_info=error)
    runs.put_off(work, seconds, words, failed=True)
    return Again(work.run_id, work.run.ticket + 1, stage.name, seconds)


def _wish(error: Exception) -> float:
    """Seconds that the provider wants to be left alone."""
    return (error.retry_after or 0.0) if isinstance(error, ProviderError) else 0.0


def _note_success(work: Work, *, heard: bool) -> None:
    """The provider is well, where it was heard from; else another call may see at once whether it is.

    Never at the price of the result: that is stored, whatever becomes of this note.
    """
    if work.need is None or not work.need.remote:
        return
    provider = work.need.provider
    try:
        with reading() as session:  # mostly all is well, and nobody needs to wait for the database's one writer
            if not outages.in_trouble(session, provider):
                return
        with writing() as session:
            if not heard:
                outages.look_again(session, provider)
            elif outages.well(session, provider):
                log.warning("%s is well again; its calls go on.", work.need.label)
    except OperationalError as error:
        log.warning("That %s has answered could not be noted just now: %s", work.need.label, error)


def _is_out_of_order(provider: Need, work: Work, error: Exception, *, exhausted: bool) -> bool:
    """Whether the provider, and no single recording, is what fails.

    Its account may be at fault, or it is known to be out of order. Or all tries are used up, and nobody answers there
    at all, or other calls have failed in their turn with no success between them.
    """
    if not isinstance(error, ProviderError) or error.fault is Fault.RECORDING:
        return False
    with writing() as session:
        calls = outages.failed(session, provider.provider, work.run_id)
        paused = outages.is_paused(session, provider.provider)
    if error.fault is Fault.ACCOUNT or paused:
        return True
    return exhausted and (error.fault is Fault.AWAY or calls >= outages.ENOUGH)


@contextmanager
def _in_hand(work: Work) -> Iterator[None]:
    with _hands:
        _works[work.claim] = work
    try:
        yield
    finally:
        with _hands:
            del _works[work.claim]


_hands = Lock()
_works: dict[str, Work] = {}


def is_waited_out(error: Exception, provider: Need | None) -> bool:
    """True when this call alone waits: storage is away, or what its campaign asks for cannot be had.

    An account's fault is the provider's outage, where there is a provider that others wait for too.
    """
    if isinstance(error, ProviderError):
        return error.fault is Fault.SETTINGS or (error.fault is Fault.ACCOUNT and provider is None)
    return isinstance(error, StorageAway)


def is_final(error: Exception) -> bool:
    """True when the recording or the transcript is at fault, so that trying again cannot help."""
    return isinstance(error, NotARecording | Gone | Withheld) or (isinstance(error, ProviderError) and error.permanent)


def words_for(error: Exception) -> str:
    """A sentence for a person. Our own mistakes are named as such; their details are in the log alone."""
    if isinstance(error, NotARecording | ProviderError | StorageAway | Gone | Withheld):
        return str(error)
    if isinstance(error, ChildFailed):
        return (
            f"Reading or recognising this recording broke off ({error}). Export it again, as WAV or MP3, or try later."
        )
    if isinstance(error, FileNotFoundError):
        return "The stored recording is missing. Look at the storage, upload the same file again, and rerun."
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
        case Gone() | Withheld():
            return "removed" if isinstance(error, Gone) else "withheld"
        case StorageAway() | FileNotFoundError():
            return "storage"
    return "internal"
