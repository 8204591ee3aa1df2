"""Resumable uploads of which each request says what its bytes come to: they count together, or not at all."""

import pytest

from pipeline import children, resumable
from pipeline.resumable import Addition, WrongChecksum
from tests.pipeline.arriving import here, wav
from tests.pipeline.resuming import OWNER, add, begun, bytes_of, finish, fresh, objects, sha1

DATA = wav()
pytestmark = pytest.mark.usefixtures("campaign")


@pytest.fixture(autouse=True)
def _near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "run", here)


def test_with_a_checksum_nothing_counts_before_all_has_come(monkeypatch, grows: bool):
    monkeypatch.setattr(resumable, "PIECE", 3000)
    upload = begun(DATA)
    addition = Addition(OWNER, upload.id, 0, **sha1(DATA))
    addition.write(DATA[:7000])
    addition.pause()
    assert (addition.checked, fresh(upload).received, len(objects())) == (True, 0, 1 if grows else 3)
    addition.write(DATA[7000:])
    addition.end()
    addition.close()
    assert addition.complete
    assert bytes_of(finish(upload).call_id) == DATA


def test_a_wrong_checksum_leaves_nothing_and_the_same_bytes_may_come_again():
    upload = begun(DATA)
    with pytest.raises(WrongChecksum):
        add(upload, DATA[:-1] + b"x", **sha1(DATA))
    assert (fresh(upload).received, objects()) == (0, [])
    with pytest.raises(WrongChecksum):
        add(upload, b"", **sha1(DATA))
    assert add(upload, DATA, **sha1(DATA)).complete


@pytest.mark.usefixtures("grows")
def test_a_request_that_breaks_off_before_its_checksum_could_match_leaves_nothing():
    upload = begun(DATA)
    addition = Addition(OWNER, upload.id, 0, **sha1(DATA))
    addition.write(DATA[:5000])
    addition.close()
    assert (fresh(upload).received, objects()) == (0, [])
