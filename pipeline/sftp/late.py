"""What a CSV says that came after its recordings were imported goes into their calls."""

from collections.abc import Sequence
from time import monotonic
from typing import Any

from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from pipeline import reruns
from pipeline.amend import merge
from pipeline.details import trouble
from pipeline.intake import LONGEST_ID
from pipeline.sftp.attaching import note_applied
from pipeline.sftp.facts.told import Told
from pipeline.sftp.leases import Writing
from pipeline.sftp.people import Directory
from records.agents import Agent
from records.calls import Call
from records.campaigns import Campaign
from records.db import now, reading
from records.identity import SFTP
from records.moves import note
from records.sftp import SftpFile, SftpRow
from records.sftp_folders import SftpFolder
from records.statuses import SftpFileStatus as Status

CHUNK = 100
APPLY_S = 60.0  # of one sweep: nobody's very long CSV keeps what comes meanwhile unseen


def apply(writing: Writing) -> bool:
    """Write what late rows say into calls, for some time; True where the next sweep goes on with it."""
    until = monotonic() + APPLY_S
    directory: Directory | None = None
    while rows := _unapplied():
        if monotonic() > until:
            return True
        with writing() as session:
            directory = directory or Directory.read(session)
            for number in rows:
                _apply(session, number, directory)
            note_applied(session, rows)
    return False


def _unapplied() -> Sequence[int]:
    """Rows whose file is done with; those of duplicates say nothing about the call that was there before."""
    done = (Status.COMPLETED, Status.DUPLICATE)
    late = (
        rows_of(col(SftpRow.id))
        .join(SftpFile, col(SftpFile.id) == SftpRow.file_id)
        .where(col(SftpRow.applied_at).is_(None), col(SftpRow.file_id).is_not(None), col(SftpFile.status).in_(done))
    )
    with reading() as session:
        # Of several rows of one recording the first counts most, so that it comes last.
        ordered = late.order_by(col(SftpRow.sheet_id), col(SftpRow.line).desc()).limit(CHUNK)
        return session.execute(ordered).scalars().all()


def _apply(session: Session, number: int, directory: Directory) -> None:
    row = session.exec(select(SftpRow).where(SftpRow.id == number)).one()
    file = session.exec(select(SftpFile).where(SftpFile.id == row.file_id)).one()
    if file.status is not Status.COMPLETED or file.call_id is None:
        return
    call = session.exec(select(Call).where(Call.id == file.call_id)).first()
    if call is None:
        return
    reruns.lock(session, call)
    told = Told.from_json(row.told)
    words = [*_facts(call, told), *_agent(session, call, file, told, directory)]
    if words:
        call.updated_at = now()
        session.add_all((call, file))
        said = f"Line {row.line} of a CSV that came later: {', '.join(words)}."
        note(session, call, was=call.status, to=call.status, words=said, by=SFTP.label)


def _facts(call: Call, told: Told) -> list[str]:
    before = (call.called_at, call.external_id, call.details)
    call.called_at = told.called_at or call.called_at
    if told.external_id is not None and len(told.external_id) <= LONGEST_ID:
        call.external_id = told.external_id
    merged: dict[str, Any] = merge(call.details, told.details)
    if not trouble(merged):
        call.details = merged
    after = (call.called_at, call.external_id, call.details)
    names = ("the call's date", "its external id", "its metadata")
    return [name for name, was, became in zip(names, before, after, strict=True) if was != became]


def _agent(session: Session, call: Call, file: SftpFile, told: Told, directory: Directory) -> list[str]:
    """A person who linked an agent meanwhile knows better than the CSV."""
    if not told.agent or call.agent_id != file.agent_id:
        return []
    slug, create = session.execute(
        rows_of(col(Campaign.slug), col(SftpFolder.create_agents))
        .outerjoin(SftpFolder, col(SftpFolder.campaign_id) == Campaign.id)
        .where(col(Campaign.id) == call.campaign_id)
    ).one()
    match = directory.match(session, told.agent, campaign=slug, create=bool(create))
    call.agent_given, file.agent_note = told.agent, match.note
    if match.agent_id is None or match.agent_id == call.agent_id:
        return []
    call.agent_id = file.agent_id = match.agent_id
    name = session.exec(select(Agent.name).where(Agent.id == match.agent_id)).one()
    return [f"the agent, {name}"]
