"""The one door to what was said: transcripts, quotes and reasons.

Where a campaign redacts, what was made without redaction is withheld: shown empty, and not judged again. It is kept, so
that it shows again should the campaign redact no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, func, or_, select

from records.calls import Call
from records.campaigns import Campaign
from records.db import stored_id
from records.results import CheckResult, StoredTranscript, Version
from records.runs import Run
from records.statuses import CheckKind

WITHHELD = "What was said is withheld: this transcript was made before redaction was turned on."
REMOVED = "The transcript of this call was removed, as its campaign's retention says."
COUNTED = 10_000  # calls; beyond, nobody needs the number
_OWNER = aliased(Call)  # a query around ours may be about calls too


class Gone(Exception):  # noqa: N818  what it is
    """Retention has removed what a run needs, or would remove what it makes; the message is a sentence."""


class Withheld(Exception):  # noqa: N818  what it is
    """The campaign redacts, and this transcript was made without."""

    def __init__(self) -> None:
        super().__init__(f"{WITHHELD} Rerun Transcription makes a redacted one.")


@dataclass(frozen=True)
class Said:
    """A transcript as it may be read."""

    id: int
    run_number: int  # the run that made it
    content: dict[str, Any]  # pipeline's Transcript, as JSON; without any words where it is withheld
    figures: dict[str, Any]  # pipeline's Figures, as JSON
    redacted: bool
    withheld: bool = False


def keep(
    session: Session,
    call_id: str,
    run_number: int,
    content: dict[str, Any],
    figures: dict[str, Any],
    *,
    redacted: bool,
) -> int:
    """Store what a run made; its id."""
    made = StoredTranscript(call_id=call_id, run_number=run_number, content=content, figures=figures, redacted=redacted)
    session.add(made)
    session.flush()
    return stored_id(made.id)


def shown(session: Session, transcript_id: int) -> Said:
    """A transcript for people and programs: empty where it is withheld. Whoever asks has been given the call."""
    stored, withheld, _gone = _found(session, transcript_id)
    content = {**stored.content, "utterances": [], "spotted": []} if withheld else dict(stored.content)
    return _said(stored, content, withheld=withheld)


def whole(session: Session, transcript_id: int) -> Said:
    """A transcript to work with. Raises Gone, Withheld."""
    stored, withheld, gone = _found(session, transcript_id)
    if gone:  # its row has no words left, and would be judged as if nobody had said any
        raise Gone(REMOVED)
    if withheld:
        raise Withheld
    return _said(stored, dict(stored.content))


def figures(session: Session, transcript_id: int) -> dict[str, Any]:
    """What was measured, without the transcript: that of a long call is megabytes."""
    found = select(StoredTranscript.figures).where(StoredTranscript.id == transcript_id)
    return dict(session.exec(found).one())


def checks(session: Session, version: Version) -> tuple[CheckResult, ...]:
    """What each check found, in the campaign's order; without quotes and reasons where those are withheld."""
    found = select(CheckResult).where(CheckResult.run_id == version.run_id).order_by(col(CheckResult.position))
    results = session.exec(found).all()
    return tuple(map(_wordless, results)) if is_withheld(session, version.transcript_id) else tuple(results)


def newest(session: Session, call: Call) -> int | None:
    """The transcript to judge again: the newest version's, or that of a run which failed after it."""
    by_run = select(Run.transcript_id).where(Run.call_id == call.id, col(Run.transcript_id).is_not(None))
    return session.exec(by_run.order_by(col(Run.number).desc()).limit(1)).first()


def is_withheld(session: Session, transcript_id: int) -> bool:
    """Whether this transcript is not to be read at present."""
    found = _of_campaign(StoredTranscript.redacted, Campaign.redact).where(StoredTranscript.id == transcript_id)
    redacted, redacts = session.execute(found).one()
    return redacts and not redacted


def if_open(transcript_id: Any) -> Any:  # noqa: ANN401  a column, and a subquery that stands for it
    """A column's transcript, or nothing where it is withheld or removed."""
    found = _of_campaign(StoredTranscript.id).where(StoredTranscript.id == transcript_id)
    readable = or_(col(StoredTranscript.redacted).is_(True), col(Campaign.redact).is_(False))
    return found.where(readable, col(_OWNER.transcripts_gone_at).is_(None)).scalar_subquery()


def for_the_index(session: Session, call_ids: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    """The content of calls' newest versions, withheld or not: a search looks for those alone that are not."""
    newest_version = and_(col(Version.call_id) == Call.id, col(Version.number) == Call.version_number)
    query = (
        select(Call.id, StoredTranscript.content)
        .join(Version, newest_version)
        .join(StoredTranscript, col(StoredTranscript.id) == Version.transcript_id)
        .where(col(Call.id).in_(call_ids))
    )
    return [(call_id, dict(content)) for call_id, content in session.exec(query)]


def unredacted() -> ColumnElement[bool]:
    """Whether a call's newest version was made without redaction, and there is something of it to withhold."""
    made = and_(col(Call.version_number) > 0, col(Call.transcripts_gone_at).is_(None))
    return and_(col(Call.redacted).is_(False), made)


def withheld() -> ColumnElement[bool]:
    """Whether what the newest version of a call holds is withheld."""
    return and_(unredacted(), col(Call.campaign_id).in_(_redacting()))


def open_to_all() -> ColumnElement[bool]:
    """Whether a search may find a call by its words."""
    return or_(col(Call.redacted).is_(True), col(Call.campaign_id).not_in(_redacting()))


def any_redacting(session: Session) -> bool:
    """Whether any campaign redacts, so that some of its calls may be withheld."""
    return session.execute(_redacting().limit(1)).first() is not None


def how_many(session: Session, campaign_id: int) -> int:
    """How many calls of a campaign are unredacted, at most one more than COUNTED."""
    some = select(Call.id).where(Call.campaign_id == campaign_id, unredacted()).limit(COUNTED + 1).subquery()
    return session.exec(select(func.count()).select_from(some)).one()


def counted(number: int) -> str:
    """'1 call', '12 calls', 'more than 10,000 calls': what how_many found."""
    if number > COUNTED:
        return f"more than {COUNTED:,} calls"
    return f"{number:,} call{'' if number == 1 else 's'}"


def _redacting() -> Any:  # noqa: ANN401  a Select of ids
    return select(Campaign.id).where(col(Campaign.redact).is_(True))


def _found(session: Session, transcript_id: int) -> tuple[StoredTranscript, bool, bool]:
    """A transcript as it is stored; whether it is withheld, and whether it was removed."""
    wanted = _of_campaign(StoredTranscript, Campaign.redact, _OWNER.transcripts_gone_at)
    stored, redacts, gone_at = session.execute(wanted.where(StoredTranscript.id == transcript_id)).one()
    return stored, redacts and not stored.redacted, gone_at is not None


def _of_campaign(*what: Any) -> Any:  # noqa: ANN401  a column or table, and what SQLAlchemy makes of it
    query = select(*what).select_from(StoredTranscript).join(_OWNER, col(_OWNER.id) == StoredTranscript.call_id)
    return query.join(Campaign, col(Campaign.id) == _OWNER.campaign_id)


def _said(stored: StoredTranscript, content: dict[str, Any], *, withheld: bool = False) -> Said:
    return Said(
        stored_id(stored.id), stored.run_number, content, dict(stored.figures), stored.redacted, withheld=withheld
    )


def _wordless(found: CheckResult) -> CheckResult:
    """A copy that no session knows, so that nothing of it is written. What was measured holds no words."""
    reason = found.reason if found.kind is CheckKind.METRIC else ""
    return CheckResult(**found.model_dump() | {"evidence": [], "reason": reason})
