"""What the made-up contact centre has on its SFTP server: batches of every status, files with every kind of verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, select

from records.calls import Call
from records.campaigns import Campaign
from records.db import now, stored_id
from records.sftp import FileKind, SftpBatch, SftpFile
from records.sftp_state import SftpState
from records.statuses import CallStatus, SftpBatchStatus, SftpFileStatus
from tests.records.sftp_made import new_file, stored_batch, stored_file, stored_folder, stored_row

B, F = SftpBatchStatus, SftpFileStatus
ALARM = (
    "Of the last 40 file names only 5% matched the pattern; 98% was usual. Has the recording system changed how it "
    "names files? Their calls came in without what the names would have told."
)
CUT_SHORT = "The recording is cut short: its header promises 4:10, and 1:02 are there."
NAMES = ("cdeer", "mpoole", "jruiz", "tbaker", "alund")
MANY = 5000


@dataclass
class Seen:
    """What was made, for whoever wants to open it."""

    incomplete: int = 0
    waiting: int = 0
    many: int = 0
    duplicate: int = 0  # a file of the incomplete one


def make(session: Session, campaigns: Sequence[Campaign]) -> Seen:
    """Customer service takes names of Five9, Sales requires a CSV, Collections has ended well."""
    service, sales, collections = campaigns
    stored_folder(session, service, preset="five9")
    stored_folder(session, sales, csv="required", folder="sales/dialler", alarm=ALARM, alarm_at=now())
    stored_folder(session, collections, after_import="move")
    began = now() - timedelta(seconds=25)
    session.add(SftpState(began_at=began, ended_at=began + timedelta(seconds=3), files=5_041))
    many = _many(session, service)
    _done(session, collections)
    incomplete, duplicate = _incomplete(session, service)
    waiting = _waiting(session, sales)
    _nobodys(session)
    return Seen(stored_id(incomplete.id), stored_id(waiting.id), stored_id(many.id), stored_id(duplicate.id))


def _many(session: Session, campaign: Campaign) -> SftpBatch:
    batch = stored_batch(session, campaign, B.PROCESSING, opened_at=now() - timedelta(hours=2))
    batch.words = "Its files are being imported."
    for number in range(MANY):
        status = F.COMPLETED if number < 4_210 else F.MATCHED
        if number % 97 == 0:
            status = F.FAILED
        reason = "The server broke off in the middle of the file." if status is F.FAILED else ""
        path = f"customer-service/11_4_2025/{4436170000 + number} by {NAMES[number % 5]} @ 7_16_55 AM.wav"
        session.add(
            new_file(campaign, status, path, batch_id=batch.id, code="cut_off" if reason else "", reason=reason)
        )
    session.flush()
    return batch


def _done(session: Session, campaign: Campaign) -> None:
    words = "Every file was processed."
    batch = stored_batch(session, campaign, B.COMPLETED, opened_at=now() - timedelta(hours=5), words=words)
    for _ in range(12):
        stored_file(session, campaign, F.COMPLETED, batch=batch)


def _incomplete(session: Session, campaign: Campaign) -> tuple[SftpBatch, SftpFile]:
    words = "1 failed; 2 named by a CSV and never found; 1 line of a CSV could not be used."
    batch = stored_batch(session, campaign, B.INCOMPLETE, opened_at=now() - timedelta(hours=1), words=words)
    sheet = stored_file(
        session, campaign, F.COMPLETED, "customer-service/calls.csv", batch, kind=FileKind.SHEET, size=2_411
    )
    calls = select(Call.id).where(Call.campaign_id == campaign.id, Call.status == CallStatus.COMPLETED)
    for place, call in enumerate(session.exec(calls.order_by(col(Call.id)).limit(4)), start=2):
        name = f"{4436170733 + place} by {NAMES[place % 5]} @ 9_0{place}_12 AM.wav"
        note = "Two agents are called 'alund': Anna Lund and Arne Lund. Link the call to one of them." * (place == 4)
        file = stored_file(
            session, campaign, F.COMPLETED, f"customer-service/11_4_2025/{name}", batch, call_id=call, agent_note=note
        )
        stored_row(session, sheet, place, name, file_id=file.id)
    for place, name in ((6, "4436170799 by cdeer @ 9_11_01 AM.wav"), (7, "C:\\export\\4436170801.wav")):
        stored_row(session, sheet, place, name)
    stored_row(session, sheet, 8, "Total: 7", words="This line has no file name.")
    folder = "customer-service/11_4_2025"
    stored_file(session, campaign, F.FAILED, f"{folder}/4436170750.wav", batch, code="truncated", reason=CUT_SHORT)
    duplicate = stored_file(
        session, campaign, F.DUPLICATE, f"{folder}/4436170735 by cdeer @ 9_02_12 AM.wav", batch, code="same_path",
        reason="A recording was imported from this path before, when the file had 400,120 bytes; now it has 401,998. "
        "If it is another call, choose 'Import as new'.", call_id=call,
    )  # fmt: skip
    for name, code, reason in (
        ("Thumbs.db", "foreign", "Files of this name belong to an operating system, not to recordings."),
        ("latest.wav", "link", "Symbolic links are not followed. Put the file itself into the folder."),
        ("<b>bold</b> **stars** [a](http://evil.test) 🎧 \u202egpj.wav", "not_audio", "This file is text."),
        (f"{'long ' * 50}.wav", "unfinished_name", "It is taken once it is renamed."),
    ):
        stored_file(session, campaign, F.SKIPPED, f"{folder}/{name}", batch, code=code, reason=reason)
    return batch, duplicate


def _waiting(session: Session, campaign: Campaign) -> SftpBatch:
    words = "3 recordings are there, and no CSV yet."
    early = stored_batch(session, campaign, B.COMPLETED, opened_at=now() - timedelta(days=1), words="Done.")
    batch = stored_batch(session, campaign, B.WAITING_FOR_CSV, words=words, after_id=early.id)
    for number in range(3):
        name = f"sales/dialler/20251104-10310{number}_3125551212_SALES_6666-all.mp3"
        stored_file(session, campaign, F.MATCHED, name, batch, reason="It is whole, and waits for its batch.")
    growing = "It was found, and is taken once its size and time have stood still."
    stored_file(
        session, campaign, F.DETECTED, "sales/dialler/20251104-103200_3125551212_SALES_6667-all.mp3", batch,
        code="settling", reason=growing,
    )  # fmt: skip
    return batch


def _nobodys(session: Session) -> None:
    for folder, number in (("archive/2023", 40), ("Sales-old", 7), ("", 1)):
        for place in range(number):
            where = f"The folder '{folder}' is no campaign's." if folder else "It lies in no campaign's folder."
            path = f"{folder}/{place}.wav".lstrip("/")
            stored_file(session, None, F.SKIPPED, path, code="unclaimed", reason=where)
