"""Bulk jobs: announced first, then filled by uploads that name them, and looked at or called off as a whole."""

from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from api.answers import Words
from api.caller import KEYS, CallerHere
from api.door import Guarded
from api.problems import problems
from api.questions import TEXT, BulkJobId, Whole, invalid
from pipeline import bulk as calling_off
from records import bulk, bulk_counts
from records.bulk import MOST, BulkJob
from records.campaigns import NotUsable
from records.db import reading, stored_id, writing
from records.statuses import BulkStatus, CallStatus


class OfPeopleToo(Guarded):
    """The dashboard's uploader announces its jobs here too."""

    takes_people = True


router = APIRouter(prefix="/bulk_jobs", route_class=OfPeopleToo, dependencies=KEYS, tags=["Bulk jobs"])


class NewBulkJob(BaseModel):
    """What is going to be uploaded."""

    model_config = ConfigDict(extra="forbid")

    expected: Whole = Field(ge=1, le=MOST, description="How many recordings are going to come.", examples=[250])
    name: str = Field(default="", max_length=200, pattern=TEXT, description="For people.", examples=["March"])


class ChangedBulkJob(BaseModel):
    """What is going to be uploaded after all."""

    model_config = ConfigDict(extra="forbid")

    expected: Whole = Field(ge=1, le=MOST, description="How many recordings come in all.", examples=[240])


class CallCounts(BaseModel):
    """The job's new calls by their status; those that were called off have a number of their own."""

    pending: int = 0
    transcribing: int = 0
    analyzing: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0


class JobCounts(BaseModel):
    """What came of the recordings."""

    arrived: int = Field(description="Taken in, duplicates among them.")
    duplicates: int = Field(description="Recordings that the campaign had already. They count as done.")
    refused: int = Field(description="Not taken in.")
    missing: int = Field(description="Announced, and not here yet. After 24 hours they count as failed.")
    calls: CallCounts


class FailureCount(Words):
    """One kind of failure, with the words of one recording."""

    count: int


class JobAnswer(BaseModel):
    """A bulk job, and where it stands."""

    id: int
    name: str
    status: BulkStatus
    expected: int
    counts: JobCounts
    failures: list[FailureCount] = Field(description="The most frequent first; at most 20 kinds.")
    by: str
    created_at: datetime
    cancelled_at: datetime | None


@router.post(
    "",
    status_code=201,
    summary="Announce a bulk job",
    responses={
        201: {
            "description": "Send its id as `bulk_job_id` with each upload.",
            "headers": {"Location": {"description": "Where the job is.", "schema": {"type": "string"}}},
        },
        **problems("bad-request", "forbidden", "too-large", "invalid"),
    },
)
def create_bulk_job(announced: NewBulkJob, request: Request, response: Response, caller: CallerHere) -> JobAnswer:
    """Many recordings that belong together. More may come than were announced."""
    try:
        with writing() as session:
            job = bulk.create(session, caller.who, caller.campaign, expected=announced.expected, name=announced.name)
    except NotUsable as error:
        raise invalid("name", str(error)) from error
    response.headers["Location"] = f"{request.scope.get('root_path', '')}/bulk_jobs/{job.id}"
    with reading() as session:
        return _answer(session, job)


@router.get("/{bulk_job_id}", summary="Ask for a bulk job", responses=problems("not-found", "invalid"))
def get_bulk_job(bulk_job_id: BulkJobId, caller: CallerHere) -> JobAnswer:
    """Where it stands. `GET /calls?bulk_job_id=` lists its calls."""
    with reading() as session:
        return _answer(session, bulk.job(session, caller.who, bulk_job_id))


@router.patch(
    "/{bulk_job_id}",
    summary="Announce another number",
    responses=problems("bad-request", "not-found", "cancelled", "too-large", "invalid"),
)
def change_bulk_job(bulk_job_id: BulkJobId, changed: ChangedBulkJob, caller: CallerHere) -> JobAnswer:
    """Where recordings of the job are not sent after all, or more are."""
    with writing() as session:
        job = bulk.expect(session, caller.who, bulk_job_id, changed.expected)
    with reading() as session:
        return _answer(session, job)


@router.post("/{bulk_job_id}/cancel", summary="Cancel a bulk job", responses=problems("not-found", "invalid"))
def cancel_bulk_job(bulk_job_id: BulkJobId, caller: CallerHere) -> JobAnswer:
    """Its pending calls become failed with the code `cancelled`; a rerun takes one up again. Begun calls finish.

    No further uploads are taken. Asking again is harmless.
    """
    job = calling_off.cancel(caller.who, bulk_job_id)
    with reading() as session:
        return _answer(session, job)


def _answer(session: Session, job: BulkJob) -> JobAnswer:
    tally = bulk_counts.tally(session, job)
    counts, overdue = tally.counts, bulk_counts.overdue(job)
    return JobAnswer(
        id=stored_id(job.id),
        name=job.name,
        status=bulk_counts.standing(counts, cancelled=job.cancelled_at is not None, overdue=overdue),
        expected=job.expected,
        counts=JobCounts(
            arrived=counts.arrived,
            duplicates=counts.duplicates,
            refused=counts.refused,
            missing=counts.missing,
            calls=CallCounts(
                **{status.value: counts.calls.get(status, 0) for status in CallStatus}, cancelled=counts.cancelled
            ),
        ),
        failures=[FailureCount(code=one.code, words=one.words, count=one.count) for one in tally.failures],
        by=job.by,
        created_at=job.created_at,
        cancelled_at=job.cancelled_at,
    )
