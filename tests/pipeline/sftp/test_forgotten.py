"""What a CSV said of a deleted call is not kept again, however the CSV grows; what it says of others is."""

import pytest

from pipeline import deletion
from pipeline.sftp import sheets
from records import db, sftp_forgotten
from records.access import COMMAND_LINE
from records.sftp import SftpRow
from tests.pipeline.arriving import wav
from tests.pipeline.sftp.yard import Yard

HEAD = "file,agent,customer phone\n"
JANE = "Jane Doe.wav,Ada,+44 7700 900123\n"
OTHER = "other.wav,Ada,+44 7700 900999\n"


def put(yard: Yard, *lines: str, version: int) -> None:
    yard.server.put("sales/day.csv", (HEAD + "".join(lines)).encode(), modified=1_760_000_000 + version)
    yard.sweep(2)
    yard.window_over()
    yard.sweep()


def told(rows: list[SftpRow]) -> str:
    return str([(row.name, row.name_key, row.told, row.words) for row in rows])


@pytest.fixture
def deleted(yard: Yard) -> str:
    """The id of a call whose line, and whose recording, lie on the server still."""
    yard.campaign("Sales")
    yard.recordings("sales/Jane Doe.wav", "sales/other.wav")
    put(yard, JANE, version=1)
    call = yard.call("sales/Jane Doe.wav")
    assert call.details == {"customer": "+44 7700 900123"}
    deletion.delete_call(COMMAND_LINE, call.id)
    return call.id


def names(yard: Yard) -> list[tuple[int, str]]:
    return sorted((row.line, row.name) for row in yard.rows())


@pytest.mark.parametrize(
    "lines",
    [
        (JANE, OTHER),
        (OTHER, JANE),  # recorders that write the newest line on top
        (JANE.replace("Ada", "Bea"), OTHER),  # the line was written to
        (JANE, OTHER, JANE.replace("900123", "900124")),  # the call has another line
    ],
)
def test_the_line_is_not_kept_again(yard: Yard, deleted: str, lines: tuple[str, ...]):
    for version in (2, 3):
        put(yard, *lines, version=version)
        said = told(yard.rows())
        assert "Jane" not in said
        assert "90012" not in said
        assert "jane" not in said
        mine = [row for row in yard.rows() if not row.name]
        assert [row.line for row in mine] == [lines.index(next(line for line in lines if "Jane" in line)) + 2]
        assert "other.wav" in said
    assert yard.call("sales/other.wav").details == {"customer": "+44 7700 900999"}


def test_it_is_known_again_after_a_time_in_which_it_was_not_there(yard: Yard, deleted: str):
    put(yard, OTHER, version=2)
    put(yard, OTHER, JANE, version=3)
    assert names(yard) == [(2, "other.wav"), (3, "")]


def test_a_reading_that_broke_off_leaves_the_mark(yard: Yard, deleted: str, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr(sheets, "_without_known", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            put(yard, JANE, OTHER, version=2)
    yard.sweep(2)
    assert names(yard) == [(2, ""), (3, "other.wav")]


def test_another_recording_in_its_place_has_lines_of_its_own(yard: Yard, deleted: str):
    yard.server.put("sales/Jane Doe.wav", wav(77, seconds=1), modified=1_760_000_500)
    put(yard, JANE, JANE.replace("900123", "900555"), version=2)
    assert names(yard) == [(2, ""), (3, "Jane Doe.wav")]
    assert "900123" not in told(yard.rows())


def test_the_mark_is_no_plain_digest_and_the_same_each_time(database):
    with db.writing() as session:
        secret = sftp_forgotten.marks_secret(session)
        assert sftp_forgotten.marks_secret(session) == secret
    assert sftp_forgotten.mark(secret, "a.wav") == sftp_forgotten.mark(secret, "a.wav")
    assert sftp_forgotten.mark("another", "a.wav") != sftp_forgotten.mark(secret, "a.wav")
