"""What one look at one file means, for every state that the file may be in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sftp.claims import Claim, Claims, Folder, left_alone
from pipeline.sftp.connection.listing import Entry, Kind
from pipeline.sftp.foreign import promises_sound, taken_for
from pipeline.sftp.sightings import RULES, STILL, Intent, Known, judge
from records.sftp import FileKind
from records.statuses import SFTP_FILE_MOVES
from records.statuses import SftpFileStatus as Status

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
THEN = NOW - timedelta(hours=1)
ENTRY = Entry(b"sales/one.wav", "sales/one.wav", 100, THEN, Kind.FILE)
OURS = Claim(1, "one.wav")
KNOWN = Known(7, 1, FileKind.RECORDING, 100, THEN, NOW - STILL, Status.DETECTED, "settling", None, 1)


def verdict(intent: Intent | None) -> tuple[Status, str] | None:
    return (intent.to, intent.code) if intent else None


def test_a_new_file_is_detected():
    assert verdict(judge(ENTRY, None, OURS, NOW)) == (Status.DETECTED, "settling")


def test_a_file_that_held_still_for_five_seconds_is_settled_and_not_before():
    assert judge(ENTRY, replace(KNOWN, still_since=NOW - STILL + timedelta(milliseconds=1)), OURS, NOW) is None
    settled = judge(ENTRY, KNOWN, OURS, NOW)
    assert settled is not None
    assert (settled.to, settled.settled) == (Status.MATCHED, True)


@pytest.mark.parametrize("status", [Status.DETECTED, Status.MATCHED, Status.FAILED])
@pytest.mark.parametrize("change", [{"size": 99}, {"modified": NOW}, {"campaign_id": 2}])
def test_a_file_that_changed_is_watched_anew(status: Status, change: dict[str, object]):
    known = replace(KNOWN, status=status, **change)
    assert verdict(judge(ENTRY, known, OURS, NOW)) == (Status.DETECTED, "settling")


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.DUPLICATE])
def test_another_file_where_one_was_imported_is_a_duplicate_in_a_row_of_its_own(status: Status):
    intent = judge(ENTRY, replace(KNOWN, status=status, size=99), OURS, NOW)
    assert intent is not None
    assert (intent.to, intent.code, intent.anew) == (Status.DUPLICATE, "same_path", True)
    assert intent.reason == (
        "A recording was imported from this path before. The file has changed since, and has 100 bytes now. If it is "
        "another call, choose 'Import as new'."
    )


def test_a_duplicate_that_changes_on_and_on_keeps_its_row():
    known = replace(KNOWN, status=Status.DUPLICATE, code="same_path", size=99)
    intent = judge(ENTRY, known, OURS, NOW)
    assert intent is not None
    assert (verdict(intent), intent.anew) == ((Status.DUPLICATE, "same_path"), False)


def test_another_csv_where_one_was_read_is_read_too():
    entry = replace(ENTRY, raw=b"sales/day.csv", path="sales/day.csv")
    intent = judge(entry, replace(KNOWN, status=Status.COMPLETED, kind=FileKind.SHEET, size=99), OURS, NOW)
    assert intent is not None
    assert (intent.to, intent.kind, intent.anew) == (Status.DETECTED, FileKind.SHEET, True)


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.DUPLICATE, Status.PROCESSING, Status.FAILED])
def test_a_rule_that_comes_later_changes_no_verdict(status: Status):
    assert judge(ENTRY, replace(KNOWN, status=status), Claim(None, "", "unclaimed", "Nobody's."), NOW) is None


@pytest.mark.parametrize("code", sorted(RULES))
def test_what_no_rule_keeps_out_any_more_is_watched(code: str):
    known = replace(KNOWN, status=Status.SKIPPED, code=code)
    assert verdict(judge(ENTRY, known, OURS, NOW)) == (Status.DETECTED, "settling")


@pytest.mark.parametrize("code", ["no_csv", "no_row", "not_audio"])
def test_what_was_left_out_for_what_it_is_stays_out_until_it_changes(code: str):
    known = replace(KNOWN, status=Status.SKIPPED, code=code)
    assert judge(ENTRY, known, OURS, NOW) is None
    assert verdict(judge(ENTRY, replace(known, size=1), OURS, NOW)) == (Status.DETECTED, "settling")


def test_links_and_devices_are_left_out():
    assert verdict(judge(replace(ENTRY, kind=Kind.LINK), None, OURS, NOW)) == (Status.SKIPPED, "link")
    assert verdict(judge(replace(ENTRY, kind=Kind.SPECIAL), None, OURS, NOW)) == (Status.SKIPPED, "special")


knowns = st.builds(
    Known,
    id=st.just(7),
    campaign_id=st.sampled_from([None, 1, 2]),
    kind=st.sampled_from(FileKind),
    size=st.sampled_from([99, 100]),
    modified=st.sampled_from([THEN, NOW]),
    still_since=st.sampled_from([NOW, NOW - STILL]),
    status=st.sampled_from(Status),
    code=st.sampled_from(["", "settling", "no_csv", "same_path", *sorted(RULES)]),
    call_id=st.none(),
    batch_id=st.none(),
)
entries = st.builds(
    Entry,
    raw=st.just(b"sales/x"),
    path=st.sampled_from(["sales/one.wav", "sales/day.csv", "sales/.hidden", "sales/one.part", "sales/x.json"]),
    size=st.just(100),
    modified=st.just(THEN),
    kind=st.sampled_from([Kind.FILE, Kind.LINK, Kind.SPECIAL]),
)
claims = st.sampled_from(
    [OURS, Claim(2, "one.wav"), Claim(None, "", "unclaimed", "Nobody's."), Claim(1, "x", "off", "Off.")]
)


@given(entries, st.none() | knowns, claims)
def test_whatever_is_seen_has_a_verdict_that_the_moves_allow_and_is_imported_once(
    entry: Entry, known: Known | None, claim: Claim
):
    intent = judge(entry, known, claim, NOW)
    if known is None:
        assert intent is not None
        return
    if intent is None:
        return
    if intent.anew:
        assert known.status in {Status.COMPLETED, Status.DUPLICATE}
        assert intent.to is not Status.MATCHED
    else:
        assert intent.to is known.status or intent.to in SFTP_FILE_MOVES[known.status]
        assert known.status is not Status.COMPLETED
    assert intent.reason or intent.settled
    assert intent.to is Status.SKIPPED or intent.campaign_id is not None


@given(entries, knowns, claims)
def test_a_verdict_that_was_written_is_not_written_again(entry: Entry, known: Known, claim: Claim):
    """The second look at a file that has not changed finds nothing to write, but for the one that settles it."""
    first = judge(entry, known, claim, NOW)
    if first is None or first.settled:
        return
    written = Known(7, first.campaign_id, first.kind, entry.size, entry.modified, NOW, first.to, first.code, None, None)
    assert judge(entry, written, claim, NOW) is None


@pytest.mark.parametrize(
    ("path", "kind", "code"),
    [
        ("a/one.wav", FileKind.RECORDING, ""),
        ("a/one", FileKind.RECORDING, ""),
        ("a/ONE.CSV", FileKind.SHEET, ""),
        ("a/one.tsv", FileKind.SHEET, ""),
        ("a/.one.wav", FileKind.OTHER, "foreign"),
        ("a/._one.wav", FileKind.OTHER, "foreign"),
        ("a/THUMBS.DB", FileKind.OTHER, "foreign"),
        ("a/one.wav.FilePart", FileKind.OTHER, "unfinished_name"),
        ("a/one.incomplete", FileKind.OTHER, "unfinished_name"),
        ("a/one_metadata.json", FileKind.OTHER, "sidecar"),
        ("a/one.XML", FileKind.OTHER, "sidecar"),
        ("a.part/one.wav", FileKind.RECORDING, ""),
    ],
)
def test_names_say_what_a_file_is_taken_for(path: str, kind: FileKind, code: str):
    taken = taken_for(path)
    assert (taken.kind, taken.code) == (kind, code)
    assert bool(taken.reason) is bool(code)


def test_only_names_of_sound_promise_sound():
    assert promises_sound("a/One.WAV")
    assert not promises_sound("a/one.txt")
    assert not promises_sound("a.wav/one")


FOLDERS = [
    Folder(1, "sales", "sales", True, True),
    Folder(2, "north", "eu/north", True, False),
    Folder(3, "off", "off", False, True),
]


@pytest.mark.parametrize(
    ("path", "campaign", "within", "code"),
    [
        ("sales/one.wav", 1, "one.wav", ""),
        ("sales/deep/one.wav", 1, "deep/one.wav", ""),
        ("eu/north/one.wav", 2, "one.wav", ""),
        ("eu/north/deep/one.wav", 2, "deep/one.wav", "subfolder"),
        ("eu/one.wav", None, "", "unclaimed"),
        ("salesman/one.wav", None, "", "unclaimed"),
        ("Sales/one.wav", None, "", "unclaimed"),
        ("off/one.wav", 3, "one.wav", "off"),
        ("one.wav", None, "", "unclaimed"),
        ("sales", None, "", "unclaimed"),
    ],
)
def test_a_path_is_of_the_campaign_whose_folder_it_lies_in(path: str, campaign: int | None, within: str, code: str):
    claim = Claims(FOLDERS).of(path)
    assert (claim.campaign_id, claim.within, claim.code) == (campaign, within, code)
    assert bool(claim.reason) is bool(code)


def test_a_sweep_enters_no_folder_that_files_were_moved_to():
    assert left_alone(FOLDERS) == {"sales/processed", "eu/north/processed", "off/processed"}
