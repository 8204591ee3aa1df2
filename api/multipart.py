"""A form that is read as it comes: its fields are kept, its one file is handed on; nothing of it lies anywhere."""

from collections.abc import Callable
from functools import partial

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from api.problems import Problem

FILE = "file"
LARGEST_FIELD = 256 << 10  # bytes
MOST_FIELDS = 32
FORM = "multipart/form-data"

Sink = Callable[[bytes], None]


class Form:
    """Fed with the body's blocks. `open_file` is called with the file's name when the file begins, and takes its bytes.

    Raises Problem for what is no form of ours.
    """

    def __init__(self, content_type: str, open_file: Callable[[str], Sink]) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind.decode("latin-1").lower() != FORM or not boundary:
            words = f"Send the recording as {FORM}, in the field `{FILE}`; a form's Content-Type names its boundary."
            raise Problem("wrong-media-type", words)
        self.fields: dict[str, str] = {}
        self.filename: str | None = None
        self._open_file = open_file
        self._sink: Sink | None = None  # of the part that is being read, where it is the file
        self._name, self._value = "", bytearray()
        self._header, self._header_value = bytearray(), bytearray()
        self._disposition = b""
        self._ended = False
        try:
            self._parser = self._make_parser(boundary)
        except FormParserError as error:
            raise Problem("bad-request", "The form's boundary is longer than any library's.") from error

    def feed(self, block: bytes) -> None:
        """Read on."""
        try:
            self._parser.write(block)
        except FormParserError as error:
            raise Problem("bad-request", "The form cannot be read: it is not as its boundary says.") from error

    def end(self) -> None:
        """The body is over. Raises Problem when the form is not."""
        if not self._ended:
            words = "The form ends in the middle: its closing boundary is missing. Send it again, all of it."
            raise Problem("bad-request", words)
        if self.filename is None:
            raise Problem("invalid", f"There is no recording in this form. Send it in the field `{FILE}`.")

    def _make_parser(self, boundary: bytes) -> MultipartParser:
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": partial(_gather, self._header),
                "on_header_value": partial(_gather, self._header_value),
                "on_header_end": self._note_header,
                "on_headers_finished": self._headers_are_read,
                "on_part_data": self._take,
                "on_part_end": self._part_ends,
                "on_end": self._all_read,
            },
        )

    def _begin(self) -> None:
        self._sink, self._disposition = None, b""
        self._value.clear()

    def _note_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._header_value)
        self._header.clear()
        self._header_value.clear()

    def _headers_are_read(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = _text(options.get(b"name", b""))
        filename = options.get(b"filename")
        if self._name != FILE:
            if filename is not None:
                raise Problem("bad-request", f"The file's field is named `{FILE}`, and this form names it otherwise.")
            if self._name in self.fields or len(self.fields) >= MOST_FIELDS:
                raise Problem("bad-request", "The form has a field twice, or too many fields.")
            return
        if self.filename is not None:
            raise Problem("bad-request", f"Send one recording a request: this form has `{FILE}` twice.")
        self.filename = _text(filename or b"")
        self._sink = self._open_file(self.filename)

    def _take(self, block: bytes, start: int, end: int) -> None:
        if self._sink is not None:
            self._sink(block[start:end])
            return
        self._value += block[start:end]
        if len(self._value) > LARGEST_FIELD:
            raise Problem("too-large", f"The field `{self._name[:60]}` may have at most {LARGEST_FIELD:,} bytes.")

    def _part_ends(self) -> None:
        if self._sink is None:
            self.fields[self._name] = _text(self._value)

    def _all_read(self) -> None:
        self._ended = True


def _gather(into: bytearray, block: bytes, start: int, end: int) -> None:
    into += block[start:end]


def _text(raw: bytes | bytearray) -> str:
    """UTF-8, as every browser and library sends it; the rest is read as Latin-1 rather than refused."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
