"""Bytes of resumable uploads on their way into storage: nothing that came is lost, nothing is there twice."""

import pytest

import config
from pipeline import children, resumable
from pipeline.intake import Refused
from pipeline.resumable import Addition, TooMuch, UploadGone, WrongOffset
from pipeline.storage import Folder, StorageAway
from records.campaigns import Campaign
from records.identity import NotFound
from records.uploads import UploadHeld
from tests.pipeline.arriving import here, in_database, in_storage, wav
from tests.pipeline.resuming import (
    OWNER,
    add,
    begun,
    bulk_job,
    bytes_of,
    change,
    die,
    expire,
    finish,
    fresh,
    items,
    lapse,
    objects,
    pieces_of,
)

DATA = wav()
pytestmark = pytest.mark.usefixtures("campaign")


@pytest.fixture(autouse=True)
def _near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "run", here)


def test_what_a_request_brought_is_one_piece_and_the_next_goes_on_there():
    upload = begun(DATA)
    assert not add(upload, DATA[:1000]).complete
    assert (fresh(upload).received, pieces_of(upload)) == (1000, [(0, 1000)])
    assert add(upload, DATA[1000:], 1000).complete
    assert pieces_of(upload) == [(0, 1000), (1000, len(DATA) - 1000)]
    assert bytes_of(finish(upload).call_id) == DATA


def test_a_long_request_is_made_safe_again_and_again(monkeypatch, grows: bool):
    monkeypatch.setattr(resumable, "PIECE", 3000)
    upload = begun(DATA)
    addition = Addition(OWNER, upload.id, 0)
    addition.write(DATA[:7000])
    assert (fresh(upload).received, len(objects())) == (6000, 1 if grows else 3)  # the rest is still being written
    assert sum(size for _, size in pieces_of(upload)) == 6000
    addition.end()
    addition.close()
    assert pieces_of(upload) == ([(0, 7000)] if grows else [(0, 3000), (3000, 3000), (6000, 1000)])
    add(upload, DATA[7000:], 7000)
    assert bytes_of(finish(upload).call_id) == DATA


def test_a_slow_request_is_made_safe_by_time_too(monkeypatch, grows: bool):
    monkeypatch.setattr(resumable, "PIECE_S", -1)
    upload = begun(DATA)
    addition = Addition(OWNER, upload.id, 0)
    for came in (10, 20, 30):
        addition.write(DATA[came - 10 : came])
        assert fresh(upload).received == came
    addition.close()
    assert pieces_of(upload) == ([(0, 30)] if grows else [(0, 10), (10, 10), (20, 10)])


def test_a_pause_makes_safe_what_has_come():
    upload = begun(DATA)
    addition = Addition(OWNER, upload.id, 0)
    addition.pause()
    addition.write(DATA[:10])
    assert fresh(upload).received == 0
    addition.pause()
    addition.pause()
    assert (fresh(upload).received, pieces_of(upload)) == (10, [(0, 10)])
    addition.close()


@pytest.mark.usefixtures("grows")
def test_a_killed_server_loses_only_what_is_not_safe_yet(monkeypatch):
    monkeypatch.setattr(resumable, "PIECE", 3000)
    upload = begun(DATA)
    killed = Addition(OWNER, upload.id, 0)
    killed.write(DATA[:4000])
    die(killed)
    with pytest.raises(UploadHeld):
        add(upload, DATA[3000:], 3000)
    lapse(upload)
    add(upload, DATA[3000:], 3000)
    assert bytes_of(finish(upload).call_id) == DATA


def test_two_never_add_at_once_and_the_second_changes_nothing():
    upload = begun(DATA)
    first = Addition(OWNER, upload.id, 0)
    first.write(DATA[:10])
    for offset in (0, 10):
        with pytest.raises(UploadHeld):
            Addition(OWNER, upload.id, offset)
    first.end()
    first.close()
    assert add(upload, DATA[10:], 10).complete


@pytest.mark.usefixtures("grows")
def test_who_was_taken_over_and_writes_late_fails_cleanly_and_spoils_nothing():
    upload = begun(DATA)
    late = Addition(OWNER, upload.id, 0)
    late.write(DATA[:5000])
    lapse(upload)
    add(upload, DATA[:3000])
    late.write(DATA[5000:6000])
    with pytest.raises(UploadHeld):
        late.end()
    late.close()
    assert (fresh(upload).received, len(objects())) == (3000, 1)
    add(upload, DATA[3000:], 3000)
    assert bytes_of(finish(upload).call_id) == DATA


def test_a_holder_that_writes_on_is_not_taken_over_and_notices_when_it_was(monkeypatch):
    monkeypatch.setattr(resumable, "RENEW_S", -1)
    upload = begun(DATA)
    addition = Addition(OWNER, upload.id, 0)
    lapse(upload)
    addition.write(DATA[:10])
    with pytest.raises(UploadHeld):
        Addition(OWNER, upload.id, 0)
    change(upload, held_by="another")
    with pytest.raises(UploadHeld):
        addition.write(DATA[10:20])
    addition.close()
    assert (objects(), fresh(upload).held_by) == ([], "another")


@pytest.mark.parametrize("offset", [0, 9, 11, 10**12])
def test_a_wrong_offset_is_refused_with_the_right_one(offset: int):
    upload = begun(DATA)
    add(upload, DATA[:10])
    with pytest.raises(WrongOffset, match=r"byte 10\.") as error:
        Addition(OWNER, upload.id, offset)
    assert error.value.offset == 10
    add(upload, DATA[10:], 10)  # and it is not held by the one that was refused


def test_more_than_was_announced_is_refused_and_what_fitted_before_stays():
    upload = begun(DATA, size=100)
    addition = Addition(OWNER, upload.id, 0)
    addition.write(DATA[:60])
    addition.pause()
    addition.write(DATA[60:90])
    with pytest.raises(TooMuch):
        addition.write(DATA[90:101])
    addition.close()
    assert (fresh(upload).received, len(objects())) == (60, 1)


def test_who_was_taken_over_after_some_of_it_counted_leaves_that(monkeypatch):
    monkeypatch.setattr(resumable, "PIECE", 3000)
    upload = begun(DATA)
    late = Addition(OWNER, upload.id, 0)
    late.write(DATA[:4000])
    lapse(upload)
    add(upload, DATA[3000:5000], 3000)
    late.write(DATA[4000:4500])
    with pytest.raises(UploadHeld):
        late.end()
    late.close()
    assert pieces_of(upload) == [(0, 3000), (3000, 2000)]
    add(upload, DATA[5000:], 5000)
    assert bytes_of(finish(upload).call_id) == DATA


def test_storage_that_goes_away_in_the_middle_costs_that_piece_and_no_more(monkeypatch):
    monkeypatch.setattr(resumable, "PIECE", 3000)
    upload = begun(DATA)
    addition = Addition(OWNER, upload.id, 0)
    addition.write(DATA[:4000])

    def full(_block):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(addition._open._sink, "_file", type("Full", (), {"write": staticmethod(full)}))
    with pytest.raises(StorageAway, match="No space left"):
        addition.write(DATA[4000:4010])
    addition.close()
    assert (fresh(upload).received, [path.stat().st_size for path in in_storage()]) == (3000, [3000])
    assert add(upload, DATA[3000:], 3000).complete


def test_a_database_that_fails_while_a_piece_is_noted_costs_no_bytes_that_may_count(monkeypatch):
    upload = begun(DATA)
    addition = Addition(OWNER, upload.id, 0)
    addition.write(DATA)
    with monkeypatch.context() as patch:
        patch.setattr(resumable.uploads, "add", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            addition.end()
    addition.close()
    assert len(objects()) == 1  # the commit may have happened all the same: only the sweep can tell
    assert fresh(upload).held_by is None


@pytest.mark.usefixtures("grows")
def test_a_database_that_breaks_off_while_more_of_a_piece_is_noted_leaves_nothing_held(monkeypatch):
    upload = begun(DATA)
    addition = Addition(OWNER, upload.id, 0)
    addition.write(DATA[:3000])
    addition.pause()
    addition.write(DATA[3000:])
    really = resumable.uploads.add

    def breaks_off(session, *given):
        really(session, *given)
        session.flush()
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(resumable.uploads, "add", breaks_off)
        with pytest.raises(ZeroDivisionError):
            addition.end()
    addition.close()
    ended = fresh(upload)
    assert (ended.received, ended.held_by) == (3000, None)
    add(upload, DATA[3000:], 3000)
    assert bytes_of(finish(upload).call_id) == DATA


def test_another_s_upload_is_not_there_and_an_old_one_is_gone():
    upload = begun(DATA)
    with pytest.raises(NotFound):
        Addition("key:2", upload.id, 0)
    with pytest.raises(NotFound):
        resumable.look("key:2", upload.id)
    expire(upload)
    for act in (lambda: Addition(OWNER, upload.id, 0), lambda: resumable.look(OWNER, upload.id)):
        with pytest.raises(UploadGone, match=r"24 hours\. Begin a new upload\."):
            act()


@pytest.mark.parametrize(("size", "code"), [(0, "empty"), (10**15, "too_large"), (2001, "too_large")])
def test_what_would_be_refused_later_is_refused_at_once_and_its_bulk_job_told(
    campaign: Campaign, monkeypatch, size: int, code: str
):
    if size == 2001:
        monkeypatch.setenv("TOTALVIEW_MAX_UPLOAD_BYTES", "2000")
        config.settings.cache_clear()
    job = bulk_job(campaign)
    with pytest.raises(Refused) as error:
        begun(b"", size=size, bulk_job_id=job)
    assert error.value.code == code
    assert [(item.filename, item.code, item.words) for item in items(job)] == [("call.wav", code, str(error.value))]


def test_facts_that_no_database_takes_are_refused_before_a_byte_comes():
    with pytest.raises(Refused, match="external id") as error:
        begun(DATA, external_id="x" * 256)
    assert error.value.code == "bad_metadata"
    assert in_database() == (0, 0, 0)


def test_a_folder_of_pieces_has_no_folder_for_each_upload():
    for _ in range(3):
        add(begun(DATA), DATA[:10])
    root = Folder(config.settings().folder / "storage")._root
    assert all(len(path.relative_to(root).parts) == 3 for path in objects())
