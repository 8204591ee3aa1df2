"""Retention: recordings and transcripts go once their time is over; scores, figures and a receipt stay."""

import logging
from collections.abc import Iterator
from typing import Any

from sqlmodel import Session, col, delete, select, update

from pipeline import reruns
from pipeline.deletion import clear_shelf
from pipeline.reruns import Busy
from records import retention
from records.access import COMMAND_LINE
from records.answers import ProviderAnswer
from records.call_text import CallText, UnreadCall
from records.calls import Call
from records.campaigns import Campaign
from records.db import UNSEEN, now, reading, stored_id, writing
from records.identity import NotFound
from records.moves import note
from records.results import CheckResult, StoredTranscript
from records.retention import Kept, Removal
from records.roles import Permission
from records.runs import Run
from records.statuses import FINISHED, CheckKind

log = logging.getLogger(__name__)

AT_ONCE = 500  # ids that are read in one go; each call has a transaction of its own
_WHAT = {Kept.RECORDING: "recordings", Kept.TRANSCRIPTS: "transcripts"}


def sweep() -> int:
    """Remove all that is due; of how many calls. Broken off, the next sweep goes on."""
    with reading() as session:
        campaigns = session.exec(select(Campaign).order_by(col(Campaign.id))).all()
    swept = 0
    for campaign in campaigns:
        for kept in Kept:
            if lasts := retention.days(campaign, kept):
                swept += sum(remove(call_id, kept) for call_id in _due(stored_id(campaign.id), kept, lasts))
    if swept:
        log.info("Retention removed recordings or transcripts of %s calls.", swept)
    return swept


def remove(call_id: str, kept: Kept) -> bool:
    """Remove it of one call, if its time is over at this moment; False where it stays, or is left to the next sweep."""
    with writing() as session:
        try:
            call = reruns.held(session, COMMAND_LINE, call_id, Permission.CALL_DELETE)
        except (NotFound, Busy):
            return False
        campaign = session.get_one(Campaign, call.campaign_id)
        stays = call.held_at is not None or retention.gone_at(call, kept) is not None or call.status not in FINISHED
        if stays or not retention.over(campaign, kept, call):
            return False
        receipt = _recording(call) if kept is Kept.RECORDING else _words(session, call)
        call.updated_at = now()
        if any(receipt.values()):
            lasts = retention.days(campaign, kept)
            session.add(Removal(call_id=call.id, kept=kept.value, days=lasts, receipt=receipt))
            said = f"Removed: {_told(kept, receipt)}. This campaign keeps {_WHAT[kept]} for {lasts} days."
            note(session, call, was=call.status, to=call.status, words=said)
    if kept is Kept.RECORDING:
        clear_shelf(call_id)
    return True


def _due(campaign_id: int, kept: Kept, lasts: int) -> Iterator[str]:
    """The calls, the oldest first; one that is left where it is does not come again."""
    order = (col(Call.created_at), col(Call.id))
    wanted = select(Call.created_at, Call.id).where(*retention.due(campaign_id, kept, lasts)).order_by(*order)
    behind = None
    while True:
        with reading() as session:
            later = wanted if behind is None else wanted.where(_after(*behind))
            found = session.exec(later.limit(AT_ONCE)).all()
        if not found:
            return
        yield from (call_id for _moment, call_id in found)
        behind = found[-1]


def _after(moment: Any, call_id: str) -> Any:  # noqa: ANN401  a moment, and what SQLAlchemy makes of a comparison
    same = (col(Call.created_at) == moment) & (col(Call.id) > call_id)
    return (col(Call.created_at) > moment) | same


def _recording(call: Call) -> dict[str, int]:
    call.recording_gone_at = now()
    return {"recordings": 1, "bytes": call.size}


def _words(session: Session, call: Call) -> dict[str, int]:
    """Take away what was said, in every version: turns, quotes, the judges' reasons, the index. Verdicts stay."""
    call.transcripts_gone_at = now()
    stored = session.exec(select(StoredTranscript).where(StoredTranscript.call_id == call.id)).all()
    for each in stored:
        each.content = {**each.content, "utterances": [], "spotted": []}
    runs = select(Run.id).where(Run.call_id == call.id)
    theirs = col(CheckResult.run_id).in_(runs)
    results = session.exec(select(CheckResult).where(theirs)).all()
    quotes = sum(len(each.evidence) for each in results)
    session.execute(update(CheckResult).where(theirs).values(evidence=[]), execution_options=UNSEEN)
    of_words = update(CheckResult).where(theirs, col(CheckResult.kind) != CheckKind.METRIC)
    session.execute(of_words.values(reason=""), execution_options=UNSEEN)
    # A run that failed on its way may remember what a judge has found so far.
    session.execute(update(Run).where(col(Run.call_id) == call.id).values(memory={}), execution_options=UNSEEN)
    session.execute(delete(ProviderAnswer).where(col(ProviderAnswer.run_id).in_(runs)), execution_options=UNSEEN)
    for table in (CallText, UnreadCall):
        session.execute(delete(table).where(col(table.call_id) == call.id), execution_options=UNSEEN)
    return {"transcripts": len(stored), "quotes": quotes}


def _told(kept: Kept, receipt: dict[str, int]) -> str:
    if kept is Kept.RECORDING:
        return f"the recording ({receipt['bytes']:,} bytes)"
    transcripts, quotes = receipt["transcripts"], receipt["quotes"]
    return f"{transcripts} transcript{'s' * (transcripts != 1)} and {quotes} quote{'s' * (quotes != 1)}"
