"""What to try with a call that failed, or that has been Pending for long: the manual's troubleshooting, in place."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from records.calls import Call, CallEvent
from records.db import now
from records.statuses import FINISHED, CallStatus

LONG = timedelta(minutes=10)  # Pending for longer is worth words
STILL_PENDING = "Pending for longer than usual"
WAIT = "Wait a few more minutes: large batches take longer."
THEN_RERUN = "If it stays Pending, use Rerun Transcription."
THEN_ASK = "If it stays Pending, tell your manager."
OTHER_FILE = (
    "Check that the file plays on your computer and is not empty; export it again, as WAV or MP3, and upload it."
)
OTHER_TRANSCRIBER = "Try Rerun Transcription, with another transcriber where there is one."
GOES_ON = "The transcript is there: Run Analysis goes on from it."
ASK = "Your manager can have it processed again."
TELL = "If it fails again, tell whoever runs TotalView: the log has the details."

MAKES_REDACTED = "Rerun Transcription makes a redacted transcript, and judges the checks anew."
ON_ITS_PAGE = "Open the call for Rerun Transcription: it makes a redacted transcript to judge by."
BEING_MADE = "It is being processed again, which makes a redacted transcript."
NO_REDACTED = "Its recording was removed, so that no redacted transcript can be made."
ALL_WITHHELD = "These calls were transcribed before redaction was turned on: what was said in them is withheld."
MAKES_MANY = "Rerun Transcription, under Act on many, makes redacted transcripts where the recordings are kept."
ASK_FOR_MANY = "Your manager can have them processed again."

_OF_THE_FILE = ("empty", "not_audio", "no_audio_track", "zero_duration", "cut_short", "implausible", "unreadable")
_TRY = {
    **dict.fromkeys(_OF_THE_FILE, (OTHER_FILE,)),
    "recording": (OTHER_TRANSCRIBER, OTHER_FILE),
    "provider": (OTHER_TRANSCRIBER, TELL),
    "storage": ("Have whoever runs TotalView look at the storage, then use Rerun Transcription.",),
    "withheld": (),  # the error itself says what to do
    "removed": (),  # nothing helps
    "cancelled": ("It was called off before it began. Rerun Transcription processes it after all.",),
}
_ELSE = ("Use Rerun Transcription to try again.", TELL)


def after_failure(code: str | None, *, has_transcript: bool, may_rerun: bool) -> list[str]:
    """What may help, most promising first; for those who cannot do it, whom to ask."""
    if not may_rerun:
        return [ASK]
    tries = list(_TRY.get(code or "", _ELSE))
    return [GOES_ON, *tries] if has_transcript and code not in {*_OF_THE_FILE, "withheld", "removed"} else tries


def while_withheld(call: Call, *, may_rerun: bool, at_desk: bool) -> str:
    """What brings words back, where anything does; the review desk has no buttons for it."""
    if call.status not in FINISHED:
        return BEING_MADE
    if call.recording_gone_at is not None:
        return NO_REDACTED
    if not may_rerun:
        return ASK
    return ON_ITS_PAGE if at_desk else MAKES_REDACTED


def of_many_withheld(*, may_rerun: bool) -> str:
    """Over a list of nothing but withheld calls."""
    return f"{ALL_WITHHELD} {MAKES_MANY if may_rerun else ASK_FOR_MANY}"


def while_pending(status: CallStatus, events: Iterable[CallEvent], *, may_rerun: bool) -> list[str]:
    """What to do where the call has been Pending for long; nothing where it has not."""
    since = pending_since(events)
    if status is not CallStatus.PENDING or since is None or now() - since < LONG:
        return []
    return [WAIT, THEN_RERUN if may_rerun else THEN_ASK]


def pending_since(events: Iterable[CallEvent]) -> datetime | None:
    """When it last became Pending: by coming in or by a rerun, not by a note made meanwhile."""
    came = [event.at for event in events if event.became == CallStatus.PENDING and event.was != CallStatus.PENDING]
    return came[-1] if came else None
