"""The words of calls from before there was an index of them: put into it some at a time, beside everything else."""

from time import monotonic, sleep

from records import call_text, transcripts
from records.db import reading, writing

BATCH = 50  # calls in one transaction: a tenth of a second on a slow disk
PAUSE_S = 0.05  # between two, in which other writers get their turn


def index_texts(seconds: float) -> int:
    """Go on for so long, or until all is done; how many calls were read. What a crash leaves over is done next time."""
    until, done = monotonic() + seconds, 0
    while monotonic() < until:
        with reading() as session:
            ids = call_text.unread(session, BATCH)
            newest = transcripts.for_the_index(session, ids) if ids else []
            said = {call_id: call_text.spoken(content) for call_id, content in newest}
        if not ids:
            break
        with writing() as session:
            done += call_text.catch_up(session, {call_id: said.get(call_id, []) for call_id in ids})
        sleep(PAUSE_S)
    return done
