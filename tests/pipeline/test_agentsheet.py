import pytest
from hypothesis import given
from hypothesis import strategies as some

from pipeline import agentsheet
from pipeline.agentsheet import BadSheet, read
from records.agent_import import Line

SHEET = "Name;Team;E-Mail;Dialler ID;Campaigns\nZoë Strauß;Süd;z@example.org;4711;support\nBjörn Åkesson;Öst;b@x;;\n"
LINES = (
    Line(2, "Zoë Strauß", "Süd", ("z@example.org", "4711"), ("support",)),
    Line(3, "Björn Åkesson", "Öst", ("b@x",), ()),
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_sheet_is_read_as_spreadsheets_write_it(encoding, separator, end):
    text = SHEET.replace(";", separator).replace("\n", end)
    assert read(text.encode(encoding)).lines == LINES


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1251", "Иван Петров Сидорович"), ("cp932", "山田太郎 田中花子"), ("utf-8", "😀 山田")]
)
def test_other_scripts_are_told_by_their_bytes(encoding, name):
    text = "name,team\n" + "".join(f"{name},x{number}\n" for number in range(5))
    assert read(text.encode(encoding)).lines[0].name == name


def test_a_chosen_encoding_settles_a_doubt_and_a_wrong_one_is_said():
    content = "name,team\nŘehoř Žďárský,Łódź\n".encode("cp1250")
    assert read(content, "cp1250").lines[0].name == "Řehoř Žďárský"
    with pytest.raises(BadSheet, match="The file is not UTF-8"):
        read(content, "utf_8")
    with pytest.raises(BadSheet, match="no encoding that is known"):
        read(content, "rot13")


def test_several_names_and_campaigns_stand_in_one_cell_or_in_columns_of_their_own():
    text = 'agent,aliases,login,campaign\n"Ada ""A"" Moss","a@x; b@x","4711","support;sales"\n'
    assert read(text.encode()).lines == (Line(2, 'Ada "A" Moss', "", ("a@x", "b@x", "4711"), ("support", "sales")),)


def test_lines_are_numbered_as_an_editor_shows_them():
    text = 'name,team\n\nAda,"two\nlines"\n,,\nBen,x\n'
    assert [(line.number, line.name) for line in read(text.encode()).lines] == [(3, "Ada"), (6, "Ben")]


def test_columns_that_mean_nothing_are_named():
    assert read(b"name,Shoe size,,team\nAda,38,x,N\n").unused == ("Shoe size",)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "one of them 'name'"),
        (b"Ada,North\nBen,South\n", "one of them 'name'"),
        (b"name,team\n", "no agent below"),
        (b"name,team\n\n,,\n", "no agent below"),
        (b"PK\x03\x04\x00\x00\x00name", "no text|one of them 'name'"),
        (b"name\n" + b"x" * 200_000 + b"\n", "Line 2 cannot be read"),
        (b'name\nAda\n"Ben\nCy\n', "In line 3 a quotation mark opens that none closes"),
        (b"n" * (agentsheet.MOST_BYTES + 1), "more than 5 MB"),
        (b"name\n" + b"x\n" * (agentsheet.MOST_LINES + 1), "more than 20,000 agents"),
    ],
    ids=[
        "nothing",
        "no headings",
        "headings only",
        "empty lines",
        "a zip",
        "one long cell",
        "an open quotation",
        "too large",
        "too many",
    ],
)
def test_what_is_no_sheet_is_refused_in_words(content, words):
    with pytest.raises(BadSheet, match=words):
        read(content)


@given(some.binary(max_size=300))
def test_no_bytes_make_it_stumble(content):
    for begin in (b"", b"name,team\n"):
        try:
            assert read(begin + content).lines
        except BadSheet as bad:
            assert str(bad).endswith((".", "'."))  # noqa: PT017  a sentence
