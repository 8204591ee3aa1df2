"""Resumable uploads in the database: one holder at a time, and an offset that only grows."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from records import db, uploads
from records.db import now
from records.identity import NotFound
from records.uploads import ResumableUpload, UploadHeld, UploadPiece
from tests.records.made import stored_call, stored_campaign

PAST, FUTURE = timedelta(seconds=-1), timedelta(seconds=60)


@pytest.fixture
def upload(database: str) -> ResumableUpload:
    return stored()


def stored(**facts: Any) -> ResumableUpload:
    with db.writing() as session:
        campaign = stored_campaign(session, f"Support {uploads.new_upload_id()}")
        given = {"owner": "key:1", "filename": "a.wav", "size": 100, **facts}
        made = ResumableUpload(campaign_id=campaign.id, **given)
        session.add(made)
    return made


def fresh(upload: ResumableUpload) -> ResumableUpload:
    with db.reading() as session:
        return session.get_one(ResumableUpload, upload.id)


def held(upload: ResumableUpload) -> str:
    with db.writing() as session:
        return uploads.hold(session, upload.id)


def add(upload: ResumableUpload, token: str, *spans: tuple[int, int]) -> None:
    made = [UploadPiece(upload_id=upload.id, start=start, size=size, brought_by=token) for start, size in spans]
    with db.writing() as session:
        uploads.add(session, upload.id, token, spans[0][0], made)


def lapse(upload: ResumableUpload) -> None:
    """The holder was not heard of for too long."""
    with db.writing() as session:
        session.get_one(ResumableUpload, upload.id).held_until = now() + PAST


def test_an_upload_is_its_owner_s_and_for_others_it_is_not_there(upload: ResumableUpload):
    with db.reading() as session:
        assert uploads.find(session, "key:1", upload.id).size == 100
        for owner, upload_id in (("key:2", upload.id), ("user:1", upload.id), ("key:1", "0" * 32)):
            with pytest.raises(NotFound, match=r"^There is no such upload\.$"):
                uploads.find(session, owner, upload_id)


@pytest.mark.parametrize("strange", ["", "\0" * 32, "é" * 32, "a" * 31, "a" * 10_000, "../" * 11])
def test_an_id_that_no_upload_has_is_not_found_on_any_database(upload: ResumableUpload, strange: str):
    with db.reading() as session, pytest.raises(NotFound):
        uploads.find(session, "key:1", strange)


def test_one_holds_it_until_it_lets_go(upload: ResumableUpload):
    token = held(upload)
    with pytest.raises(UploadHeld):
        held(upload)
    with db.writing() as session:
        uploads.let_go(session, upload.id, "somebody else")
    with pytest.raises(UploadHeld):
        held(upload)
    with db.writing() as session:
        uploads.let_go(session, upload.id, token)
    assert held(upload) != token


def test_who_was_not_heard_of_is_taken_over_and_adds_nothing_more(upload: ResumableUpload):
    late = held(upload)
    lapse(upload)
    add(upload, late, (0, 10))  # nobody has come meanwhile
    lapse(upload)
    token = held(upload)
    with pytest.raises(UploadHeld):
        add(upload, late, (10, 5))
    with pytest.raises(UploadHeld), db.writing() as session:
        uploads.renew(session, upload.id, late)
    with pytest.raises(UploadHeld), db.writing() as session:
        uploads.become(session, upload.id, late, "c" * 32, duplicate=False)
    add(upload, token, (10, 90))
    assert fresh(upload).complete


def test_renewing_and_adding_keep_it_held(upload: ResumableUpload):
    token = held(upload)
    for keep in (lambda: renew(upload, token), lambda: add(upload, token, (0, 1))):
        lapse(upload)
        keep()
        with pytest.raises(UploadHeld):
            held(upload)


def renew(upload: ResumableUpload, token: str) -> None:
    with db.writing() as session:
        uploads.renew(session, upload.id, token)


def test_pieces_follow_each_other_and_each_puts_the_end_off(upload: ResumableUpload):
    token = held(upload)
    with db.writing() as session:
        session.get_one(ResumableUpload, upload.id).expires_at = now()
    add(upload, token, (0, 10), (10, 20))
    with pytest.raises(UploadHeld):
        add(upload, token, (31, 1))
    with pytest.raises(UploadHeld):
        add(upload, token, (0, 5))
    assert fresh(upload).received == 30
    assert fresh(upload).expires_at > now() + uploads.LASTS - timedelta(minutes=1)
    with db.reading() as session:
        assert [(piece.start, piece.size) for piece in uploads.pieces_of(session, upload.id)] == [(0, 10), (10, 20)]


def test_it_ends_once(upload: ResumableUpload):
    token = held(upload)
    with db.writing() as session:
        call = stored_call(session, stored_campaign(session, "Other")).id
        uploads.become(session, upload.id, token, call, duplicate=True)
    ended = fresh(upload)
    assert (ended.call_id, ended.duplicate, ended.held_by, ended.ended_at is None) == (call, True, None, False)
    for act in (
        lambda session: uploads.hold(session, upload.id),
        lambda session: uploads.refuse(session, upload.id, token, "empty", "It is empty."),
        lambda session: uploads.become(session, upload.id, token, call, duplicate=False),
    ):
        with pytest.raises(UploadHeld), db.writing() as session:
            act(session)


def test_what_came_whole_and_nobody_sees_to_is_unfinished(database: str):
    whole = stored(received=100)
    stored(received=99)
    stored(received=100, ended_at=now(), code="not_audio", words="It is no recording.")
    stored(received=100, held_by="t" * 32, held_until=now() + FUTURE)
    stored(received=100, expires_at=now() + PAST)
    crashed = stored(received=100, held_by="t" * 32, held_until=now() + PAST)
    with db.reading() as session:
        assert set(uploads.unfinished(session)) == {whole.id, crashed.id}


def test_over_is_what_expired_and_what_has_ended_with_pieces_left(database: str):
    expired = stored(expires_at=now() + PAST)
    stored(expires_at=now() + PAST, held_by="t" * 32, held_until=now() + FUTURE)
    stored()
    stored(ended_at=now(), call_id="c" * 32)
    ended = stored()
    token = held(ended)
    add(ended, token, (0, 100))
    with db.writing() as session:
        uploads.refuse(session, ended.id, token, "not_audio", "It is no recording.")
    with db.reading() as session:
        assert {upload.id for upload in uploads.over(session, 10)} == {expired.id, ended.id}
        assert len(uploads.over(session, 1)) == 1


def test_forgetting_takes_the_pieces_along_or_only_them(database: str):
    first, second = stored(), stored()
    for upload in (first, second):
        add(upload, held(upload), (0, 100))
    with db.writing() as session:
        uploads.forget(session, first.id)
        uploads.forget_pieces(session, second.id)
        assert session.exec(select(ResumableUpload.id)).all() == [second.id]
        assert session.exec(select(UploadPiece)).all() == []


def test_a_piece_that_grows_is_noted_again_and_stays_one(upload: ResumableUpload):
    token = held(upload)
    add(upload, token, (0, 10))
    grown = UploadPiece(upload_id=upload.id, start=0, size=60, brought_by=token)
    with pytest.raises(UploadHeld), db.writing() as session:
        uploads.add(session, upload.id, token, 0, [grown])  # as far as it had come before
    with db.writing() as session:
        uploads.add(session, upload.id, token, 10, [grown])
    with db.reading() as session:
        assert [(piece.start, piece.size) for piece in uploads.pieces_of(session, upload.id)] == [(0, 60)]
    assert fresh(upload).received == 60
