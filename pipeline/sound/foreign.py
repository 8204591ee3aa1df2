"""What a file is that is no recording, in words: for the person who chose it."""

import struct
from typing import BinaryIO

from pipeline.sound.contract import Flaw, NotARecording

HEAD = 4096  # bytes that are looked at
PRINTABLE = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0D}
ALMOST_ALL = 0.97
SURE = 4  # first bytes that sound without a header never has by chance

KINDS = (  # first bytes, what such a file is
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive (or an Office document); unpack it and upload the recordings in it"),
    (b"\x1f\x8b", "a gzip archive; unpack it and upload the recordings in it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it and upload the recordings in it"),
    (b"Rar!", "a rar archive; unpack it and upload the recordings in it"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"BM", "a picture (BMP)"),
    (b"#EXTM3U", "a playlist, which only names recordings; upload the recordings themselves"),
    (b"ffconcat", "a playlist, which only names recordings; upload the recordings themselves"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "a database"),
)
SOUND = (  # first bytes of recordings that may be damaged beyond opening
    (b"RIFF", "WAV"),
    (b"RF64", "WAV"),
    (b"fLaC", "FLAC"),
    (b"OggS", "Ogg"),
    (b"ID3", "MP3"),
    (b"#!AMR", "AMR"),
    (b"\x30\x26\xb2\x75", "WMA"),
    (b"\x1a\x45\xdf\xa3", "WebM"),
    (b"FORM", "AIFF"),
    (b".snd", "AU"),
)
AGAIN = "Export it again from the recording system and upload that."


def refusal(file: BinaryIO) -> NotARecording:
    """The reason, and what to do, for a file that could not be opened as sound."""
    file.seek(0)
    head = file.read(HEAD)
    if head[4:8] == b"ftyp":
        return _without_index(file)
    for begins, name in SOUND:
        if head.startswith(begins):
            words = f"This file begins like a {name} recording, but is damaged or breaks off too early to be read."
            return NotARecording(Flaw.NOT_AUDIO, f"{words} {AGAIN}")
    return NotARecording(Flaw.NOT_AUDIO, f"This file is not a recording: it {_looks_like(head)}.")


def has_another_nature(head: bytes) -> bool:
    """Whether first bytes are those of text or of a known kind of file, and so not of sound without a header."""
    known = any(head.startswith(begins) for begins, _ in KINDS + SOUND if len(begins) >= SURE)
    return known or head[4:8] == b"ftyp" or _is_text(head)


def _is_text(head: bytes) -> bool:
    return bool(head) and sum(byte in PRINTABLE for byte in head) > ALMOST_ALL * len(head)


def _looks_like(head: bytes) -> str:
    for begins, words in KINDS:
        if head.startswith(begins):
            return f"is {words}"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "is a web page; perhaps the download that made it asked for a sign-in"
    if _is_text(head):
        return "is text"
    return "holds nothing that can be decoded as sound"


def _without_index(file: BinaryIO) -> NotARecording:
    """An MP4 or M4A that would not open: mostly its index (moov), written last, is missing."""
    stated = there = 0
    for kind, size, left in _boxes(file):
        if kind == b"moov":
            words = "This MP4 or M4A file is damaged: its index cannot be read."
            return NotARecording(Flaw.NOT_AUDIO, f"{words} {AGAIN}")
        stated, there = stated + size, there + min(size, left)
    lost = f" ({there:,} of {stated:,} bytes are there)" if stated > there else ""
    words = f"This MP4 or M4A file is cut short{lost}: its index, which stands at the end, is missing, so that"
    return NotARecording(Flaw.CUT_SHORT, f"{words} it cannot be opened. {AGAIN}")


def _boxes(file: BinaryIO) -> list[tuple[bytes, int, int]]:
    """(type, stated size, bytes from its start to the file's end) of each box at the top level."""
    end, at = file.seek(0, 2), 0
    found: list[tuple[bytes, int, int]] = []
    while at + 8 <= end and len(found) < HEAD:
        file.seek(at)
        head = file.read(16)
        size, kind = struct.unpack(">I4s", head[:8])
        if size == 1 and len(head) == 16:  # noqa: PLR2004  32-bit size, type, 64-bit size
            size = struct.unpack(">Q", head[8:])[0]
        if size < 8:  # noqa: PLR2004  to the end of the file (0), or nonsense
            size = end - at
        found.append((kind, size, end - at))
        at += size
    return found
