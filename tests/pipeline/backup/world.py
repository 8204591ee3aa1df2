"""An installation in which everything is: calls with results, one under way, and a row of every table."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from commands.sending.progress import Lines
from config import settings
from pipeline.asking import first_look
from pipeline.backup import export, restore
from pipeline.backup.export import Exported
from pipeline.backup.restore import Imported
from pipeline.backup.values import LEFT_OUT
from pipeline.deletion import delete_call
from pipeline.outcome import Again
from pipeline.storage import rendition_key, storage
from records import agents, answers, api_keys, audit, bulk, db, outages, sessions, signing, webhooks
from records.access import COMMAND_LINE
from records.agents import AgentAlias, AgentCampaign
from records.calls import Call
from records.campaigns import Campaign
from records.figures_kept import DayAgent, DayCheck, DayTally, KeptDay
from records.idempotency import KeptAnswer
from records.people import LinkPurpose, OneTimeLink, OutsideAccount
from records.results import Version
from records.retention import Removal
from records.reviews import Dispute, Review, ReviewedCheck, ReviewState
from records.roles import Role
from records.runs import Run
from records.saved_views import SavedView
from records.sftp import FileKind, SftpBatch, SftpFile, SftpRow
from records.sftp_folders import SftpFolder
from records.sftp_state import SftpState
from records.statuses import CallStatus, SftpFileStatus, Source, Verdict
from records.tables import METADATA
from tests.pipeline.arriving import receive, wav
from tests.pipeline.resuming import add, begun
from tests.pipeline.staging import Killed, Play, die_in, drive
from tests.records.made import agent, person

Rows = dict[str, list[dict[str, Any]]]
NAME = "Zoë's call 🎧 <b>.wav"  # as a source gave it
PIECES = wav(9)  # a recording of which a half has come
HALF = len(PIECES) // 2


def fill(campaign: Campaign, play: Play) -> Again:
    """Fill every table; the look at a run whose worker has died."""
    with db.writing() as session:
        webhooks.create(session, COMMAND_LINE, campaign.slug, "https://example.org/hook")
        key, _ = api_keys.create(session, COMMAND_LINE, campaign.slug)
        session.add(KeptAnswer(api_key_id=key.id, key="k", fingerprint="f" * 64, status=202, body={"id": None}))
    done, under_way, deleted = (came_in(number) for number in range(3))
    delete_call(COMMAND_LINE, call_of(deleted).id)
    drive(done)
    with storage().write(rendition_key(call_of(done).id)) as sink:
        sink.write(b"fLaC and so on")
    with db.writing() as session:
        _people(session, campaign)
        _judge(session, call_of(done))
        _sftp(session, campaign, call_of(done))
        _odds(session, campaign, under_way)
        job = bulk.create(session, COMMAND_LINE, campaign.slug, expected=2)
        session.flush()
        bulk.note_call(session, job.id or 0, NAME, call_of(done).id, duplicate=False)
        bulk.note_refusal(session, job.id or 0, "x.txt", "not_audio", "This is text.")
    add(begun(PIECES), PIECES[:HALF])
    play.acts.append(Killed())
    die_in(under_way)
    return under_way


def exported(folder: Path) -> Exported:
    return export.export(folder, Lines())


def imported(folder: Path) -> Imported:
    return restore.restore(folder, Lines())


def came_in(number: int) -> Again:
    """A recording that went through the door of all sources."""
    looks: list[Again] = []
    receive(wav(number), filename=NAME, ask=lambda _call, run: looks.append(first_look(run)), details={"Ort": "Wien"})
    return looks[0]


def call_of(look: Again) -> Call:
    with db.reading() as session:
        return session.get_one(Call, session.get_one(Run, look.run_id).call_id)


def _people(session: Session, campaign: Campaign) -> None:
    ada = agent(session, "Ada Ünver")
    session.add(AgentAlias(alias=agents.folded("ada@example.org"), agent_id=ada.id))
    session.add(AgentCampaign(agent_id=ada.id, campaign_id=campaign.id))
    user = person(session, Role.MANAGER, campaign, agent_id=ada.id)
    user.password_hash = "$argon2id$v=19$kept"
    sessions.start(session, user)
    session.add(SavedView(user_id=user.id, name="Mine", address="flagged=1"))
    session.add(OutsideAccount(issuer="https://id.example.org", subject="7", user_id=user.id))
    session.add(OneTimeLink(token_hash="a" * 64, purpose=LinkPurpose.INVITE, user_id=user.id, expires_at=db.now()))


def _judge(session: Session, call: Call) -> None:
    version = session.exec(select(Version).where(Version.call_id == call.id)).one()
    review = Review(version_id=version.id, call_id=call.id, state=ReviewState.CLOSED, score=1 / 3)
    session.add(review)
    session.flush()
    session.add(Removal(call_id=call.id, kept="recording", days=30, receipt={"recordings": 1}))
    session.add(ReviewedCheck(review_id=review.id, position=0, was=Verdict.FAIL, verdict=Verdict.PASS))
    session.add(Dispute(review_id=review.id, position=0, words="I did say it.\nTwice."))


def _sftp(session: Session, campaign: Campaign, call: Call) -> None:
    session.add(SftpFolder(campaign_id=campaign.id, folder="in"))
    session.add(SftpState(claim="c" * 32, claim_until=db.now(), words="The line broke."))
    first = SftpBatch(campaign_id=campaign.id, closes_at=db.now(), closed_at=db.now())
    session.add(first)
    session.flush()
    session.add(SftpBatch(campaign_id=campaign.id, closes_at=db.now(), after_id=first.id))
    facts = {"campaign_id": campaign.id, "batch_id": first.id, "modified": db.now(), "name_key": "n", "stem_key": "s"}
    file = SftpFile(path="in/a.wav", path_key="1" * 64, kind=FileKind.RECORDING, size=2**40, call_id=call.id, **facts)
    sheet = SftpFile(path="in/a.csv", path_key="2" * 64, kind=FileKind.SHEET, size=9, claim="d" * 32, **facts)
    sheet.status = SftpFileStatus.PROCESSING
    session.add_all((file, sheet))
    session.flush()
    session.add(SftpRow(campaign_id=campaign.id, sheet_id=sheet.id, line=2, name="a.wav", file_id=file.id))


def _odds(session: Session, campaign: Campaign, look: Again) -> None:
    answers.expect(session, look.run_id)
    answers.bring(session, look.run_id, "no such secret", b"")
    session.get_one(answers.ProviderAnswer, look.run_id).body = bytes(range(256))
    outages.failed(session, "cloud", look.run_id)
    signing.secret_for(session, "links")
    past = {"zone": "UTC", "day": date(2026, 3, 1)}
    session.add(KeptDay(**past, true_at=db.now()))
    counted = {"calls": 1, "completed": 1, "failed": 0, "judged": 1, "flagged": 0, "scored": 1, "points": 80.0}
    theirs = {**past, "campaign_id": campaign.id}
    session.add(DayTally(**theirs, source=Source.API, status=CallStatus.COMPLETED, **counted))
    session.add(DayAgent(**theirs, agent_id=1, **counted))
    session.add(DayCheck(**theirs, name="Greeting", failed=0, judged=1))
    audit.log(session, COMMAND_LINE, "campaign.edit", "…", names=["a"], why=None)


def rows() -> Rows:
    """Every row of every table, as the models read it."""
    with db.reading() as session:
        return {
            table.name: [dict(row) for row in session.execute(table.select().order_by(*table.primary_key)).mappings()]
            for table in METADATA.sorted_tables
        }


def kept(tables: Rows) -> Rows:
    """What is the same after an import: not holders and tickets, what is left out, and the lines about backups."""
    new = ("claim", "claim_until", "lease_until", "ticket", "due_at", "attempts", "held_by", "held_until")
    return {
        name: [
            {column: value for column, value in row.items() if column not in new}
            for row in found
            if not str(row.get("act")).startswith("backup.")
        ]
        for name, found in tables.items()
        if name not in LEFT_OUT
    }


@contextmanager
def elsewhere(patch: pytest.MonkeyPatch, home: Path, **more: str) -> Iterator[None]:
    """Another installation's settings, until the end of the block."""
    with patch.context() as inner:
        for name in ("DATABASE_URL", "S3_BUCKET"):
            inner.delenv(name, raising=False)
        for name, value in {"TOTALVIEW_HOME": str(home), **more}.items():
            inner.setenv(name, value)
        db.forget_engines()
        settings.cache_clear()
        yield
        db.forget_engines()
    settings.cache_clear()
