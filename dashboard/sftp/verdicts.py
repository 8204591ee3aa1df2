"""What the verdicts on files are called where they are filtered, and what a person may do about each. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from pipeline.sftp.acts import RETRIED
from pipeline.sound.contract import Flaw
from records.statuses import SftpFileStatus

CODES: Mapping[str, str] = {  # the others are those of recordings that cannot be taken, and few look for one of them
    "settling": "Still growing, or just found",
    "unclaimed": "No campaign's folder",
    "off": "SFTP is turned off",
    "subfolder": "In a subfolder",
    "unfinished_name": "Name of an unfinished file",
    "renamed": "Renamed",
    "foreign": "File of an operating system",
    "sidecar": "File beside a recording",
    "link": "Symbolic link",
    "special": "Not a file",
    "closed_folder": "Folder that the server does not list",
    "no_csv": "Its CSV did not come",
    "no_row": "No CSV names it",
    "not_audio": "Not a recording",
    Flaw.CUT_SHORT: "Cut short",
    "same_path": "Same path as before",
    "same_bytes": "Same content as another",
    "deleted": "Its call was deleted",
    "vanished": "Gone from the server",
    "cut_off": "Connection broke off",
    "broke": "Importing it broke off",
    "denied": "Server refuses to read it",
    "unreadable": "Server cannot read it",
    "bad_csv": "CSV that cannot be read",
}


class Act(StrEnum):
    """What a person may do with one file."""

    RETRY = "retry"
    AS_NEW = "as_new"
    TAKE = "take"
    REPROCESS = "reprocess"


def acts(status: SftpFileStatus, code: str, *, has_call: bool) -> tuple[Act, ...]:
    """What may be done about a verdict, the likeliest first."""
    match status:
        case SftpFileStatus.FAILED if code == Flaw.CUT_SHORT:
            return (Act.TAKE, Act.RETRY)
        case SftpFileStatus.FAILED:
            return (Act.RETRY,)
        case SftpFileStatus.SKIPPED if code in RETRIED:
            return (Act.RETRY,)
        case SftpFileStatus.DUPLICATE:
            as_new = (Act.AS_NEW,) if code == "same_path" else ()
            return (*as_new, Act.REPROCESS) if has_call else as_new
    return ()
