"""What came of a file."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Sent:
    """The server has it: as a new call, or one that it had already."""

    call_id: str
    duplicate: bool


class Status(StrEnum):
    """What came of it."""

    UPLOADED = "uploaded"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    FAILED = "failed"
    WOULD_UPLOAD = "would_upload"  # by --dry-run

    @property
    def bad(self) -> bool:
        """Whether somebody has to see to it."""
        return self in {Status.REFUSED, Status.FAILED}


@dataclass(frozen=True)
class Outcome:
    """A line of `--json`. Hash and size are None where the file could not be read."""

    file: str
    status: Status
    call_id: str | None = None
    sha256: str | None = None
    size: int | None = None
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
