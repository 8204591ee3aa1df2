"""Every status in the product, and the moves each one allows."""

from enum import StrEnum


class CallStatus(StrEnum):
    """Where a call stands in the pipeline."""

    PENDING = "pending"  # recording stored, waiting for a worker
    TRANSCRIBING = "transcribing"  # sound is becoming text
    ANALYZING = "analyzing"  # checks, score and flag are being decided
    COMPLETED = "completed"  # results are ready
    FAILED = "failed"  # a stage gave up; the recording and earlier versions stay, a person may retry


class Source(StrEnum):
    """How a call entered."""

    UI = "ui"  # one file on the upload page
    API = "api"  # the public API
    BULK_JOB = "bulk_job"  # one of many: the upload page's batches, `totalview process`, the samples
    SFTP = "sftp"  # swept from the SFTP server


class BulkStatus(StrEnum):
    """Where a bulk job stands. It is not stored: records/bulk_counts.py says it from what came of its recordings."""

    QUEUED = "queued"  # announced; nothing has come yet
    PROCESSING = "processing"  # recordings are missing, or calls on their way
    COMPLETED = "completed"  # all are done
    FAILED = "failed"  # all are over, and some failed, were refused or never came
    CANCELLED = "cancelled"  # called off; what had begun goes on


class RunReason(StrEnum):
    """Why a run, and so a version, exists."""

    FIRST_RUN = "first_run"
    RERUN_TRANSCRIPTION = "rerun_transcription"
    RUN_ANALYSIS = "run_analysis"
    SWAPPED_SPEAKERS = "swapped_speakers"  # a person said that agent and customer are the other way round


class CheckKind(StrEnum):
    """Who judges a check."""

    AI = "ai"  # Claude, by a criterion in plain words
    PHRASE = "phrase"  # phrases said or not said
    METRIC = "metric"  # a bound on a measured figure


class Verdict(StrEnum):
    """What a check found."""

    PASS = "pass"  # noqa: S105  the manual's word for a check that is met
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"  # the check does not concern this call
    NOT_EVALUATED = "not_evaluated"  # nobody could judge; the reason says why, and the score leaves it out


CALL_MOVES: dict[CallStatus, frozenset[CallStatus]] = {
    CallStatus.PENDING: frozenset({CallStatus.TRANSCRIBING, CallStatus.ANALYZING, CallStatus.FAILED}),
    CallStatus.TRANSCRIBING: frozenset({CallStatus.ANALYZING, CallStatus.FAILED}),
    CallStatus.ANALYZING: frozenset({CallStatus.COMPLETED, CallStatus.FAILED}),
    CallStatus.COMPLETED: frozenset({CallStatus.PENDING}),  # a rerun
    CallStatus.FAILED: frozenset({CallStatus.PENDING}),  # a retry
}

FINISHED = frozenset({CallStatus.COMPLETED, CallStatus.FAILED})
BUSY = frozenset({CallStatus.TRANSCRIBING, CallStatus.ANALYZING})
