"""Paths on the server: folders that people type, names that the server gives, and both as text."""

import re
import unicodedata

from records.campaigns import NotUsable

LONGEST_FOLDER, LONGEST_NAME = 200, 255  # characters; bytes
_ESCAPED = re.compile(r"(\\+)x([0-9a-f]{2})")
_TO_DOUBLE = re.compile(r"\\+(?=x[0-9a-f]{2}|[\udc80-\udcff])")
_UNDECODABLE = re.compile(r"[\udc80-\udcff]")


def folder(text: str) -> str:
    """A campaign's folder, below SFTP_ROOT, as it is stored: parts joined by '/'. Raises NotUsable."""
    parts = [part for part in text.strip().split("/") if part.strip()]
    if not parts:
        raise NotUsable("Give the campaign's folder on the SFTP server, such as sales or north/sales.", field="folder")
    if any(part in {".", ".."} for part in parts):
        raise NotUsable("Give the folder as it stands below SFTP_ROOT, without '.' or '..'.", field="folder")
    joined = "/".join(parts)
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in joined):
        raise NotUsable("The folder has a character that cannot be shown. Type its name anew.", field="folder")
    if len(joined) > LONGEST_FOLDER:
        raise NotUsable(f"The folder may have at most {LONGEST_FOLDER} characters.", field="folder")
    return joined


def inside(one: str, other: str) -> bool:
    """Whether the one folder is the other, or lies within it."""
    return one == other or one.startswith(f"{other}/")


def shown(raw: bytes) -> str:
    r"""A path as text: UTF-8, with bytes that are none as \xHH. No two look the same, and `raw` reads it back."""
    text = raw.decode("utf-8", "surrogateescape")
    doubled = _TO_DOUBLE.sub(lambda found: found[0] * 2, text)  # so that an escape is told from a name that looks so
    return _UNDECODABLE.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", doubled)


def raw(path: str) -> bytes:
    """The bytes of a path that `shown` made text of."""

    def read(found: re.Match[str]) -> str:
        slashes, byte = found[1], int(found[2], 16)
        if len(slashes) % 2:
            return slashes[: len(slashes) // 2] + chr(0xDC00 + byte)
        return f"{slashes[: len(slashes) // 2]}x{found[2]}"

    return _ESCAPED.sub(read, path).encode("utf-8", "surrogateescape")


def numbered(path: bytes, number: int) -> bytes:
    """The same path with ' (number)' before its suffix, its name no longer than servers allow."""
    parent, slash, name = path.rpartition(b"/")
    stem, dot, suffix = name.rpartition(b".")
    if not stem:
        stem, dot, suffix = name, b"", b""
    mark = b" (%d)" % number + dot + suffix
    return parent + slash + stem[: max(LONGEST_NAME - len(mark), 1)] + mark


def absolute(root: bytes, below: bytes) -> bytes:
    """The path to ask the server for. Raises ValueError for a path that would leave the root, or is none."""
    parts = below.split(b"/") if below else []
    if any(part in {b"", b".", b".."} or b"\0" in part for part in parts):
        raise ValueError("A path below SFTP_ROOT has parts that are names.")
    return join(root, below)


def join(folder: bytes, name: bytes) -> bytes:
    """A name in a folder; either may be empty."""
    return folder.rstrip(b"/") + b"/" + name if folder and name else folder or name


def prefixes(below: bytes) -> list[bytes]:
    """The folders that a path lies in, outermost first, and last the path itself."""
    parts = below.split(b"/") if below else []
    return [b"/".join(parts[:number]) for number in range(1, len(parts) + 1)]
