"""One recording that comes by a form: into storage while it is read, then a call; nothing where that fails."""

import hashlib
import json
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from api.caller import Caller
from api.facts import FIELDS, bulk_job_of, facts_of
from api.multipart import Form, Sink
from api.problems import Problem
from jobs import enqueue
from pipeline.intake import Intake, Received, Refused
from records import bulk, idempotency
from records.db import reading, stored_id, writing
from records.idempotency import KeptAnswer
from records.lines import clean_name
from records.statuses import Source

CREATED, FOUND = 202, 200


class Answer:
    """What the request is answered: a status, a body, and whether an earlier request was answered this already."""

    def __init__(self, status: int, body: dict[str, Any], *, replayed: bool = False) -> None:
        self.status, self.body, self.replayed = status, body, replayed


class Reception:
    """Fed with a request's body, then finished. A context: unless finished, nothing stays behind."""

    def __init__(self, caller: Caller, content_type: str, key: str = "") -> None:
        """`key` is the request's Idempotency-Key."""
        self._caller, self._key = caller, key
        self._form = Form(content_type, self._open)
        self._digest = hashlib.sha256()
        self._intake: Intake | None = None
        self._kept = self._look_up()

    def feed(self, block: bytes) -> None:
        """Read on."""
        self._form.feed(block)

    def abandon(self) -> None:
        """Leave nothing behind, unless it was finished."""
        if self._intake is not None:
            self._intake.abandon()

    def note(self, refused: Refused) -> None:
        """Tell the recording's bulk job, where it has named one by now, that it was refused."""
        with writing() as session:
            job = bulk_job_of(session, self._caller, self._form.fields)
            if job is not None:
                name = clean_name(self._form.filename or "")
                bulk.note_refusal(session, job, name, refused.code, str(refused))

    def finish(self) -> Answer:
        """The body is over: make the recording a call. Raises Problem, Refused, StorageAway."""
        self._form.end()
        fields, filename = self._form.fields, clean_name(self._form.filename or "")
        unknown = sorted(set(fields) - set(FIELDS))
        if unknown:
            raise Problem("bad-metadata", f"There is no field '{unknown[0][:60]}'. The fields are {', '.join(FIELDS)}.")
        with reading() as session:
            facts = facts_of(session, self._caller, fields)
            job = bulk_job_of(session, self._caller, fields)
        if self._kept or self._intake is None:
            return self._again(filename)
        told: list[Answer] = []

        def also(session: Session, received: Received) -> None:
            told[:] = [Answer(FOUND if received.duplicate else CREATED, answer_of(received, self._caller))]
            self._keep(session, filename, told[0])
            if job is not None:
                bulk.note_call(session, job, filename, received.call.id, duplicate=received.duplicate)

        try:
            self._intake.finish(filename, facts, enqueue.first, also)
        except IntegrityError:
            self._kept = self._look_up()
            if self._kept is None:
                raise
            return self._again(filename)  # the same request came twice at once, and the other was first
        return told[0]

    def _open(self, _filename: str) -> Sink:
        """Where the file's bytes go; a request that was answered before is only compared."""
        if self._kept is not None:
            return self._digest.update
        intake = self._intake = Intake(self._caller.who, self._caller.campaign, Source.API)

        def sink(block: bytes) -> None:
            intake.write(block)
            if self._key:
                self._digest.update(block)

        return sink

    def _look_up(self) -> KeptAnswer | None:
        if not self._key:
            return None
        with reading() as session:
            return idempotency.kept(session, stored_id(self._caller.key_id), self._key)

    def _keep(self, session: Session, filename: str, answer: Answer) -> None:
        if self._key:
            kept = KeptAnswer(
                api_key_id=stored_id(self._caller.key_id),
                key=self._key,
                fingerprint=self._fingerprint(filename),
                status=answer.status,
                body=answer.body,
            )
            idempotency.keep(session, kept)

    def _again(self, filename: str) -> Answer:
        """The kept answer, if this is the same request indeed."""
        if self._kept is not None and not self._kept.body:
            words = "The call of the request with this Idempotency-Key was deleted. Use a new key to send it again."
            raise Problem("idempotency-conflict", words)
        if self._kept is None or self._kept.fingerprint != self._fingerprint(filename):
            words = "This Idempotency-Key was used for another recording, or with other fields. Use a new key."
            raise Problem("idempotency-conflict", words)
        return Answer(self._kept.status, self._kept.body, replayed=True)

    def _fingerprint(self, filename: str) -> str:
        """What makes two requests the same: the bytes, their name, and the fields."""
        said = json.dumps([filename, self._digest.hexdigest(), self._form.fields], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


def answer_of(received: Received, caller: Caller) -> dict[str, Any]:
    """The answer's body, as JSON holds it."""
    call = received.call
    return {
        "id": call.id,
        "campaign_id": call.campaign_id,
        "campaign": caller.campaign,
        "status": call.status.value,
        "source": call.source.value,
        "filename": call.filename,
        "sha256": call.sha256,
        "size": call.size,
        "duration_s": None if call.duration_ms is None else call.duration_ms / 1000,
        "duplicate": received.duplicate,
    }
