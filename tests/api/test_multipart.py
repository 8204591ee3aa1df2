"""However a form is cut into blocks, it is the same form."""

import itertools

from hypothesis import given
from hypothesis import strategies as some

from api.multipart import Form
from tests.api.uploading import END, FORM, part

texts = some.text(some.characters(exclude_categories=["Cs"]), max_size=40)
NEARLY = [b"\r\n--another", b"\r\n--a-bound\r\n--", b"--a-boundary--\r"]  # what looks like the end of a part
names = some.sampled_from(["agent", "called_at", "metadata", "external_id"])


def read(body: bytes, cuts: list[int]) -> tuple[dict[str, str], str | None, bytes]:
    """The fields, the file's name and its bytes, from a body that comes in these pieces."""
    taken = bytearray()

    def open_file(_name: str):
        return taken.extend

    form = Form(FORM["Content-Type"], open_file)
    places = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    for start, end in itertools.pairwise(places):
        form.feed(body[start:end])
    form.end()
    return form.fields, form.filename, bytes(taken)


@given(
    fields=some.dictionaries(names, texts, max_size=4),
    data=some.binary(max_size=300)
    | some.sampled_from([b"\r\n--a-boundary", b"\r\n--a-bound\r\n--", b"--a-boundary--\r"]),
    after=some.booleans(),
    cuts=some.lists(some.integers(0, 2000), max_size=12),
)
def test_any_cuts_give_the_same_fields_and_the_same_bytes(fields, data: bytes, after: bool, cuts: list[int]):
    data = data.replace(b"\r\n--a-boundary", b"")
    file = part("file", data, filename="call ü.wav")
    rest = b"".join(part(name, text.encode()) for name, text in fields.items())
    body = (rest + file if after else file + rest) + END
    assert read(body, cuts) == (fields, "call ü.wav", data)
    assert read(body, list(range(len(body)))) == (fields, "call ü.wav", data)


def test_names_in_latin_1_are_read_as_they_were_meant():
    head = b'--a-boundary\r\nContent-Disposition: form-data; name="file"; filename="M\xe4rz.wav"\r\n\r\nx\r\n'
    assert read(head + END, []) == ({}, "März.wav", b"x")
