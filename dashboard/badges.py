"""How each status, source and verdict looks: its word, its colour, and an icon, so that colour is never alone."""

from collections.abc import Mapping
from typing import NamedTuple

from records.api_keys import KeyState
from records.deliveries import DeliveryState
from records.people_list import Standing
from records.reviews import ReviewState
from records.roles import Role
from records.statuses import (
    BulkStatus,
    CallStatus,
    CheckKind,
    RunReason,
    SftpBatchStatus,
    SftpFileStatus,
    Source,
    Verdict,
)


class Badge(NamedTuple):
    """`colour` is Streamlit's name for it; the theme makes gray slate, violet purple and orange amber."""

    label: str
    colour: str
    icon: str  # a Material symbol

    @property
    def material(self) -> str:
        """The icon as Streamlit's own elements want it."""
        return f":material/{self.icon}:"


CALL: Mapping[CallStatus, Badge] = {
    CallStatus.PENDING: Badge("Pending", "gray", "schedule"),
    CallStatus.TRANSCRIBING: Badge("Transcribing", "blue", "graphic_eq"),
    CallStatus.ANALYZING: Badge("Analyzing", "violet", "psychology"),
    CallStatus.COMPLETED: Badge("Completed", "green", "check_circle"),
    CallStatus.FAILED: Badge("Failed", "red", "error"),
}

BULK: Mapping[BulkStatus, Badge] = {
    BulkStatus.QUEUED: Badge("Queued", "gray", "schedule"),
    BulkStatus.PROCESSING: Badge("Processing", "blue", "sync"),
    BulkStatus.COMPLETED: Badge("Completed", "green", "check_circle"),
    BulkStatus.FAILED: Badge("Failed", "red", "error"),
    BulkStatus.CANCELLED: Badge("Cancelled", "gray", "block"),
}

SOURCE: Mapping[Source, Badge] = {
    Source.UI: Badge("UI", "blue", "computer"),
    Source.API: Badge("API", "violet", "code"),
    Source.BULK_JOB: Badge("Bulk Job", "orange", "stacks"),
    Source.SFTP: Badge("SFTP", "green", "folder_open"),
}

SFTP_BATCH: Mapping[SftpBatchStatus, Badge] = {
    SftpBatchStatus.DETECTING: Badge("Detecting", "gray", "radar"),
    SftpBatchStatus.WAITING_FOR_CSV: Badge("Waiting for CSV", "violet", "hourglass_top"),
    SftpBatchStatus.WAITING_FOR_FILES: Badge("Waiting for Files", "violet", "hourglass_top"),
    SftpBatchStatus.PROCESSING: Badge("Processing", "blue", "sync"),
    SftpBatchStatus.COMPLETED: Badge("Completed", "green", "check_circle"),
    SftpBatchStatus.INCOMPLETE: Badge("Incomplete", "orange", "rule"),
    SftpBatchStatus.FAILED: Badge("Failed", "red", "error"),
}
SFTP_FILE: Mapping[SftpFileStatus, Badge] = {
    SftpFileStatus.DETECTED: Badge("Detected", "gray", "radar"),
    SftpFileStatus.MATCHED: Badge("Matched", "violet", "link"),
    SftpFileStatus.PROCESSING: Badge("Processing", "blue", "sync"),
    SftpFileStatus.COMPLETED: Badge("Completed", "green", "check_circle"),
    SftpFileStatus.FAILED: Badge("Failed", "red", "error"),
    SftpFileStatus.DUPLICATE: Badge("Duplicate", "orange", "content_copy"),
    SftpFileStatus.SKIPPED: Badge("Skipped", "gray", "block"),
}

VERDICT: Mapping[Verdict, Badge] = {
    Verdict.PASS: Badge("Pass", "green", "check_circle"),
    Verdict.FAIL: Badge("Fail", "red", "cancel"),
    Verdict.NOT_APPLICABLE: Badge("Not applicable", "gray", "do_not_disturb_on"),
    Verdict.NOT_EVALUATED: Badge("Not evaluated", "orange", "help"),
}

REVIEW: Mapping[ReviewState, Badge] = {
    ReviewState.NONE: Badge("Not reviewed", "gray", "rate_review"),
    ReviewState.OPEN: Badge("Waits for review", "orange", "rate_review"),
    ReviewState.CLOSED: Badge("Reviewed", "green", "task_alt"),
}
DISPUTED = Badge("Disputed", "orange", "feedback")
ANSWERED = Badge("Answered", "green", "mark_chat_read")

FLAGGED = Badge("Flagged", "red", "flag")
CRITICAL = Badge("Critical", "red", "priority_high")
UNVERIFIED = Badge("Unverified", "orange", "format_quote_off")  # a quote was not in the transcript; the reason says so
DRAFT = Badge("Draft transcript", "orange", "edit_note")

WELL = Badge("Well", "green", "check_circle")
TROUBLE = Badge("Needs somebody", "red", "error")


KEY: Mapping[KeyState, Badge] = {
    KeyState.ACTIVE: Badge("Active", "green", "check_circle"),
    KeyState.EXPIRES_SOON: Badge("Expires soon", "orange", "hourglass_bottom"),
    KeyState.EXPIRED: Badge("Expired", "gray", "event_busy"),
    KeyState.REVOKED: Badge("Revoked", "red", "block"),
}

DELIVERY: Mapping[DeliveryState, Badge] = {
    DeliveryState.WAITING: Badge("Waiting", "blue", "schedule"),
    DeliveryState.SENT: Badge("Sent", "green", "check_circle"),
    DeliveryState.FAILED: Badge("Failed", "red", "error"),
}

WEBHOOK_ACTIVE = Badge("Active", "green", "check_circle")
WEBHOOK_PAUSED = Badge("Paused", "orange", "pause_circle")
WEBHOOK_OFF = Badge("Off", "gray", "power_settings_new")

CHECK_KIND: Mapping[CheckKind, str] = {
    CheckKind.AI: "AI",
    CheckKind.PHRASE: "Phrase",
    CheckKind.METRIC: "Metric",
}

RUN_REASON: Mapping[RunReason, str] = {
    RunReason.FIRST_RUN: "First run",
    RunReason.RERUN_TRANSCRIPTION: "Rerun transcription",
    RunReason.RUN_ANALYSIS: "Run analysis",
    RunReason.SWAPPED_SPEAKERS: "Swapped speakers",
}

ROLE: Mapping[Role, str] = {
    Role.AGENT: "Agent",
    Role.MANAGER: "Manager",
    Role.COMPLIANCE_OFFICER: "Compliance Officer",
    Role.SENIOR_MANAGER: "Senior Manager",
    Role.OWNER: "Owner",
}

STANDING: Mapping[Standing, Badge] = {
    Standing.ACTIVE: Badge("Active", "green", "check_circle"),
    Standing.INVITED: Badge("Invited", "orange", "mail"),
    Standing.DEACTIVATED: Badge("Deactivated", "gray", "block"),
}
