"""CSVs as they are met: broken, decorated, hostile, large."""

import pytest

from pipeline import details
from pipeline.sftp.facts import manifest
from pipeline.sftp.facts.manifest import BadManifest, BadRow
from pipeline.sftp.facts.told import Told


def read(content, **column_map):
    content = content if isinstance(content, bytes) else content.encode()
    return manifest.read(content, column_map=column_map, zone="UTC", day_first=True)


def names(found):
    return [(row.line, row.name) for row in found.rows]


def lines(found):
    return [bad.line for bad in found.errors]


def test_lines_are_numbered_as_an_editor_shows_them():
    found = read('\nfile,Notes\n\na,"two\nlines"\n,,\nb,x\n')
    assert names(found) == [(4, "a"), (7, "b")]
    assert found.rows[0].told.details == {"Notes": "two lines"}


def test_rows_of_one_file_are_all_kept():
    assert names(read("file,agent\na,Ada\na,Ben\n")) == [(2, "a"), (3, "a")]


def test_a_title_above_and_totals_below_are_no_rows():
    above = "Calls of 4 November\n\nAgent,File,Talk Time\n"
    found = read(f"{above}Ada,a.wav,60\nBen,b.wav,61\n\nTotal,,121\nTotal: 2 calls\n2 records exported\n")
    assert names(found) == [(4, "a.wav"), (5, "b.wav")]
    assert found.errors == ()


def test_files_whose_names_sound_like_totals_are_rows():
    assert names(read("Notes,file\nSummary,a.wav\n,Total.wav\n")) == [(2, "a.wav"), (3, "Total.wav")]


def test_the_line_by_which_a_spreadsheet_names_its_separator_is_none_of_ours():
    assert names(read("sep=|\r\nfile|a,b,agent\r\na|1\r\n")) == [(3, "a")]


def test_headings_that_stand_twice_or_are_empty_are_kept_apart():
    found = read("file,Notes,,notes,Notes,Notes (2),customer,Customer\na,1,2,3,4,5,6,7\n")
    assert found.headings == (
        "file",
        "Notes",
        "Column 3",
        "notes",
        "Notes (2)",
        "Notes (2) (2)",
        "customer",
        "Customer",
    )
    assert tuple(found.rows[0].told.details.items()) == (
        *(("customer", "6"), ("Notes", "1"), ("Column 3", "2"), ("notes", "3"), ("Notes (2)", "4")),
        *(("Notes (2) (2)", "5"), ("Customer", "7")),
    )
    assert found.unused == ("Notes", "Column 3", "notes", "Notes (2)", "Notes (2) (2)")


def test_a_heading_of_theirs_never_stands_for_our_customer():
    assert read("file,Phone,customer\na,1,\n", customer="Phone").rows[0].told.details == {"customer": "1"}
    assert read("file,Phone,direction\na,1,x\n", direction="Phone").rows[0].told.details == {"direction": "1"}


def test_rows_that_cannot_be_used_are_told_by_their_lines():
    found = read("file,agent,Notes\na,Ada,fine\n,Ben,no file\nc,Cy,one, too many\nd,Di\ne,Ed,,,\n")
    assert names(found) == [(2, "a"), (5, "d"), (6, "e")]
    assert found.errors == (
        BadRow(3, "The row names no file."),
        BadRow(4, "The row has 4 cells under 3 headings. Text that holds a separator must be quoted."),
    )


@pytest.mark.parametrize("after", ["c,y\nd,z\n", 'c,"y"\nd,z\n', 'c,y\n"d","z"\n', "c,y\nd,z"])
def test_a_quotation_mark_too_many_costs_its_line_alone(after):
    found = read(f'file,Notes\na,x\nb,"never closed\n{after}')
    assert names(found) == [(2, "a"), (4, "c"), (5, "d")]
    assert found.errors == (
        BadRow(3, "In line 3 a quotation mark opens that none closes. Write one that is meant as itself twice."),
    )
    assert lines(read('file,Notes\na,x\n"b,y')) == [3]


def test_quotation_marks_within_a_text_are_its_own():
    assert names(read('file,Notes\na 12",x\nb,said "no" and left\nc,"said ""no""\nand left"\nd,"said "no""')) == [
        *((2, 'a 12"'), (3, "b"), (4, "c"), (6, "d"))
    ]


def test_headings_that_are_repeated_are_no_row():
    assert names(read("File,agent\na,Ada\nFile,agent\nb,Ben\n")) == [(2, "a"), (4, "b")]


def test_a_cell_without_end_costs_its_line_alone():
    found = read(f"file,Notes\na,x\nb,{'x' * 200_000}\nc,y\n")
    assert names(found) == [(2, "a"), (4, "c")]
    assert lines(found) == [3]


def test_too_many_broken_lines_are_no_csv(monkeypatch):
    monkeypatch.setattr(manifest, "_MOST_BREAKS", 20)
    with pytest.raises(BadManifest, match="More than 20 lines of the CSV are broken, the last of them line 21"):
        read("file,Notes\n" + f"b,{'x' * 200_000}\n" * 40)


def test_a_time_that_cannot_be_is_a_note_and_the_row_stays():
    found = read("file,call date,call time\na,30/02/2025,10:00\nb,4/11/2025,whenever\n")
    assert [row.told.notes for row in found.rows] == [
        ("'30/02/2025 10:00' could not be understood as a date and time.",),
        ("'4/11/2025 whenever' could not be understood as a date and time.",),
    ]


def test_control_characters_go_and_lengths_are_bounded():
    found = read(
        f"file,Hi\x07gh\x1b[31m,{'h' * 300},agent\na\u202e.wav,b\x00\x08c\u2028d,{'x' * 5000},{'y' * 321}\n".replace(
            "\x00", ""
        )
    )
    (row,) = found.rows
    assert row.name == "a.wav"
    assert row.told == Told(
        details={"High[31m": "bc d", "h" * 100: "x" * 1999 + "…"},
        notes=(
            "The agent's name has more than 320 characters and was left out.",
            f"'{'h' * 100}' was cut after 2,000 characters.",
        ),
    )


def test_a_row_and_a_name_together_are_never_more_than_a_call_can_hold():
    headings = ",".join(f"h{number}" for number in range(300))
    (row,) = read(f"file,{headings}\na," + ",".join(['"' + '""' * 1500 + '"'] * 300) + "\n").rows
    assert "the metadata was more than a call can hold" in row.told.notes[-1]
    other = Told(details={f"other {key}": text for key, text in row.told.details.items()})
    both = row.told.over(other)
    assert len(both.details) == 2 * len(row.told.details) > 10
    assert details.trouble(both.details) == ""


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1251", "Иван Петров"), ("cp932", "山田太郎 田中花子"), ("utf-8", "😀 山田")],
)
def test_other_scripts_are_told_by_their_bytes_in_large_files_too(encoding, name):
    plain = "".join(f"a{number},Ada\n" for number in range(10_000))
    found = read(f"file,agent\n{plain}".encode(encoding) + f"{name},{name}\n".encode(encoding) * 40)
    assert (found.rows[-1].name, found.rows[-1].told.agent) == (name, name)
    assert found.encoding == encoding.replace("-", "_")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The CSV is empty"),
        (b"\n\n , ,\n", "The CSV is empty"),
        (
            b"Ada,North\nBen,South\n",
            "No column names the files. The first row is: Ada, North. Call the column 'filename'",
        ),
        (b"file" * 100_000 + b"\n", "Line 1 cannot be read"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00", "This is no text"),
        (b"PK\x03\x04\x00\x00\x00name", "This is no text"),
        (b"\xff\xfea", "The file is not UTF-16"),
        (b"\x81\x8d\x8f\x90\x9d\xff" * 9, "This is no text|The file is not|No column names"),
        (b"n" * (manifest.MOST_BYTES + 1), "more than 20 MB"),
        (b"a,b\n" * 50 + b"file\n", "No column names the files"),
    ],
    ids=[
        "nothing",
        "empty rows",
        "no headings",
        "one cell",
        "a recording",
        "a zip",
        "half",
        "noise",
        "too large",
        "deep",
    ],
)
def test_what_is_no_csv_of_recordings_is_refused_in_words(content, words):
    with pytest.raises(BadManifest, match=words):
        read(content)


def test_a_csv_of_too_many_rows_is_refused(monkeypatch):
    monkeypatch.setattr(manifest, "MOST_ROWS", 3)
    assert len(read("file\n" + "x\n" * 3).rows) == 3
    with pytest.raises(BadManifest, match="more than 3 rows"):
        read("file\n" + "x\n" * 3 + ",broken\n")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"file\n" + b"\n" * (manifest.MOST_LINES + 1), "more than 1,000,000 lines"),
        (b"file" + b"," * manifest.MOST_COLUMNS + b"\na\n", "more than 1,000 columns"),
    ],
    ids=["lines", "columns"],
)
def test_a_csv_that_would_take_much_memory_is_refused(content, words):
    with pytest.raises(BadManifest, match=words):
        read(content)


def test_an_encoding_that_is_known_better_settles_a_doubt():
    content = "file,agent\na,Řehoř Žďárský\n".encode("cp1250")
    sheet = manifest.read(content, column_map={}, zone="UTC", day_first=True, encoding="cp1250")
    assert sheet.rows[0].told.agent == "Řehoř Žďárský"
    with pytest.raises(BadManifest, match="The file is not UTF-8"):
        manifest.read(content, column_map={}, zone="UTC", day_first=True, encoding="utf_8")
