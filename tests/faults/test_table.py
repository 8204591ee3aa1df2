"""The table of faults, and that docs/faults.md has a row and a word for each."""

import re
from dataclasses import replace

import pytest

from tests.faults import table
from tests.faults.__main__ import chosen
from tests.faults.catalogue import FAULTS
from tests.faults.providing import REAL, mark_in, marked
from tests.faults.trial import Row
from tests.faults.verdict import judge

ROW = Row(FAULTS[0], 2, replace(judge([], [], {}), accepted=2, completed=2), 1.4, 12.6)


def test_a_row_says_what_became_of_the_calls():
    cells = [cell.strip() for cell in table.line(ROW).strip("|").split("|")]
    assert dict(zip(table.COLUMNS, cells, strict=True)) == {
        "Fault": "no fault",
        "Where": "PostgreSQL, Redis, S3",
        "Calls": "2",
        "Completed": "2",
        "Failed": "0",
        "Lost": "0",
        "Duplicated": "0",
        "Paid again, counted": "0",
        "Paid twice": "0",
        "Goes on after": "1 s",
        "All done after": "13 s",
    }
    assert table.broken(ROW) == []


def test_what_never_ended_breaks_the_row():
    stuck = replace(ROW, calls=3, goes_on_s=None, done_s=None)
    assert table.line(stuck).endswith("| – | – |")
    assert table.broken(stuck) == ["only 2 of 3 were taken in", "not all were done in time"]


def test_a_new_table_takes_the_place_of_the_old():
    text = f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n"
    once = table.document(text, [table.line(ROW)], "here")
    assert "old" not in once
    assert once.startswith("before\n")
    assert once.endswith("\nafter\n")
    assert table.document(once, [table.line(ROW)], "here") == once


def test_the_docs_hold_the_place_of_the_table_and_say_what_each_fault_does():
    text = table.DOCUMENT.read_text(encoding="utf-8")
    assert table.document(text, [], table.how(REAL, 1)).count(table.BEGIN) == 1
    prose = text.split(table.END)[1]
    assert set(re.findall(r"^- \*\*(.+?)\*\*", prose, re.MULTILINE)) == {fault.name for fault in FAULTS}


def test_the_docs_say_what_each_column_means():
    prose = table.DOCUMENT.read_text(encoding="utf-8").split(table.END)[1]
    assert set(re.findall(r"^\| (\w[^|]+?) \|", prose, re.MULTILINE)) - {"Column"} == set(table.COLUMNS)


@pytest.mark.parametrize("words", ["killed", "POSTGRES"])
def test_faults_are_chosen_by_a_part_of_their_name(words):
    picked = chosen([words])
    assert 0 < len(picked) < len(FAULTS)
    assert all(words.lower() in fault.name.lower() for fault in picked)


def test_a_fault_of_just_that_name_is_chosen_alone():
    assert [fault.name for fault in chosen(["no fault"])] == ["no fault"]
    assert chosen([]) == list(FAULTS)


def test_a_recording_is_known_by_a_word_in_its_transcript():
    said = marked([(0, "Hello."), (1, "Good bye.")], "0123456789abcdef")
    assert said[0] == (0, "Hello.")
    assert mark_in(f"[2] customer 00:01: {said[1][1]}\n</transcript>") == "01234567"
    assert mark_in("nothing") == "?"
