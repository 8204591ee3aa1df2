import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pipeline import details
from pipeline.sftp.facts import manifest
from pipeline.sftp.facts.columns import COLUMNS, plain
from pipeline.sftp.facts.manifest import BadManifest, BadRow, Row
from pipeline.sftp.facts.told import Told
from pipeline.sheettext import ENCODINGS

AT = datetime(2025, 11, 4, 9, 31, 8, tzinfo=UTC)


def read(content, zone="Europe/Vienna", day_first=True, **column_map):
    return manifest.read(
        content if isinstance(content, bytes) else content.encode(),
        column_map=column_map,
        zone=zone,
        day_first=day_first,
    )


def only(text, **column_map):
    """The one row of a CSV that has no errors."""
    found = read(text, **column_map)
    assert found.errors == ()
    (row,) = found.rows
    return row


HEADINGS = ("filename", "agent", "call_date", "external_id", "customer", "direction", "Service")
FULL = f"{';'.join(HEADINGS)}\na.wav;Zoë Moss;04.11.2025 10:31:08;7;+431;in;Süd\n"
TOLD = Told("Zoë Moss", AT, "7", {"customer": "+431", "direction": "in", "Service": "Süd"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_csv_is_read_as_systems_write_it(encoding, separator, end):
    found = read(FULL.replace(";", separator).replace("\n", end).encode(encoding))
    assert found.rows == (Row(2, "a.wav", TOLD),)
    assert found.errors == ()
    assert found.headings == HEADINGS
    assert found.unused == ("Service",)
    assert encoding.replace("-", "_").startswith(found.encoding)
    assert found.encoding in ENCODINGS


@pytest.mark.parametrize(
    "heading", ["filename", "File", "AUDIO FILENAME", "audio_filename", "Recording", "RecordingId", "Nom"]
)
def test_file_names_stand_under_many_headings(heading):
    assert only(f"Note,{heading}\nx,20251104-1\n") == Row(2, "20251104-1", Told(details={"Note": "x"}))


@pytest.mark.parametrize(
    "heading", ["agent", "agent_id", "agent ID", "Agent loginId", "agent email", "userEmail", "Agent-Name"]
)
def test_agents_stand_under_many_headings(heading):
    assert only(f"file,{heading}\na,ada\n").told == Told("ada")


@pytest.mark.parametrize("heading", ["external_id", "contact reference", "Global Interaction ID", "callId", "GUID"])
def test_external_ids_stand_under_many_headings(heading):
    assert only(f"file,{heading}\na,7\n").told == Told(external_id="7")


@pytest.mark.parametrize(
    ("headings", "cells"),
    [
        ("call_date,call_time", "2025-11-04,10-31-08"),
        ("Call Date,Call Time", "4/11/2025,10:31:08"),
        ("contact date", "2025-11-04T10:31:08+01:00"),
        ("Start Time", "04.11.2025 10:31:08"),
        ("startTime", "1762248668000"),
        ("Date,Start Time", "4.11.2025,10:31:08"),
    ],
)
def test_times_stand_in_many_ways(headings, cells):
    assert only(f"file,{headings}\na,{cells}\n").told.called_at == AT


def test_the_surest_column_counts_and_the_others_are_kept():
    headings = "file,Agent Id,Agent First Name,Agent Last Name,Agent Email,Recording"
    first, second = read(f"{headings}\na.wav,4711,Zoë,Moss,z@x,rec-1\n,17,,,,b.wav\n").rows
    assert first == Row(2, "a.wav", Told("z@x", details={"Agent Id": "4711", "Recording": "rec-1"}))
    assert second == Row(3, "b.wav", Told("17"))
    assert only("file,Agent First Name,Agent Last Name\na,Zoë,Moss\n").told == Told("Zoë Moss")
    assert only("file,Agent First Name,Agent Last Name\na,,Moss\n").told == Told("Moss")


def test_the_settings_go_before_what_headings_usually_mean():
    text = "Agent,filename,Rep,Kennung\nACME Ltd,old.wav,Zoë,new\n"
    row = only(text, file_name=" KENNUNG", agent="rep", external_id="", nonsense="Agent")
    assert row == Row(2, "new", Told("Zoë", details={"Agent": "ACME Ltd", "filename": "old.wav"}))
    assert only("a;b,c\nx.wav;y\n", file_name="a") == Row(2, "x.wav", Told(details={"b,c": "y"})), (
        "they tell separators too"
    )
    assert only("Agent,file\nACME,a\n", customer="agent").told == Told(details={"customer": "ACME"})


def test_a_column_that_the_settings_name_in_vain_is_an_error_of_the_first_line():
    found = read("filename,agent\na.wav,Zoë\n", agent="Rep")
    assert found.rows == (Row(2, "a.wav", Told("Zoë")),)
    assert found.errors == (BadRow(1, "The settings name a column 'Rep', which is not there."),)


def test_every_heading_means_one_thing():
    aliases = [plain(alias) for column in COLUMNS.values() for alias in column.aliases]
    assert len(aliases) == len(set(aliases))
    assert {plain(name) for name in COLUMNS} - {"agentfirstname", "agentlastname"} <= set(aliases)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("a.wav", "a.wav"),
        ("11_4_2025/a b.wav", "11_4_2025/a b.wav"),
        (r"C:\rec\11\a.wav", "rec/11/a.wav"),
        (r"\\host\rec\a.wav", "//host/rec/a.wav"),
        ("20240126T03:07_UTC", "20240126T03:07_UTC"),
        ('"=""4436170733"""', "4436170733"),
        ("  a.wav ", "a.wav"),
        ('"a\n b.wav"', "a b.wav"),
        ("100 % +😀.wav", "100 % +😀.wav"),
    ],
)
def test_a_files_name_is_a_name_or_a_path_of_any_system(written, name):
    assert only(f"file\n{written}\n").name == name


@given(
    some.lists(
        some.tuples(
            some.from_regex(r"[a-zé😀%+ ]{1,20}\.wav", fullmatch=True),
            some.text(some.characters(exclude_categories=("C", "Z")) | some.just(" "), max_size=20).filter(
                lambda text: not text.strip().startswith('="')  # which is no sign of the text's own
            ),
            some.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30)),  # noqa: DTZ001  local times
            some.text(some.sampled_from('ab;,|\t"\n'), max_size=9),
        ),
        min_size=1,
        max_size=20,
    ),
    some.sampled_from([("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("utf-8", "|")]),
)
def test_what_a_program_writes_is_what_is_read(calls, how):
    encoding, separator = how
    written = io.StringIO(newline="")
    sheet = csv.writer(written, delimiter=separator)
    sheet.writerow(["File Name", "Agent", "Call date", "Notes"])
    sheet.writerows([name, agent, called_at.isoformat(), notes] for name, agent, called_at, notes in calls)
    found = read(written.getvalue().encode(encoding), zone="UTC")
    assert found.errors == ()
    for row, (name, agent, called_at, notes) in zip(found.rows, calls, strict=True):
        assert (row.name, row.told.agent) == (name.strip(), agent.strip())
        assert row.told.called_at == called_at.replace(tzinfo=UTC)
        kept = " ".join(notes.split()) if not notes.strip().isprintable() else notes.strip()
        assert row.told.details == ({"Notes": kept} if kept else {})


BEGINS = (b"", b"filename,agent,call_date,call_time\n", "filename;Süd\n".encode("utf-16"), b"sep=;\nfile;time\n")


@given(some.binary(max_size=300) | some.text('"\n\r,;|\t aä1:-\x85\u2028', max_size=300).map(str.encode))
def test_no_bytes_make_it_stumble(content):
    for begin in BEGINS:
        try:
            found = read(begin + content, agent="Süd")
        except BadManifest as bad:
            assert str(bad).endswith(".")  # noqa: PT017  a sentence
            continue
        for row in found.rows:
            assert row.name
            assert details.trouble(row.told.details) == ""
            assert Told.from_json(row.told.as_json()) == row.told
        assert all(bad.words.endswith((".", "'.")) for bad in found.errors)
        lines = [row.line for row in (*found.rows, *found.errors) if row.line > 1]
        assert len(lines) == len(set(lines))
