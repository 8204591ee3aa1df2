"""What becomes of resumable uploads that nobody goes on with, and of those whose server went away at the end."""

import os
from datetime import timedelta

import pytest
from sqlmodel import select

from jobs import enqueue, tasks
from pipeline import finishing, orphans, pieces
from pipeline.resumable import look
from pipeline.storage import storage
from records import db, uploads
from records.db import now
from records.identity import NotFound
from records.uploads import ResumableUpload, UploadPiece
from tests.pipeline.arriving import wav
from tests.pipeline.resuming import OWNER, add, begun, change, expire, fresh, lapse, objects, pieces_of

DATA = wav()
DAY = timedelta(hours=24)
pytestmark = pytest.mark.usefixtures("campaign")


def age(*paths, by: timedelta = DAY + timedelta(minutes=1)) -> None:
    for path in paths:
        os.utime(path, ((now() - by).timestamp(),) * 2)


def test_the_sweep_takes_what_expired_and_leaves_what_lives():
    old, living, held = (begun(DATA) for _ in range(3))
    for upload in (old, living, held):
        add(upload, DATA[:10])
    for upload in (old, held):
        expire(upload)
    change(held, held_by="t" * 32, held_until=now() + DAY)
    assert finishing.sweep(storage()) == 1
    with db.reading() as session:
        assert set(session.exec(select(ResumableUpload.id))) == {living.id, held.id}
    assert (len(objects()), pieces_of(old)) == (2, [])


def test_one_that_was_added_to_between_look_and_sweep_lives(monkeypatch):
    upload = begun(DATA)
    add(upload, DATA[:10])
    monkeypatch.setattr(finishing.uploads, "over", lambda *_: [upload])
    assert finishing.sweep(storage()) == 0
    assert add(upload, DATA[10:], 10).complete


def test_storage_that_is_away_keeps_the_sweep_for_later(monkeypatch):
    upload = begun(DATA)
    add(upload, DATA[:10])
    expire(upload)
    with monkeypatch.context() as patch:
        patch.setattr(pieces, "delete", lambda *_: False)
        assert finishing.sweep(storage()) == 0
    lapse(upload)
    assert finishing.sweep(storage()) == 1


def test_an_upload_is_held_for_no_longer_than_ever_though_the_clock_was_set_back():
    upload = begun(DATA)
    change(upload, held_by="t" * 32, held_until=now() + DAY)
    with db.writing() as session:
        uploads.after_clock_went_back(session)
    assert fresh(upload).held_until <= now() + uploads.HELD_FOR


def test_orphaned_pieces_go_after_a_day_and_a_living_upload_s_never_do():
    upload = begun(DATA)
    add(upload, DATA[:10])
    add(upload, DATA[10:20], 10)
    with db.writing() as session:
        session.delete(session.get_one(UploadPiece, (upload.id, 0)))
    known, orphan = sorted(objects(), key=lambda path: "-000000000000000-" in path.name)
    assert orphans.sweep(storage()) == 0
    age(known, orphan)
    assert orphans.sweep(storage()) == 1
    assert objects() == [known]


def test_the_clock_s_tasks_finish_and_sweep(monkeypatch):
    whole = begun(DATA)
    add(whole, DATA)
    asked: list[str] = []
    monkeypatch.setattr(enqueue, "finish_upload", lambda upload_id, _connection: asked.append(upload_id))
    monkeypatch.setattr(tasks, "shared", lambda: None)
    monkeypatch.setattr(enqueue, "asked_for", lambda _: set())
    monkeypatch.setattr(enqueue, "deliveries_asked_for", lambda _: set())
    tasks.rescue()
    assert asked == [whole.id]
    expire(whole)
    tasks.sweep_orphans()
    with pytest.raises(NotFound):
        look(OWNER, whole.id)
    assert objects() == []
