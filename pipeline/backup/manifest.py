"""What an archive says of itself: its manifest, written last, so that an export that broke off has none."""

import json
import os
import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

FORMAT = 1
NAME = "manifest.json"

Kind = Literal["text", "number", "fraction", "flag", "time", "json", "bytes"]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]  # of a table or column
FileName = Annotated[str, Field(pattern=r"^rows-[0-9a-f]{32}/[a-z_]+\.jsonl\.gz$")]  # leads nowhere else


class BackupRefused(Exception):  # noqa: N818  what happened
    """Nothing was exported or imported, or not to the end; the message is a sentence that says what to do."""


class Lines(BaseModel):
    """A file of JSON lines, packed by gzip."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: FileName
    lines: int
    sha256: Sha256  # of the file as it lies there


class Rows(Lines):
    """The rows of a table. `columns` says of what kind each column is, so that any version can read them."""

    table: Word
    columns: dict[Word, Kind]


class Manifest(BaseModel):
    """What there is, and by what it is known again. Tables stand in the order in which they can be filled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    made_at: datetime
    revision: str  # of the database's schema
    tables: list[Rows]
    objects: Lines
    bytes: int  # of all objects

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.lines for table in self.tables)


def write(folder: Path, manifest: Manifest) -> None:
    """In one step: the manifest of an earlier export holds until this moment."""
    fresh = folder / f"{NAME}.part"
    with fresh.open("w", encoding="utf-8") as file:
        file.write(manifest.model_dump_json(indent=1))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / NAME)


def read(folder: Path) -> Manifest:
    """Raises BackupRefused."""
    try:
        text = (folder / NAME).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise BackupRefused(
            f"There is no whole export in {folder}: {NAME} is missing, which comes last. Repeat the export."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BackupRefused(f"{folder / NAME} cannot be read: {error}.") from error
    with suppress(ValueError, AttributeError):  # what else is wrong with it is said below
        if json.loads(text).get("format", FORMAT) != FORMAT:
            raise BackupRefused("This archive has a form that this version does not know. Import it with a newer one.")
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        where = re.sub(r"\W+", " ", str(error.errors()[0]["loc"])).strip()
        raise BackupRefused(f"{folder / NAME} is damaged{f' at {where}' * bool(where)}. Repeat the export.") from error
