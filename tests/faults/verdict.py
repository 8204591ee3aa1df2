"""What a fault did to the calls, told by the database and the providers' bills. Pure."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from records.statuses import CallStatus

DUE = 1  # times that each provider is paid for a call


@dataclass(frozen=True)
class CallFacts:
    """What the database says of one call."""

    recording: str  # how bills call it
    status: CallStatus
    error_code: str = ""
    error: str = ""
    runs: int = 1
    versions: int = 1
    transcripts: int = 1
    asked_again: int = 0  # as the call's page shows it
    looked_after: bool = True  # a job, a place in a line, or a worker whose claim stands


@dataclass(frozen=True)
class Verdict:
    """How many of each; what breaks a promise is said in `broken`."""

    accepted: int
    completed: int
    failed: int  # with a reason that is true
    lost: tuple[str, ...]
    duplicated: tuple[str, ...]
    paid_again: int  # that are counted on their calls
    paid_twice: tuple[str, ...]  # that are not
    forgotten: tuple[str, ...]  # unfinished, and nobody would ever look
    wrong_answers: tuple[str, ...]  # to uploads: a fine recording refused, a mistake of ours, no words

    @property
    def broken(self) -> list[str]:
        """A line for each promise that was broken; none when all is well."""
        parts = {
            "lost": self.lost,
            "duplicated": self.duplicated,
            "paid twice, and not counted": self.paid_twice,
            "unfinished and without a job": self.forgotten,
            "answered wrongly": self.wrong_answers,
        }
        return [f"{what}: {len(which)} ({'; '.join(which[:5])})" for what, which in parts.items() if which]


def judge(
    accepted: Collection[str],
    facts: Sequence[CallFacts],
    bills: Mapping[str, Counter[str]],
    *,
    may_fail: Collection[str] = (),
    wrong_answers: Sequence[str] = (),
) -> Verdict:
    """Hold what became of the accepted recordings against the promises.

    `may_fail`: codes of failures that are true while this fault lasts; every other failed call counts as lost.
    """
    known = {fact.recording: fact for fact in facts}
    failed = [fact for fact in facts if fact.status is CallStatus.FAILED and fact.error and fact.error_code in may_fail]
    ended_well = {fact.recording for fact in [*failed, *facts] if fact in failed or fact.status is CallStatus.COMPLETED}
    lost = [f"{name}: {_what_became(known.get(name))}" for name in accepted if name not in ended_well]
    due = dict.fromkeys(known, DUE)  # nothing is due for what is no call
    extra = {name: sum(max(bill[name] - due.get(name, 0), 0) for bill in bills.values()) for name in _billed(bills)}
    uncounted = {name: more - (known[name].asked_again if name in known else 0) for name, more in sorted(extra.items())}
    return Verdict(
        accepted=len(accepted),
        completed=sum(fact.status is CallStatus.COMPLETED for fact in facts),
        failed=len(failed),
        lost=tuple(lost),
        duplicated=tuple(_duplicated(facts)),
        paid_again=sum(extra.values()) - sum(max(more, 0) for more in uncounted.values()),
        paid_twice=tuple(f"{name}: {more} more than it shows" for name, more in uncounted.items() if more > 0),
        forgotten=tuple(
            f"{fact.recording}: {fact.status}" for fact in facts if _unfinished(fact) and not fact.looked_after
        ),
        wrong_answers=tuple(wrong_answers),
    )


def _what_became(fact: CallFacts | None) -> str:
    if fact is None:
        return "no call"
    return f"{fact.status} {fact.error_code} {fact.error}".strip()


def _unfinished(fact: CallFacts) -> bool:
    return fact.status not in (CallStatus.COMPLETED, CallStatus.FAILED)


def _duplicated(facts: Sequence[CallFacts]) -> Iterator[str]:
    """Nobody asked for a second run, so that each call has one, and what it made is there once."""
    for name, calls in Counter(fact.recording for fact in facts).items():
        if calls > 1:
            yield f"{name}: {calls} calls"
    for fact in facts:
        made = {"runs": fact.runs, "versions": fact.versions, "transcripts": fact.transcripts}
        if fact.status is CallStatus.COMPLETED and set(made.values()) != {1}:
            yield f"{fact.recording}: {made}"


def _billed(bills: Mapping[str, Counter[str]]) -> set[str]:
    return {name for bill in bills.values() for name in bill}
