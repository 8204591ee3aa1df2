"""Resumable uploads whose pieces lie in a bucket: any web process goes on, and nothing is left at the end."""

from datetime import timedelta

import pytest

from pipeline import children, finishing, orphans, resumable
from pipeline.storage import recording_key, storage
from pipeline.storage.bucket import Bucket
from records import db
from records.db import now
from records.uploads import UploadPiece
from tests.pipeline.arriving import here, in_database, wav
from tests.pipeline.resuming import add, begun, bytes_of, expire, finish, pieces_of, sha1
from tests.simulators.s3 import BucketServer

pytestmark = pytest.mark.usefixtures("campaign")
LONG = wav(seconds=1300.0)  # 21 MB: pieces of several parts
SHORT = wav(seconds=250.0)


@pytest.fixture(autouse=True)
def _near(monkeypatch: pytest.MonkeyPatch, bucket: BucketServer) -> None:
    monkeypatch.setattr(children, "run", here)
    monkeypatch.setattr(resumable, "PIECE", 9 << 20)


def test_pieces_of_several_parts_become_one_recording(bucket: BucketServer):
    upload = begun(LONG)
    add(upload, LONG[:5_000_000])
    add(upload, LONG[5_000_000:], 5_000_000, **sha1(LONG[5_000_000:]))
    assert len(pieces_of(upload)) == len(bucket.keys()) == 3
    call_id = finish(upload).call_id
    assert (bucket.keys(), bucket.unfinished()) == ([recording_key(call_id)], [])
    assert bytes_of(call_id) == LONG
    assert in_database() == (1, 1, 1)


def test_what_came_as_one_object_is_copied_within_the_bucket(bucket: BucketServer, monkeypatch: pytest.MonkeyPatch):
    upload = begun(SHORT)
    add(upload, SHORT)
    monkeypatch.setattr(Bucket, "write", lambda *_: pytest.fail("sent again"))
    call_id = finish(upload).call_id
    assert bucket.keys() == [recording_key(call_id)]
    assert bytes_of(call_id) == SHORT


def test_what_nobody_goes_on_with_leaves_the_bucket_empty(bucket: BucketServer, monkeypatch: pytest.MonkeyPatch):
    upload, lost = begun(LONG), begun(LONG)
    for each in (upload, lost):
        add(each, LONG[:100])
    expire(upload)
    assert finishing.sweep(storage()) == 1
    with db.writing() as session:
        session.delete(session.get_one(UploadPiece, (lost.id, 0)))
    monkeypatch.setattr(orphans, "now", lambda: now() + timedelta(hours=25))
    assert orphans.sweep(storage()) == 1
    assert bucket.empty()
