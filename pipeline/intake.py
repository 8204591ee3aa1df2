"""Bytes in, Pending call out: the one door for all sources."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Self

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from config import settings
from pipeline import children, details, runs
from pipeline.incoming import Incoming
from pipeline.restoring import put_back
from pipeline.sound.contract import NotARecording, Probe
from pipeline.sound.looking import look
from pipeline.storage import Storage, StorageAway, recording_key, storage
from records import access, agents, db
from records.access import Identity, NotAllowed
from records.calls import Call, new_call_id
from records.campaigns import expect_open
from records.db import stored_id
from records.lines import clean_name, unshown
from records.moves import arrive
from records.roles import Permission
from records.runs import Run
from records.statuses import RunReason, Source

log = logging.getLogger(__name__)

LONGEST_ID = 255  # characters of an external id
PROBE_SECONDS = 20.0  # mostly it takes a hundredth of one; a hostile file is cut off here


class Refused(Exception):  # noqa: N818  the field's word
    """This file is not taken in. The message says what is wrong and what to do; `code` is stable."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True)
class Facts:
    """What is known of a recording besides its bytes."""

    called_at: datetime | None = None
    external_id: str | None = None
    agent_id: int | None = None
    agent_given: str = ""  # as the source named the agent
    details: dict[str, Any] = field(default_factory=dict)
    accept_truncated: bool = False


NO_FACTS = Facts()


@dataclass(frozen=True)
class Arrival:
    """A recording on its way in, with what is known of it."""

    campaign: str  # slug
    filename: str
    blocks: Iterable[bytes]
    source: Source
    facts: Facts = NO_FACTS


@dataclass(frozen=True)
class Received:
    """The call that the recording became, or already was."""

    call: Call
    duplicate: bool


Ask = Callable[[Call, Run], None]
Also = Callable[[Session, Received], None]


def nothing_else(_session: Session, _received: Received) -> None:
    """For those who have nothing to write in the transaction in which a call enters."""


def open_campaign(session: Session, who: Identity, slug: str) -> int:
    """The id of a campaign that takes this person's calls. Raises NotFound, Refused where it is archived."""
    campaign = access.campaign(session, who, slug, Permission.CALL_UPLOAD)
    try:
        expect_open(campaign)
    except NotAllowed as archived:
        raise Refused("archived", str(archived)) from archived
    return stored_id(campaign.id)


def receive(who: Identity, arrival: Arrival, ask: Ask) -> Received:
    """Take a recording in, and ask for its first run.

    Raises Refused for what is no recording or an archived campaign, NotFound for one that is not this person's,
    StorageAway when the bytes could not be kept. Whatever is raised, nothing stays behind.
    """
    check(arrival.facts)
    with Intake(who, arrival.campaign, arrival.source) as intake:
        for block in arrival.blocks:
            intake.write(block)
        return intake.finish(arrival.filename, arrival.facts, ask)


class Intake:
    """One recording on its way in: written block by block, then finished with its facts, which may come last.

    A context: unless it was finished, nothing stays behind. The verbs may be called from different threads, one after
    the other.
    """

    def __init__(self, who: Identity, campaign: str, source: Source) -> None:
        """`campaign` is a slug. Raises NotFound for one not this person's, Refused where archived."""
        with db.reading() as session:
            self._campaign_id = open_campaign(session, who, campaign)
        self._who, self._source = who, source
        self._shelf, self._call_id = storage(), new_call_id()
        self._bytes = Incoming(self._shelf, recording_key(self._call_id))
        self._open, self._perhaps_in = True, False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_how: object) -> None:
        self.abandon()

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._bytes.size

    def write(self, block: bytes) -> None:
        """Keep these bytes. Raises Refused above the configured limit, StorageAway."""
        _expect_room(self.size + len(block))
        self._bytes.write(block)

    def take_over(self, key: str, size: int, sha256: str) -> None:
        """All bytes lie in storage already, at another key. Raises Refused above the configured limit."""
        _expect_room(size)
        self._bytes.take_over(key, size, sha256)

    def finish(self, filename: str, facts: Facts, ask: Ask, also: Also = nothing_else) -> Received:
        """Make it a call, in one transaction with whatever `also` writes; or find the call that has these bytes.

        Raises Refused, StorageAway, OriginGone, and what `also` raises; then nothing stays behind. Where the database
        breaks off in its commit, the call may be in: the bytes stay then, for it or for the sweep of orphans.
        """
        check(facts)
        if self.size == 0:
            raise Refused("empty", "This file is empty (0 bytes). Export it again from the recording system.")
        self._open = False
        try:
            self._bytes.keep()
            known = self._known(also)
            received = known or self._enter(self._new_call(clean_name(filename), facts), ask, also)
            if received.duplicate:
                put_back(self._shelf, self._bytes.key, received.call, by=self._who.label)
        except BaseException:
            if not self._perhaps_in:
                self._bytes.drop()
            raise
        if received.duplicate:
            self._bytes.drop()
        return received

    def abandon(self) -> None:
        """Leave nothing behind; nothing happens once it is finished."""
        if self._open:
            self._open = False
            self._bytes.drop()

    def _known(self, also: Also) -> Received | None:
        """The call that has the same bytes already."""
        with db.reading() as session:
            found = same_bytes(session, self._campaign_id, self._bytes.sha256)
        if found is None:
            return None
        received = Received(found, duplicate=True)
        if also is not nothing_else:
            still = select(Call.id).where(Call.id == found.id).with_for_update(read=True, key_share=True)
            with db.writing() as session:
                if session.exec(still).first() is None:  # deleted since: nothing may be noted of it any more
                    return None
                also(session, received)
        return received

    def _new_call(self, filename: str, facts: Facts) -> Call:
        found = _look(self._shelf, self._bytes.key, filename, accept_truncated=facts.accept_truncated)
        return Call(
            id=self._call_id,
            campaign_id=self._campaign_id,
            source=self._source,
            filename=filename,
            size=self.size,
            sha256=self._bytes.sha256,
            container=found.container,
            codec=found.codec,
            channels=found.channels,
            sample_rate=found.sample_rate,
            uploader_id=self._who.user_id,
            api_key_id=self._who.api_key_id,
            **{each.name: getattr(facts, each.name) for each in fields(facts)},
        )

    def _enter(self, call: Call, ask: Ask, also: Also) -> Received:
        """Row, first line of the timeline and first run in one transaction; then, and only then, the job."""
        received = Received(call, duplicate=False)
        try:
            with db.writing() as session:
                call.agent_id = agents.still(session, call.agent_id, call.agent_given)
                arrive(session, call, by=self._who.label)
                run = runs.begin(session, call, RunReason.FIRST_RUN, by=self._who.label)
                also(session, received)
                session.flush()
                self._perhaps_in = True  # whatever is raised from here on, it says nothing of the commit
        except IntegrityError as error:
            if "sha256" not in str(error.orig):
                raise
            found = self._known(also)  # the same bytes arrived twice at once, and the other was first
            if found is None:
                words = "The same recording was here and has just been deleted. Upload it again."
                raise Refused("gone", words) from error
            return found
        try:
            ask(call, run)
        except Exception:
            log.warning("Call %s is in, and no worker could be asked; the rescue job will.", call.id, exc_info=True)
        return received


def check(facts: Facts) -> None:
    """Refuse what no database takes; asked early, it saves everybody the bytes."""
    external_id = facts.external_id or ""
    if len(external_id) > LONGEST_ID or unshown(external_id):
        words = f"The external id may have at most {LONGEST_ID} characters, none of them control characters."
        raise Refused("bad_metadata", words)
    if words := details.trouble(facts.details):
        raise Refused("bad_metadata", words)


def too_large(limit: int) -> Refused:
    """The refusal of what has more bytes than the deployment allows."""
    return Refused("too_large", f"This file is larger than the limit of {megabytes(limit)} set here.")


def same_bytes(session: Session, campaign_id: int, digest: str) -> Call | None:
    """The call of a campaign that has exactly these bytes (SHA-256, hexadecimal)."""
    return session.exec(select(Call).where(Call.campaign_id == campaign_id, Call.sha256 == digest)).first()


def _expect_room(size: int) -> None:
    limit = settings().max_upload_bytes
    if limit and size > limit:
        raise too_large(limit)


def _look(shelf: Storage, key: str, filename: str, *, accept_truncated: bool) -> Probe:
    try:
        with shelf.local(key) as path:
            return children.run(look, path, accept_truncated, filename, timeout_s=PROBE_SECONDS)
    except NotARecording as error:
        raise Refused(error.code, str(error)) from error
    except children.ChildNotStarted as error:  # the machine's fault, not the file's
        raise StorageAway(f"The recording could not be looked at just now. {error} Try again later.") from error
    except children.ChildFailed as error:
        words = "This file could not be read as a recording: reading it broke off. Export it again, as WAV or MP3."
        raise Refused("not_audio", words) from error


def megabytes(size: int) -> str:
    """Bytes in words."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size:,} bytes"  # noqa: PLR2004  powers of ten
