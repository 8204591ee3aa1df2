"""What a resumable upload was announced with, as its row keeps it until the recording has come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from pipeline.intake import Facts
from records import access, api_keys
from records.api_keys import ApiKey
from records.campaigns import Campaign
from records.identity import Identity, NotFound
from records.people import User
from records.statuses import Source
from records.uploads import ResumableUpload


@dataclass(frozen=True)
class Announced:
    """The recording's facts and name, its size in bytes, its bulk job, and the client's own words for it all."""

    filename: str
    size: int
    facts: Facts
    bulk_job_id: int | None = None
    words: str = ""  # the header as it came, since the client may ask for it again
    source: Source = Source.API


def as_kept(announced: Announced) -> dict[str, Any]:
    """As JSON."""
    facts = announced.facts
    return {
        **vars(facts),
        "called_at": facts.called_at and facts.called_at.isoformat(),
        "bulk_job_id": announced.bulk_job_id,
        "words": announced.words,
        "source": announced.source,
    }


def of(upload: ResumableUpload) -> Announced:
    """As it was announced."""
    kept = dict(upload.facts)
    job, words, called_at = kept.pop("bulk_job_id"), kept.pop("words"), kept.pop("called_at")
    source = Source(kept.pop("source", Source.API))
    facts = Facts(**kept, called_at=datetime.fromisoformat(called_at) if called_at else None)
    return Announced(upload.filename, upload.size, facts, job, words, source)


def who(session: Session, upload: ResumableUpload) -> Identity:
    """Who brings it: with a key that has ended meanwhile too, since every byte came while it had not."""
    if upload.api_key_id is not None:
        key = session.exec(select(ApiKey).where(col(ApiKey.id) == upload.api_key_id)).one()
        return api_keys.identity(key)
    user = session.exec(select(User).where(col(User.id) == upload.user_id)).first()
    if user is None:
        raise NotFound("Nobody brings this upload any more.")
    return access.identity(session, user)


def campaign(session: Session, upload: ResumableUpload) -> str:
    """The slug of its campaign."""
    return session.exec(select(Campaign.slug).where(col(Campaign.id) == upload.campaign_id)).one()
