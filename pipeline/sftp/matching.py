"""Which file a row of a CSV means: names compared as people compare them."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from records.sftp import LONGEST_NAME


@dataclass(frozen=True)
class Candidate:
    """A file that a row may mean."""

    id: int
    path: str
    name_key: str
    stem_key: str
    batch_id: int | None


def name_key(path: str) -> str:
    """The last part of a path of any system, without case and whatever way its accents were typed."""
    return _folded(PurePosixPath(path.replace("\\", "/")).name)


def stem_key(path: str) -> str:
    """The same without the extension."""
    return _folded(PurePosixPath(PurePosixPath(path.replace("\\", "/")).name).stem)


def choose(name: str, candidates: Sequence[Candidate], batch_id: int | None) -> Candidate | None:
    """The file that a row means; None where there is none, or where several have as good a claim.

    The whole name counts more than one whose extension is missing in the row, then the folders that the row names, then
    the batch of the CSV.
    """
    key = name_key(name)
    whole = [each for each in candidates if each.name_key == key] or [
        each for each in candidates if each.stem_key == key
    ]
    wanted = _folded(name.replace("\\", "/").strip("/"))
    located = [each for each in whole if _ends(each.path, wanted)] or whole
    near = [each for each in located if each.batch_id == batch_id] or located
    return near[0] if len(near) == 1 else None


def _ends(path: str, wanted: str) -> bool:
    """Whether the path ends in the folders and the name that a row has."""
    folded = _folded(path)
    return any(f"/{each}".endswith(f"/{wanted}") for each in (folded, folded.rpartition(".")[0]))


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFC", text.strip()).casefold()
    return unicodedata.normalize("NFC", plain)[-LONGEST_NAME:]
