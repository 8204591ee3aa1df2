"""The page of one SFTP batch: where it stands, its files and lines, and what can be done about each."""

import pytest
from sqlmodel import select

from jobs import enqueue
from records import db
from records.people import Assignment
from records.sftp import FileKind, SftpBatch, SftpFile
from records.statuses import SftpBatchStatus, SftpFileStatus
from tests.pages.conftest import mounted, shown
from tests.pages.dialogs import press
from tests.pages.sftp import NASTY, cells, keys
from tests.records.made import stored_call
from tests.records.sftp_made import stored_batch, stored_file, stored_folder, stored_row

B, F = SftpBatchStatus, SftpFileStatus
PAGE = "sftp_batches.py"
FILES, LINES = "Files", "Lines of the CSV to see to"


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """What workers were asked for."""
    done: list[str] = []
    monkeypatch.setattr(enqueue, "sweep_sftp", lambda: done.append("sweep"))
    monkeypatch.setattr(enqueue, "import_sftp", lambda: done.append("import"))
    return done


def batch_of(cast, status: SftpBatchStatus = B.INCOMPLETE, **facts) -> SftpBatch:
    with db.writing() as session:
        stored_folder(session, cast.support, folder="north/support")
        return stored_batch(session, cast.support, status, **facts)


def file_of(cast, batch: SftpBatch, status: SftpFileStatus, name: str = "a.wav", **facts) -> SftpFile:
    with db.writing() as session:
        return stored_file(session, cast.support, status, f"north/support/{name}", batch, **facts)


def stored(file: SftpFile) -> SftpFile:
    with db.reading() as session:
        return session.get_one(SftpFile, file.id)


def test_it_says_where_the_batch_stands_and_how_many_files_stand_where(cast, see):
    batch = batch_of(cast, words="1 failed; 2 named by a CSV and never found.")
    for place, status in enumerate((F.COMPLETED, F.COMPLETED, F.FAILED, F.DUPLICATE)):
        file_of(cast, batch, status, f"{place}.wav")
    at = see(cast.mia, PAGE, id=str(batch.id))
    assert not at.exception
    heading = shown(at, "heading")
    assert (heading["title"], heading["badges"][0]["label"]) == (f"Batch {batch.id}", "Incomplete")
    assert heading["facts"][0] == "Support"
    assert heading["notes"][0]["lines"] == ["1 failed; 2 named by a CSV and never found."]
    tally = shown(at, "tally")
    assert tally["done"] == "4 of 4 files done"
    assert {part["label"]: part["count"] for part in tally["parts"]} == {"Completed": 2, "Failed": 1, "Duplicate": 1}
    assert tally["parts"][1]["href"] == f"/sftp_batches?id={batch.id}&status=failed"
    assert [row[0] for row in cells(at, FILES)] == ["3.wav", "2.wav", "1.wav", "0.wav"]


def test_names_that_are_missing_and_lines_that_are_no_use_are_told_with_their_numbers(cast, see):
    batch = batch_of(cast)
    sheet = file_of(cast, batch, F.COMPLETED, "calls.csv", kind=FileKind.SHEET)
    file = file_of(cast, batch, F.COMPLETED)
    with db.writing() as session:
        stored_row(session, sheet, 2, "a.wav", file_id=file.id)
        stored_row(session, sheet, 3, NASTY)
        stored_row(session, sheet, 1400, "Total", words="This line has no file name.")
    at = see(cast.mia, PAGE, id=str(batch.id))
    assert [row[1:] for row in cells(at, LINES)] == [
        ["It was never found.", "3", "calls.csv"],
        ["This line has no file name.", "1,400", "calls.csv"],
    ]
    assert "1 recording that the CSV names is missing, 1 line could not be used" in at.caption[0].value
    assert cells(at, FILES)[0][5] == "2"


def test_lines_and_files_are_paged_each_for_itself(cast, see):
    batch = batch_of(cast)
    sheet = file_of(cast, batch, F.COMPLETED, "calls.csv", kind=FileKind.SHEET)
    with db.writing() as session:
        for number in range(26):
            stored_row(session, sheet, number + 2, f"gone-{number}.wav")
            stored_file(session, cast.support, F.FAILED, f"north/support/{number}.wav", batch)
    at = see(cast.mia, PAGE, id=str(batch.id))
    assert (len(cells(at, LINES)), len(cells(at, FILES))) == (25, 25)
    at.button(key="sftp-lines-after").click().run()
    assert (len(cells(at, LINES)), len(cells(at, FILES))) == (1, 25)
    at.button(key="sftp-files-older").click().run()
    assert [row[0] for row in cells(at, FILES)] == ["0.wav", "calls.csv"]
    at.multiselect(key="sftp_batch-status").set_value([F.COMPLETED]).run()
    assert [row[0] for row in cells(at, FILES)] == ["calls.csv"]
    assert at.query_params["status"] == "completed"


def test_not_yours_nonsense_and_absent_look_the_same(cast, see):
    with db.writing() as session:
        theirs = stored_batch(session, cast.sales, B.WAITING_FOR_CSV)
        file = stored_file(session, cast.sales, F.FAILED, "sales/secret.wav", theirs)
    pages = [see(cast.mia, PAGE, id=which) for which in (str(theirs.id), "999", "x", "-1", "9" * 40)]
    assert {at.title[0].value for at in pages} == {"There is no such batch"}
    assert not any({"sftp-process", "sftp-retry-failed"} & set(keys(at)) for at in pages)
    at = see(cast.mia, PAGE, show="files", file=str(file.id))
    assert "There is no such file." in at.markdown[-1].value
    assert "secret" not in str(at.markdown) + str(at.get("bidi_component"))


def test_the_batches_before_and_after_are_a_click_away(cast, see):
    early = batch_of(cast)
    with db.writing() as session:
        late = stored_batch(session, cast.support, B.COMPLETED, after_id=early.id)
    links = [each.proto.label for each in see(cast.carla, PAGE, id=str(early.id)).get("page_link")]
    assert links[:2] == ["Support", f"What came late is batch {late.id}"]
    links = [each.proto.label for each in see(cast.carla, PAGE, id=str(late.id)).get("page_link")]
    assert links[1] == f"These files came late for batch {early.id}"


@pytest.mark.parametrize(
    ("status", "code", "offered"),
    [
        (F.FAILED, "cut_off", ["sftp-retry"]),
        (F.FAILED, "cut_short", ["sftp-take", "sftp-retry"]),
        (F.SKIPPED, "no_csv", ["sftp-retry"]),
        (F.SKIPPED, "foreign", []),
        (F.DUPLICATE, "same_path", ["sftp-as_new", "sftp-reprocess"]),
        (F.DUPLICATE, "same_bytes", ["sftp-reprocess"]),
        (F.COMPLETED, "", []),
    ],
)
def test_each_verdict_offers_what_can_be_done_about_it(cast, see, status, code, offered):
    batch = batch_of(cast)
    with db.writing() as session:
        call = stored_call(session, cast.support).id if status is F.DUPLICATE else None
    file = file_of(cast, batch, status, NASTY, code=code, reason="So it is.", agent_note="Who?", call_id=call)
    at = see(cast.mia, PAGE, id=str(batch.id), file=str(file.id))
    card = shown(at, "card")
    assert not at.exception
    assert "evil" in card["title"]
    assert card["notes"][0]["lines"] == ["So it is.", "Who?"]
    acts = ("sftp-retry", "sftp-take", "sftp-as_new", "sftp-reprocess")
    assert [key for key in keys(at) if key in acts] == offered


def test_a_failed_file_is_tried_again_from_its_dialog(cast, see, asked):
    batch = batch_of(cast)
    file = file_of(cast, batch, F.FAILED, code="cut_off")
    at = see(cast.mia, PAGE, id=str(batch.id), file=str(file.id))
    at.button(key="sftp-retry").click().run()
    assert not at.exception
    assert stored(file).status is F.MATCHED
    assert (asked, dict(at.query_params)) == (["import", "sweep"], {"id": str(batch.id)})
    assert at.toast[0].value.startswith("It is tried again")


def test_what_cannot_be_done_any_more_is_said_in_the_dialog(cast, see, asked):
    batch = batch_of(cast)
    file = file_of(cast, batch, F.FAILED, code="cut_short")
    at = see(cast.mia, PAGE, id=str(batch.id), file=str(file.id))
    with db.writing() as session:
        for assigned in session.exec(select(Assignment)):
            session.delete(assigned)
    at.button(key="sftp-take").click().run()
    assert (stored(file).status, asked) == (F.FAILED, [])


def test_all_that_failed_is_tried_again_at_once(cast, see, asked):
    batch = batch_of(cast)
    files = [file_of(cast, batch, F.FAILED, f"{number}.wav", code="cut_off") for number in range(3)]
    kept = file_of(cast, batch, F.SKIPPED, "x.tmp", code="unfinished_name")
    at = see(cast.mia, PAGE, id=str(batch.id))
    at.button(key="sftp-retry-failed").click().run()
    assert {stored(file).status for file in files} == {F.MATCHED}
    assert (stored(kept).status, at.toast[0].value) == (F.SKIPPED, "3 files are tried again\\.")
    assert asked == ["import", "sweep"]
    assert "sftp-retry-failed" not in keys(see(cast.mia, PAGE, id=str(batch.id)))


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (B.WAITING_FOR_CSV, "without the CSV that this campaign requires"),
        (B.WAITING_FOR_FILES, "with the names that are missing"),
        (B.DETECTING, "without waiting for others"),
    ],
)
def test_processing_now_says_what_it_means_and_then_does_it(cast, see, asked, status, sentence):
    batch = batch_of(cast, status)
    at = see(cast.mia, PAGE, id=str(batch.id))
    at.button(key="sftp-process").click().run()
    assert sentence in " ".join(each.value for each in at.markdown)
    press(at, "sftp-process", "sftp-process-sure")
    with db.reading() as session:
        kept = session.get_one(SftpBatch, batch.id)
    assert (kept.forced, kept.by, asked) == (True, cast.mia.email, ["import", "sweep"])
    again = see(cast.mia, PAGE, id=str(batch.id))
    assert "sftp-process" not in keys(again)
    assert f"Processed at once, by {cast.mia.email}" in shown(again, "heading")["facts"]


def test_a_batch_without_a_file_says_so(cast, see):
    batch = batch_of(cast, B.DETECTING)
    at = see(cast.mia, PAGE, id=str(batch.id))
    assert "No file has joined it yet." in [each.value for each in at.caption]
    assert {"tally", "table"} & set(mounted(at)) == set()
