"""Bytes in, Pending call out: the one door for all sources."""

import hashlib
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from config import settings
from pipeline import children, runs
from pipeline.sound.contract import NotARecording, Probe
from pipeline.sound.probe import probe
from pipeline.storage import Storage, recording_key, storage
from records import access, db
from records.access import Identity
from records.calls import Call, new_call_id
from records.db import stored_id
from records.moves import arrive
from records.roles import Permission
from records.runs import Run
from records.statuses import RunReason, Source

BLOCK = 1 << 20
PROBE_SECONDS = 20.0  # mostly it takes a hundredth of one; a hostile file is cut off here


class Refused(Exception):  # noqa: N818  the field's word
    """This file is not taken in. The message says what is wrong and what to do; `code` is stable."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True)
class Arrival:
    """A recording on its way in, with what is known of it."""

    campaign: str  # slug
    filename: str
    blocks: Iterable[bytes]
    source: Source
    called_at: datetime | None = None
    external_id: str | None = None
    agent_id: int | None = None
    details: dict[str, Any] = field(default_factory=dict)
    api_key_id: int | None = None
    accept_truncated: bool = False


@dataclass(frozen=True)
class Received:
    """The call that the recording became, or already was."""

    call: Call
    duplicate: bool


def receive(who: Identity, arrival: Arrival, ask: Callable[[Call, Run], None]) -> Received:
    """Take a recording in, and ask for its first run.

    Raises Refused for what is no recording, NotFound for a campaign that is not this person's,
    StorageAway when the bytes could not be kept. Whatever is raised, nothing stays behind.
    """
    with db.reading() as session:
        campaign = access.campaign(session, who, arrival.campaign, Permission.CALL_UPLOAD)
    shelf, call_id = storage(), new_call_id()
    key = recording_key(call_id)
    try:
        size, digest = _store(shelf, key, arrival.blocks)
        known = _known(stored_id(campaign.id), digest)
        found = None if known else _look(shelf, key, arrival)
    except BaseException:
        shelf.delete(key)
        raise
    if known or found is None:
        shelf.delete(key)
        return Received(_expect(known), duplicate=True)
    call = Call(
        id=call_id,
        campaign_id=stored_id(campaign.id),
        source=arrival.source,
        filename=clean_name(arrival.filename),
        size=size,
        sha256=digest,
        container=found.container,
        codec=found.codec,
        channels=found.channels,
        sample_rate=found.sample_rate,
        accept_truncated=arrival.accept_truncated,
        called_at=arrival.called_at,
        external_id=arrival.external_id,
        details=arrival.details,
        agent_id=arrival.agent_id,
        uploader_id=who.user_id,
        api_key_id=arrival.api_key_id,
    )
    return _enter(shelf, call, who, ask)


def clean_name(name: str) -> str:
    """The name to show: the last part of a path, without control characters, at most 255 characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cs")).strip()
    return kept[:255] or "recording"


def blocks_of(path: Path) -> Iterable[bytes]:
    """A file's bytes, a megabyte at a time."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _enter(shelf: Storage, call: Call, who: Identity, ask: Callable[[Call, Run], None]) -> Received:
    """Row, first line of the timeline and first run in one transaction; then, and only then, the job."""
    try:
        with db.writing() as session:
            arrive(session, call, by=who.label)
            run = runs.begin(session, call, RunReason.FIRST_RUN, by=who.label)
    except IntegrityError:
        # The same bytes arrived twice at once, and the other was first.
        shelf.delete(recording_key(call.id))
        return Received(_expect(_known(call.campaign_id, call.sha256)), duplicate=True)
    except BaseException:
        shelf.delete(recording_key(call.id))
        raise
    ask(call, run)
    return Received(call, duplicate=False)


def _store(shelf: Storage, key: str, blocks: Iterable[bytes]) -> tuple[int, str]:
    """Stream the bytes to storage; their number and SHA-256."""
    limit = settings().max_upload_bytes
    digest, size = hashlib.sha256(), 0
    with shelf.write(key) as sink:
        for block in blocks:
            size += len(block)
            if limit and size > limit:
                raise Refused("too_large", f"This file is larger than the limit of {megabytes(limit)} set here.")
            digest.update(block)
            sink.write(block)
    if size == 0:
        raise Refused("empty", "This file is empty (0 bytes). Export it again from the recording system.")
    return size, digest.hexdigest()


def _look(shelf: Storage, key: str, arrival: Arrival) -> Probe:
    try:
        with shelf.local(key) as path:
            return children.run(
                probe, path, arrival.accept_truncated, clean_name(arrival.filename), timeout_s=PROBE_SECONDS
            )
    except NotARecording as error:
        raise Refused(error.code, str(error)) from error
    except children.ChildFailed as error:
        words = "This file could not be read as a recording: reading it broke off. Export it again, as WAV or MP3."
        raise Refused("not_audio", words) from error


def _known(campaign_id: int, digest: str) -> Call | None:
    with db.reading() as session:
        return _same_bytes(session, campaign_id, digest)


def _same_bytes(session: Session, campaign_id: int, digest: str) -> Call | None:
    return session.exec(select(Call).where(Call.campaign_id == campaign_id, Call.sha256 == digest)).first()


def _expect(call: Call | None) -> Call:
    if call is None:
        raise Refused("gone", "The same recording was here and has just been deleted. Upload it again.")
    return call


def megabytes(size: int) -> str:
    """Bytes in words."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size:,} bytes"  # noqa: PLR2004  powers of ten
