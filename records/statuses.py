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


class SftpBatchStatus(StrEnum):
    """Where a batch of files on the SFTP server stands."""

    DETECTING = "detecting"  # files were found, and are watched until they are whole
    WAITING_FOR_CSV = "waiting_for_csv"  # recordings are there, and the CSV that must come with them is not
    WAITING_FOR_FILES = "waiting_for_files"  # a CSV is there, and recordings that it names are not
    PROCESSING = "processing"  # its files are being imported
    COMPLETED = "completed"  # every file was processed
    INCOMPLETE = "incomplete"  # processed, and some files were missing, left out or failed
    FAILED = "failed"  # nothing of it could be imported


class SftpFileStatus(StrEnum):
    """Where one file on the SFTP server stands: its verdict, once it is final."""

    DETECTED = "detected"  # found on the server
    MATCHED = "matched"  # whole, and of a campaign; waits for its batch, or for a worker
    PROCESSING = "processing"  # a worker imports it
    COMPLETED = "completed"  # a call came of it; a CSV was read
    FAILED = "failed"  # it could not be imported; the file stays where it is
    DUPLICATE = "duplicate"  # it is here already
    SKIPPED = "skipped"  # left out by a rule, which the reason names


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

_B, _F = SftpBatchStatus, SftpFileStatus
_WAITS = frozenset({_B.DETECTING, _B.WAITING_FOR_CSV, _B.WAITING_FOR_FILES})
_ENDS = frozenset({_B.COMPLETED, _B.INCOMPLETE, _B.FAILED})

SFTP_BATCH_MOVES: dict[SftpBatchStatus, frozenset[SftpBatchStatus]] = {
    **{status: (_WAITS - {status}) | {_B.PROCESSING} for status in _WAITS},
    _B.PROCESSING: _ENDS,
    **dict.fromkeys(_ENDS, frozenset({_B.PROCESSING})),  # a retry, a CSV that came late
}
SFTP_FILE_MOVES: dict[SftpFileStatus, frozenset[SftpFileStatus]] = {
    _F.DETECTED: frozenset({_F.MATCHED, _F.SKIPPED, _F.FAILED}),
    _F.MATCHED: frozenset({_F.PROCESSING, _F.DETECTED, _F.SKIPPED, _F.COMPLETED}),
    _F.PROCESSING: frozenset({_F.COMPLETED, _F.FAILED, _F.DUPLICATE, _F.SKIPPED, _F.MATCHED, _F.DETECTED}),
    _F.FAILED: frozenset(
        {_F.MATCHED, _F.DETECTED, _F.SKIPPED}
    ),  # a retry; the file has changed; a rule now leaves it out
    _F.SKIPPED: frozenset({_F.DETECTED, _F.MATCHED}),  # the rule holds no more; its CSV came late
    _F.DUPLICATE: frozenset({_F.MATCHED}),  # import as new
    _F.COMPLETED: frozenset(),
}
SFTP_OPEN = frozenset({_F.DETECTED, _F.MATCHED, _F.PROCESSING})
