"""Resumable uploads for tests: begun, fed, and what is left of them."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlmodel import select

from pipeline import finishing, resumable
from pipeline.announced import Announced
from pipeline.intake import Facts
from pipeline.resumable import Addition
from pipeline.storage import storage
from records import api_keys, bulk, db
from records.access import COMMAND_LINE
from records.bulk import BulkItem, BulkJob
from records.campaigns import Campaign
from records.db import now
from records.uploads import ResumableUpload, UploadPiece
from tests.pipeline.arriving import in_storage, nobody

OWNER = "key:1"


def begun(data: bytes, *, bulk_job_id: int | None = None, size: int | None = None, **facts: Any) -> ResumableUpload:
    """An upload to 'support' by its only key."""
    with db.writing() as session:
        key = session.exec(select(api_keys.ApiKey)).first()
        if key is None:
            key, _ = api_keys.create(session, COMMAND_LINE, "support", name="dialler")
    announced = Announced("call.wav", len(data) if size is None else size, Facts(**facts), bulk_job_id)
    return resumable.begin(api_keys.identity(key), OWNER, "support", announced)


def add(upload: ResumableUpload, data: bytes, offset: int = 0, block: int = 1 << 20, **how: Any) -> Addition:
    """What one request would do, but for the end of the whole upload."""
    addition = Addition(OWNER, upload.id, offset, **how)
    try:
        for at in range(0, len(data), block):
            addition.write(data[at : at + block])
        addition.end()
    finally:
        addition.close()
    return addition


def die(addition: Addition) -> None:
    """What becomes of a request whose server was killed: its files are closed, and that is all."""
    if addition._open is not None:
        addition._open.close()


def sha1(data: bytes) -> dict[str, Any]:
    """The checksum of a request that is to bring this."""
    return {"checksum": (hashlib.sha1(usedforsecurity=False), hashlib.sha1(data, usedforsecurity=False).digest())}


def finish(upload: ResumableUpload) -> ResumableUpload:
    finishing.finish(upload.id, nobody)
    return fresh(upload)


def fresh(upload: ResumableUpload) -> ResumableUpload:
    with db.reading() as session:
        return session.get_one(ResumableUpload, upload.id)


def pieces_of(upload: ResumableUpload) -> list[tuple[int, int]]:
    """Start and size of each, in order."""
    with db.reading() as session:
        found = session.exec(select(UploadPiece).where(UploadPiece.upload_id == upload.id)).all()
    return sorted((piece.start, piece.size) for piece in found)


def change(upload: ResumableUpload, **values: Any) -> None:
    with db.writing() as session:
        row = session.get_one(ResumableUpload, upload.id)
        for name, value in values.items():
            setattr(row, name, value)


def lapse(upload: ResumableUpload) -> None:
    """Whoever held it was not heard of for too long."""
    change(upload, held_until=now() - timedelta(seconds=1))


def expire(upload: ResumableUpload) -> None:
    change(upload, expires_at=now() - timedelta(seconds=1))


def objects() -> list[Path]:
    """Pieces in storage."""
    return [path for path in in_storage() if "uploads" in path.parts]


def bytes_of(call_id: str) -> bytes:
    with storage().open(f"recordings/{call_id[:2]}/{call_id}") as source:
        return source.read()


def bulk_job(campaign: Campaign) -> int:
    with db.writing() as session:
        job = BulkJob(campaign_id=campaign.id, expected=1)
        session.add(job)
    return db.stored_id(job.id)


def items(job: int) -> list[BulkItem]:
    with db.reading() as session:
        return list(session.exec(select(bulk.BulkItem).where(BulkItem.bulk_job_id == job)))
