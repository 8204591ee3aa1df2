"""Bulk jobs to look at on their pages."""

from records import access, bulk, db
from records.bulk import BulkJob
from records.campaigns import Campaign
from records.statuses import CallStatus
from tests.pages.conftest import Cast
from tests.records.made import stored_call

COMPLETED, PENDING, FAILED = CallStatus.COMPLETED, CallStatus.PENDING, CallStatus.FAILED
NO_SPEECH = {"status": FAILED, "error_code": "no_speech", "error": "Nobody speaks in it."}
NASTY = "<img src=x onerror=alert(1)> **bold** [a](http://evil.test) :smile:"


def announced(cast: Cast, campaign: Campaign | None = None, *, expected: int = 4, name: str = "March") -> BulkJob:
    with db.writing() as session:
        owner = access.identity(session, cast.olivia)
        return bulk.create(session, owner, (campaign or cast.support).slug, expected=expected, name=name)


def arrived(job: BulkJob, name: str = "", **facts) -> str:
    """A call that came in by the job; its id."""
    with db.writing() as session:
        duplicate = facts.pop("duplicate", False)
        call = stored_call(session, session.get_one(Campaign, job.campaign_id), **facts)
        bulk.note_call(session, job.id or 0, name or call.filename, call.id, duplicate=duplicate)
        return call.id


def refused(job: BulkJob, name: str = NASTY) -> None:
    with db.writing() as session:
        bulk.note_refusal(session, job.id or 0, name, "not_audio", "This file is not a recording: it is text.")


def changed(job: BulkJob, **facts) -> None:
    with db.writing() as session:
        session.get_one(BulkJob, job.id).sqlmodel_update(facts)
