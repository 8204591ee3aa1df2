"""The text of a CSV as people and machines export it: whatever its encoding, its separator and its line ends."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence

from charset_normalizer import from_bytes

ENCODINGS = {  # what spreadsheets write: tried in this order where the bytes leave a choice
    "utf_8": "UTF-8",
    "utf_16": "UTF-16",
    "cp1252": "Western European (Windows-1252)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "cp1253": "Greek (Windows-1253)",
    "cp1254": "Turkish (Windows-1254)",
    "cp1255": "Hebrew (Windows-1255)",
    "cp1256": "Arabic (Windows-1256)",
    "cp932": "Japanese (Shift JIS)",
    "gb18030": "Chinese (GB 18030)",
    "big5": "Chinese (Big5)",
    "cp949": "Korean (CP949)",
}
_SEPARATORS = (",", ";", "\t", "|")
_NAMED_SEPARATOR = re.compile(
    r'\ufeff?"?sep=([^\w\s"]|\t)"?\s*', re.IGNORECASE
)  # a spreadsheet's first line, for itself
_WESTERN, _LATIN = "cp1252", {"cp1250", "cp1252", "cp1254"}
_TYPED = "\u2013\u2014\u2018\u2019\u201c\u201d\u201e\u2026\u00b7\u00b0\u00a0"  # dashes, quotes, dots, a wide gap
_ENOUGH = 1 << 16  # bytes by which an encoding is told
_MARKS = (b"\xff\xfe", b"\xfe\xff")


class BadText(Exception):  # noqa: N818  what the file is
    """The file is no text that can be read; the message is a sentence. `line` is where, counted from 1; else 0."""

    def __init__(self, words: str, line: int = 0) -> None:
        super().__init__(words)
        self.line = line


def decode(content: bytes, encoding: str = "") -> tuple[str, str]:
    """The text, and its encoding (a key of ENCODINGS); `encoding` where it is known better. Raises BadText."""
    wanted = encoding or _encoding(content)
    if wanted not in ENCODINGS:
        raise BadText(f"'{wanted}' is no encoding that is known here. There are: {', '.join(ENCODINGS)}.")
    try:
        text = content.decode(_codec(content, wanted))
    except UnicodeDecodeError as error:
        raise BadText(f"The file is not {ENCODINGS[wanted]}. Choose another encoding.") from error
    if "\x00" in text:
        raise BadText("This is no text. Save the sheet as CSV, and bring that file.")
    return text, wanted


def rows(lines: Sequence[str], separator: str, first: int = 1) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, with the number of the line where each begins. Raises BadText with the line.

    `first` is the number of the first of these lines.
    """
    begin = first
    read = csv.reader(lines, delimiter=separator, strict=False)
    try:
        for cells in read:
            following = first + read.line_num
            if following - begin > 1 or read.line_num == len(lines):
                _expect_closed(lines[begin - first : following - first], separator, begin)
            if any(cell.strip() for cell in cells):
                yield begin, cells
            begin = following
    except csv.Error as error:
        raise BadText(f"Line {begin} cannot be read: {error}. Save the sheet as CSV again.", begin) from error


def lines_of(text: str) -> list[str]:
    """The lines with their ends, whatever these are; the line that names the separator is emptied."""
    lines = list(io.StringIO(text, newline=""))
    if lines and _NAMED_SEPARATOR.fullmatch(lines[0]):
        lines[0] = "\n"
    return lines


def separator_of(text: str, known: Callable[[str], bool]) -> str:
    """The one that the file names, or by which a line near its top falls into most columns that are known."""
    named = _NAMED_SEPARATOR.match(text.partition("\n")[0])
    if named:
        return named[1]
    heads = [line for line in text[:_ENOUGH].splitlines() if line.strip()][:10]

    def worth(sign: str) -> tuple[int, int]:
        return max(
            ((sum(known(cell) for cell in head.split(sign)), head.count(sign)) for head in heads), default=(0, 0)
        )

    return max(_SEPARATORS, key=worth)


def _expect_closed(lines: Sequence[str], separator: str, begin: int) -> None:
    """A row of several lines, or the last, may be what follows a quotation mark too many. Raises BadText."""
    try:
        list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error as error:
        if len(lines) == 1 and "unexpected end" not in str(error):
            return  # marks within a text, which do no harm in one line
        words = f"In line {begin} a quotation mark opens that none closes. Write one that is meant as itself twice."
        raise BadText(words, begin) from error


def _codec(content: bytes, encoding: str) -> str:
    if encoding == "utf_8":
        return "utf-8-sig"
    if encoding == "utf_16" and not content.startswith(_MARKS):
        return _unmarked(content) or encoding
    return encoding


def _unmarked(content: bytes) -> str:
    """UTF-16 without its mark, by where the zeros of plain letters stand; empty where they do not."""
    head = content[:2000]
    even, odd = head[::2].count(0), head[1::2].count(0)
    most, least = max(even, odd), min(even, odd)
    if len(content) % 2 or most * 5 < len(head) or least * 10 > most:
        return ""
    return "utf_16_be" if even > odd else "utf_16_le"


def _encoding(content: bytes) -> str:
    """The bytes decide where they can; else the likeliest."""
    if content.startswith(_MARKS) or _unmarked(content):
        return "utf_16"
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        telling = _telling(content)
        likely = from_bytes(telling, cp_isolation=list(ENCODINGS)).best()
        found = likely.encoding if likely and likely.encoding in ENCODINGS else _WESTERN
        return _latin(telling, found) if found in _LATIN else found
    return "utf_8"


def _telling(content: bytes) -> bytes:
    """Of a large file the lines that are not plain ASCII: only they tell, and all of it would take seconds."""
    if len(content) <= _ENOUGH:
        return content
    kept, size = [], 0
    for line in content.splitlines(keepends=True):
        if not line.isascii():
            kept.append(line)
            size += len(line)
            if size > _ENOUGH:
                break
    return b"".join(kept)


def _latin(content: bytes, likely: str) -> str:
    """A few names tell these apart badly: the most usual one, unless signs would stand where letters should."""
    text = content.decode(_WESTERN, errors="replace")
    if likely == "cp1254" and any(letter in text for letter in "ÐÝÞðýþ"):  # what Turkish has in their places is usual
        return likely
    strange = [sign for sign in text if not sign.isascii() and not sign.isalpha() and sign not in _TYPED]
    return "cp1250" if strange else _WESTERN
