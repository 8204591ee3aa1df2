"""What a file on the server is taken for, by its name alone; and which names are left out."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from pipeline.sound.endings import SOUND
from records.sftp import FileKind

UNFINISHED = frozenset({".filepart", ".tmp", ".temp", ".part", ".partial", ".incomplete", ".crdownload", ".uploading"})
FOREIGN = frozenset({"thumbs.db", "desktop.ini"})  # dot files, .DS_Store and ._* among them, are left out anyway
SIDECARS = frozenset({".json", ".xml"})
SHEETS = frozenset({".csv", ".tsv"})


@dataclass(frozen=True)
class Taken:
    """What a name says. `code` and `reason` are empty for what is to be taken in."""

    kind: FileKind
    code: str = ""
    reason: str = ""


def taken_for(path: str) -> Taken:
    """What a file is taken for. What it really is, only reading it will tell."""
    name = PurePosixPath(path).name.casefold()
    suffix = PurePosixPath(name).suffix
    if suffix in UNFINISHED:
        words = (
            f"A name that ends in '{suffix}' is of a file that is still being written. It is taken once it is renamed."
        )
        return Taken(FileKind.OTHER, "unfinished_name", words)
    if name.startswith(".") or name in FOREIGN:
        return Taken(FileKind.OTHER, "foreign", "Files of this name belong to an operating system, not to recordings.")
    if suffix in SIDECARS:
        words = f"What recorders write into '{suffix}' files is not read. Facts of calls come by name, or in a CSV."
        return Taken(FileKind.OTHER, "sidecar", words)
    return Taken(FileKind.SHEET if suffix in SHEETS else FileKind.RECORDING)


def promises_sound(path: str) -> bool:
    """Whether it has failed where it holds no sound. What has another name was never meant as a recording."""
    return PurePosixPath(path.casefold()).suffix in SOUND
