"""The words of calls from before there was an index of them: put into it some at a time, beside everything else."""

from time import monotonic, sleep
from typing import Any

from sqlmodel import Session, and_, col, select

from records import call_text
from records.calls import Call
from records.db import reading, writing
from records.results import StoredTranscript, Version

BATCH = 50  # calls in one transaction: a tenth of a second on a slow disk
PAUSE_S = 0.05  # between two, in which other writers get their turn


def index_texts(seconds: float) -> int:
    """Go on for so long, or until all is done; how many calls were read. What a crash leaves over is done next time."""
    until, done = monotonic() + seconds, 0
    while monotonic() < until:
        with reading() as session:
            ids = call_text.unread(session, BATCH)
            said = {call_id: call_text.spoken(content) for call_id, content in _newest(session, ids)} if ids else {}
        if not ids:
            break
        with writing() as session:
            done += call_text.catch_up(session, {call_id: said.get(call_id, []) for call_id in ids})
        sleep(PAUSE_S)
    return done


def _newest(session: Session, ids: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """The transcripts that the calls' pages show."""
    newest = and_(col(Version.call_id) == Call.id, col(Version.number) == Call.version_number)
    query = (
        select(Call.id, StoredTranscript.content)
        .join(Version, newest)
        .join(StoredTranscript, col(StoredTranscript.id) == Version.transcript_id)
        .where(col(Call.id).in_(ids))
    )
    return [(call_id, dict(content)) for call_id, content in session.exec(query)]
