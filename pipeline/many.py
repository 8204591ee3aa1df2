"""One act on many calls: each in a transaction of its own, those that cannot have it counted and passed over."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from pipeline import amend, reruns, swapping
from pipeline.reruns import Busy, NothingToAnalyze
from pipeline.swapping import NothingToSwap
from records import access, audit, call_list
from records.call_filters import Filters
from records.call_order import Sort
from records.calls import Call
from records.campaigns import NotUsable
from records.db import reading, writing
from records.identity import Identity, NotFound, require
from records.roles import Permission
from records.runs import Run
from records.statuses import RunReason
from records.transcripts import Gone, Withheld

MOST = 1_000  # calls of one act: it can be repeated, and nobody waits for a page for minutes
Began = Callable[[Call, Run], None]  # asks a worker to look at a run


class Act(StrEnum):
    """What can be done to many calls."""

    RERUN_TRANSCRIPTION = "rerun_transcription"
    RUN_ANALYSIS = "run_analysis"
    SWAP_SPEAKERS = "swap_speakers"
    LINK_AGENT = "link_agent"


@dataclass
class Outcome:
    """How many calls had it, and why the others had not. `before` is whom each call was linked to, for the way back."""

    done: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)  # by reason, in a few words
    before: dict[str, int | None] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.done + self.passed_over.total()


REASONS: Mapping[type[Exception], str] = {
    Busy: "being processed",
    NothingToAnalyze: "without a transcript",
    Gone: "whose recording or transcript was removed by retention",
    Withheld: "whose transcript is from before redaction was turned on, and withheld",
    NothingToSwap: "without an agent's and a customer's side",
    NotFound: "not there any more",
}
SAME_AGENT = "linked to that agent already"


def matching(who: Identity, filters: Filters, sort: Sort = Sort.NEWEST) -> list[str]:
    """The ids of the first MOST calls of a list."""
    require(who, Permission.CALL_REPROCESS)
    with reading() as session:
        return call_list.ids(session, who, filters, sort=sort, limit=MOST)


def run(who: Identity, act: Act, call_ids: Sequence[str], began: Began, told: Callable[[int], None]) -> Outcome:
    """Begin a run of each; `told` hears how many are behind it. Raises NotAllowed, NotUsable for none or too many."""
    acts: dict[Act, Callable[[Identity, str], tuple[Call, Run]]] = {
        Act.RERUN_TRANSCRIPTION: partial(reruns.rerun, reason=RunReason.RERUN_TRANSCRIPTION),
        Act.RUN_ANALYSIS: partial(reruns.rerun, reason=RunReason.RUN_ANALYSIS),
        Act.SWAP_SPEAKERS: swapping.swap,
    }

    def one(call_id: str, _outcome: Outcome) -> bool:
        began(*acts[act](who, call_id))
        return True

    return _each(who, act, call_ids, one, told)


def link(who: Identity, call_ids: Sequence[str], agent_id: int | None, told: Callable[[int], None]) -> Outcome:
    """Link each to an agent; None unlinks. Raises NotFound for an agent whom this person does not know."""
    if agent_id is not None:
        with reading() as session:
            access.agent(session, who, agent_id, Permission.CALL_REPROCESS)

    def one(call_id: str, outcome: Outcome) -> bool:
        with reading() as session:
            was = access.call(session, who, call_id, Permission.CALL_REPROCESS).agent_id
        if was == agent_id:
            return False
        amend.link(who, call_id, agent_id)
        outcome.before[call_id] = was
        return True

    return _each(who, Act.LINK_AGENT, call_ids, one, told)


def link_back(who: Identity, before: dict[str, int | None], told: Callable[[int], None]) -> Outcome:
    """Link each call to whom it was linked before."""

    def one(call_id: str, _outcome: Outcome) -> bool:
        amend.link(who, call_id, before[call_id])
        return True

    return _each(who, Act.LINK_AGENT, list(before), one, told)


def _each(
    who: Identity,
    act: Act,
    call_ids: Sequence[str],
    one: Callable[[str, Outcome], bool],
    told: Callable[[int], None],
) -> Outcome:
    """What was done when the person leaves is done; the log says beforehand what was asked for."""
    require(who, Permission.CALL_REPROCESS)
    wanted = list(dict.fromkeys(call_ids))
    if not wanted:
        raise NotUsable("Choose calls first.")
    if len(wanted) > MOST:
        raise NotUsable(f"At most {MOST:,} calls at once.")
    with writing() as session:
        audit.log(session, who, "call.many", act.value.replace("_", " "), calls=len(wanted))
    outcome = Outcome()
    for behind, call_id in enumerate(wanted, start=1):
        try:
            if one(call_id, outcome):
                outcome.done += 1
            else:
                outcome.passed_over[SAME_AGENT] += 1
        except tuple(REASONS) as refused:
            outcome.passed_over[REASONS[type(refused)]] += 1
        told(behind)
    return outcome
