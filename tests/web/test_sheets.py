"""CSV that no spreadsheet program runs, and that is never whole in memory."""

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest

from web import sheets


@pytest.mark.parametrize(
    ("value", "stands"),
    [
        ("=1+1", "'=1+1"),
        ("+41 79", "'+41 79"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("\n=1", "'\n'=1"),
        ("x;=1+1", "x;'=1+1"),
        ('x; "=1+1', "x; \"'=1+1"),
        ("x|@SUM(A1)\t+1", "x|'@SUM(A1)\t'+1"),
        ("a; b = c", "a; b = c"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\uff0b1", "'\uff0b1"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff20A1", "'\uff20A1"),
        ("a=1", "a=1"),
        (" =1", " =1"),
        ("", ""),
        (-5, -5),
        (-0.5, -0.5),
        (None, ""),
        (datetime(2026, 11, 18, 12, tzinfo=UTC), "2026-11-18T12:00:00+00:00"),
    ],
)
def test_a_text_that_a_program_might_run_begins_with_an_apostrophe(value, stands):
    assert sheets.cell(value) == stands


def test_a_file_is_read_back_as_it_was_whatever_the_names_hold():
    rows = [['a "quoted", one', "two\nlines"], ["Özge 🙂", "half \ud83d"]]
    written = b"".join(sheets.csv_of(["One", "Two"], [rows[:1], rows[1:]]))
    assert written.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(StringIO(written.decode("utf-8-sig"), newline="")))
    assert read == [["One", "Two"], *rows[:1], ["Özge 🙂", "half ?"]]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["x;=1+1", "=1;=2", 'a";"=1', "x\n=1", "x\r\n=1", ';"=1', "x|=1", "x\t=1", "a,=1"])
def test_whatever_parts_the_cells_none_begins_a_formula(separator, name):
    written = b"".join(sheets.csv_of(["One", "Two"], [[["call", name], [name, "call"]]])).decode("utf-8-sig")
    for row in csv.reader(StringIO(written, newline=""), delimiter=separator):
        assert not any(found.startswith(("=", "+", "-", "@")) for found in row)


def test_a_batch_is_written_before_the_next_is_read():
    read = []

    def batches():
        for n in range(3):
            read.append(n)
            yield [[n]]

    parts = sheets.csv_of(["N"], batches())
    assert next(parts).endswith(b"N\r\n")
    assert read == []
    assert (next(parts), read) == (b"0\r\n", [0])


def test_the_answer_is_a_download_that_no_cache_keeps():
    answer = sheets.answer("audit-log.csv", ["One"], [])
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit-log.csv"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in answer.headers["Cache-Control"]
