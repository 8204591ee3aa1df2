"""Bytes in, Pending call out: the one door for all sources."""

import hashlib
import json
import logging
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
from pipeline.storage import Storage, StorageAway, recording_key, storage
from records import access, db
from records.access import Identity
from records.calls import Call, new_call_id
from records.db import stored_id
from records.lines import unshown
from records.moves import arrive
from records.roles import Permission
from records.runs import Run
from records.statuses import RunReason, Source

log = logging.getLogger(__name__)

BLOCK = 1 << 20
LONGEST_ID = 255  # characters of an external id
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
    _check_facts(arrival)
    with db.reading() as session:
        campaign = access.campaign(session, who, arrival.campaign, Permission.CALL_UPLOAD)
    shelf, call_id = storage(), new_call_id()
    key = recording_key(call_id)
    try:
        size, digest = _store(shelf, key, arrival.blocks)
        known = _known(stored_id(campaign.id), digest)
        found = None if known else _look(shelf, key, arrival)
    except BaseException:
        _discard(shelf, key)
        raise
    if known or found is None:
        _discard(shelf, key)
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
    kept = "".join(character for character in last if not unshown(character)).strip()
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
    except IntegrityError as error:
        _discard(shelf, recording_key(call.id))
        if "sha256" not in str(error.orig):
            raise
        # The same bytes arrived twice at once, and the other was first.
        return Received(_expect(_known(call.campaign_id, call.sha256)), duplicate=True)
    except BaseException:
        _discard(shelf, recording_key(call.id))
        raise
    try:
        ask(call, run)
    except Exception:
        log.warning("Call %s is in, and no worker could be asked; the rescue job will.", call.id, exc_info=True)
    return Received(call, duplicate=False)


def _check_facts(arrival: Arrival) -> None:
    """Refuse what no database takes, before the first byte is stored."""
    external_id = arrival.external_id or ""
    if len(external_id) > LONGEST_ID or unshown(external_id):
        words = f"The external id may have at most {LONGEST_ID} characters, none of them control characters."
        raise Refused("bad_metadata", words)
    try:
        json.dumps(arrival.details, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise Refused("bad_metadata", f"The metadata cannot be kept as JSON: {error}.") from error


def _discard(shelf: Storage, key: str) -> None:
    try:
        shelf.delete(key)
    except (OSError, StorageAway):
        log.warning("%s could not be deleted; the sweep of orphans will.", key, exc_info=True)


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
    except children.ChildNotStarted as error:  # the machine's fault, not the file's
        raise StorageAway(f"The recording could not be looked at just now. {error} Try again later.") from error
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
