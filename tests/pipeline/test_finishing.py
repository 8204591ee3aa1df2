"""The end of a resumable upload: one call, whatever crashes on the way, or a refusal in words; nothing is left over."""

import hashlib
import logging
from datetime import timedelta

import pytest
from sqlmodel import select

from jobs import tasks
from pipeline import children, finishing, intake, pieces
from pipeline.intake import Refused
from pipeline.resumable import UploadGone, look
from pipeline.storage import Folder, StorageAway, storage
from records import api_keys, bulk, db
from records.calls import Call
from records.campaigns import Campaign
from records.db import now
from records.identity import NotFound
from records.uploads import ResumableUpload, UploadHeld
from tests.pipeline.arriving import here, in_database, in_storage, receive, wav
from tests.pipeline.resuming import (
    OWNER,
    add,
    begun,
    bulk_job,
    bytes_of,
    change,
    finish,
    fresh,
    items,
    lapse,
    objects,
    pieces_of,
)

DATA = wav()
DAY = timedelta(hours=24)


@pytest.fixture(autouse=True)
def _near(monkeypatch: pytest.MonkeyPatch, campaign: Campaign) -> None:
    monkeypatch.setattr(children, "run", here)


@pytest.fixture
def whole() -> ResumableUpload:
    """An upload of which every byte has come, in two pieces."""
    upload = begun(DATA, agent_given="Ann", external_id="7", called_at=now(), details={"team": "north"})
    add(upload, DATA[:3000])
    add(upload, DATA[3000:], 3000)
    return upload


def test_it_becomes_a_call_with_its_facts_and_its_pieces_go(whole: ResumableUpload):
    ended = finish(whole)
    with db.reading() as session:
        call = session.get_one(Call, ended.call_id)
    assert bytes_of(call.id) == DATA
    assert (call.filename, call.source, call.agent_given, call.external_id) == ("call.wav", "api", "Ann", "7")
    assert (call.details, call.api_key_id) == ({"team": "north"}, whole.api_key_id)
    assert abs(call.called_at - now()) < timedelta(minutes=1)
    assert (ended.duplicate, ended.held_by, objects(), pieces_of(whole)) == (False, None, [], [])
    assert in_database() == (1, 1, 1)


def test_what_one_request_brought_becomes_the_recording_without_being_written_again(monkeypatch):
    upload = begun(DATA)
    add(upload, DATA)
    before = objects()[0].stat().st_ino
    monkeypatch.setattr(Folder, "write", lambda *_: pytest.fail("written again"))
    call_id = finish(upload).call_id
    assert bytes_of(call_id) == DATA
    assert ([path.stat().st_ino for path in in_storage()], objects()) == ([before], [])
    with db.reading() as session:
        call = session.get_one(Call, call_id)
    assert (call.size, call.sha256) == (len(DATA), hashlib.sha256(DATA).hexdigest())


def test_a_recording_that_storage_does_not_show_for_a_moment_ends_nothing(monkeypatch):
    upload = begun(DATA)
    add(upload, DATA)
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "local", lambda *_: (_ for _ in ()).throw(FileNotFoundError()))
        with pytest.raises(FileNotFoundError):
            finish(upload)
    assert (finishing.unfinished(), len(objects())) == ([upload.id], 1)
    assert bytes_of(finish(upload).call_id) == DATA


def test_more_bytes_in_storage_than_count_are_left_out(monkeypatch):
    """A request that was taken over went on writing for a moment."""
    upload = begun(DATA)
    add(upload, DATA)
    with objects()[0].open("ab") as file:
        file.write(b"late")
    assert bytes_of(finish(upload).call_id) == DATA


def test_bytes_that_were_there_are_that_call_again(whole: ResumableUpload):
    first = receive(DATA).call.id
    ended = finish(whole)
    assert (ended.call_id, ended.duplicate) == (first, True)
    assert (in_database(), len(in_storage())) == ((1, 1, 1), 1)


def test_finishing_twice_is_finishing_once(whole: ResumableUpload):
    ended = finish(whole)
    with pytest.raises(UploadHeld):
        finish(whole)
    assert (fresh(whole), in_database()) == (ended, (1, 1, 1))


def test_two_who_finish_at_once_make_one_call(whole: ResumableUpload, monkeypatch):
    """The first was taken for dead in the moment before its transaction."""
    really = finishing.announced.of
    overtaken = []

    def overtake(upload: ResumableUpload):
        if not overtaken:
            overtaken.append(True)
            lapse(whole)
            finish(whole)
        return really(upload)

    monkeypatch.setattr(finishing.announced, "of", overtake)
    with pytest.raises((UploadHeld, Refused)):
        finish(whole)
    assert in_database() == (1, 1, 1)
    assert bytes_of(fresh(whole).call_id) == DATA


@pytest.mark.parametrize("crash", ["before", "after"])
def test_a_crash_around_the_call_s_transaction_is_made_good(whole: ResumableUpload, monkeypatch, crash: str):
    class Killed(BaseException):
        pass

    def killed(*_args, **_named):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(*((finishing.uploads, "become") if crash == "before" else (finishing, "_clear")), killed)
        with pytest.raises(Killed):
            finish(whole)
    assert in_database() == ((0, 0, 0) if crash == "before" else (1, 1, 1))
    assert finishing.unfinished() == ([whole.id] if crash == "before" else [])
    tasks.finish_upload(whole.id)
    finishing.sweep(storage())
    assert (in_database(), objects(), pieces_of(whole)) == ((1, 1, 1), [], [])
    assert look(OWNER, whole.id).call_id is not None


def test_a_long_finish_goes_on_holding(whole: ResumableUpload, monkeypatch):
    monkeypatch.setattr(finishing, "RENEW_S", 0.01)
    really = pieces.blocks

    def slowly(*given):
        lapse(whole)
        while fresh(whole).held_until < now():
            pass
        yield from really(*given)

    monkeypatch.setattr(pieces, "blocks", slowly)
    assert finish(whole).call_id


def test_no_recording_ends_it_in_words_and_leaves_nothing(campaign: Campaign):
    job = bulk_job(campaign)
    upload = begun(b"text" * 100, bulk_job_id=job)
    add(upload, b"text" * 100)
    with pytest.raises(Refused) as error:
        finish(upload)
    ended = fresh(upload)
    assert (ended.code, ended.words, ended.call_id) == ("not_audio", str(error.value), None)
    assert [(item.code, item.call_id) for item in items(job)] == [("not_audio", None)]
    assert (in_database(), in_storage(), pieces_of(upload)) == ((0, 0, 0), [], [])
    with pytest.raises(UploadGone, match="What came was refused: "):
        look(OWNER, upload.id)
    with pytest.raises(UploadHeld):
        finish(upload)
    assert len(items(job)) == 1


def test_a_bulk_job_is_told_once_of_each(campaign: Campaign):
    job = bulk_job(campaign)
    receive(DATA)
    for data in (DATA, wav(1)):
        upload = begun(data, bulk_job_id=job)
        add(upload, data)
        assert finish(upload).call_id
    assert [(item.filename, item.duplicate) for item in items(job)] == [("call.wav", True), ("call.wav", False)]
    assert len({item.call_id for item in items(job)}) == 2


def test_a_bulk_job_that_was_cancelled_meanwhile_takes_nothing(campaign: Campaign):
    job = bulk_job(campaign)
    upload = begun(DATA, bulk_job_id=job)
    add(upload, DATA)
    with db.writing() as session:
        session.get_one(bulk.BulkJob, job).cancelled_at = now()
    with pytest.raises(bulk.JobCancelled, match="was cancelled"):
        finish(upload)
    assert (fresh(upload).code, items(job), in_database(), in_storage()) == ("cancelled", [], (0, 0, 0), [])


def test_a_key_that_ended_meanwhile_was_a_key_when_the_bytes_came(whole: ResumableUpload):
    with db.writing() as session:
        session.exec(select(api_keys.ApiKey)).one().revoked_at = now()
    assert finish(whole).call_id


def test_an_upload_of_somebody_who_may_no_longer_is_refused(whole: ResumableUpload):
    change(whole, api_key_id=None)
    with pytest.raises(Refused) as error:
        finish(whole)
    assert (error.value.code, fresh(whole).code) == ("not_allowed", "not_allowed")


def test_storage_that_is_away_ends_nothing(whole: ResumableUpload, monkeypatch, caplog):
    def away(*_args):
        raise StorageAway("Storage is away.")
        yield b""

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(pieces, "blocks", away)
        tasks.finish_upload(whole.id)
    assert "is finished later: Storage is away." in caplog.text
    assert finishing.unfinished() == [whole.id]
    assert finish(whole).call_id


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(b"short")])
def test_a_piece_that_is_no_longer_whole_refuses_the_upload(whole: ResumableUpload, spoil):
    spoil(objects()[0])
    with pytest.raises(Refused, match="no longer in storage"):
        finish(whole)
    assert (in_database(), in_storage()) == ((0, 0, 0), [])


def test_the_same_bytes_deleted_in_that_moment_are_taken_in_at_the_second_try(whole: ResumableUpload, monkeypatch):
    tries = []
    really = intake.Intake.finish

    def finish_but_once(self, *given):
        tries.append(1)
        if len(tries) == 1:
            raise Refused("gone", "It has just been deleted. Upload it again.")
        return really(self, *given)

    monkeypatch.setattr(intake.Intake, "finish", finish_but_once)
    assert finish(whole).call_id
    assert len(tries) == 2


def test_giving_up_forgets_all_but_the_call(whole: ResumableUpload):
    other = begun(DATA)
    add(other, DATA[:10])
    ended = finish(whole)
    for upload in (whole, other):
        finishing.give_up(OWNER, upload.id)
        with pytest.raises(NotFound):
            look(OWNER, upload.id)
    assert (objects(), bytes_of(ended.call_id)) == ([], DATA)


def test_nobody_gives_up_another_s_or_one_that_is_being_added_to():
    upload = begun(DATA)
    with pytest.raises(NotFound):
        finishing.give_up("key:2", upload.id)
    change(upload, held_by="t" * 32, held_until=now() + DAY)
    with pytest.raises(UploadHeld):
        finishing.give_up(OWNER, upload.id)
    assert look(OWNER, upload.id)
