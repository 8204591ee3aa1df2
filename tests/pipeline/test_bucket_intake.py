"""Intake with recordings in a bucket: what comes in is there, what does not leaves nothing there."""

from collections.abc import Iterator

import pytest

from config import settings
from pipeline import children, orphans
from pipeline.intake import Refused
from pipeline.sound.probe import probe
from pipeline.storage import StorageAway, recording_key, storage
from tests.pipeline.arriving import here, in_database, receive, wav
from tests.simulators.line import line_to
from tests.simulators.s3 import BucketServer

pytestmark = pytest.mark.usefixtures("campaign")
LONG_S = 1000.0  # 16 MB: more than one part of an upload


@pytest.fixture(autouse=True)
def _near(monkeypatch: pytest.MonkeyPatch, bucket: BucketServer) -> None:
    monkeypatch.setattr(children, "run", here)


@pytest.mark.parametrize("seconds", [0.5, LONG_S])
def test_a_recording_becomes_a_call_whose_bytes_are_in_the_bucket(bucket: BucketServer, seconds: float):
    data = wav(seconds=seconds)
    call = receive([data[at : at + 1_000_003] for at in range(0, len(data), 1_000_003)]).call
    assert (bucket.keys(), bucket.unfinished()) == ([recording_key(call.id)], [])
    with storage().open(recording_key(call.id)) as stream:
        assert stream.read() == data
    with storage().local(recording_key(call.id)) as path:
        assert probe(path).codec == "pcm_s16le"
    assert in_database() == (1, 1, 1)
    assert not (settings().folder / "storage").exists()


def broken_off() -> Iterator[bytes]:
    yield wav(seconds=LONG_S)
    raise ConnectionResetError("the caller hung up")


@pytest.mark.parametrize(
    ("blocks", "error"),
    [
        ([b""], Refused),
        ([b"not a recording" * 1000], Refused),
        ([b"not a recording" * 1_000_000], Refused),
        (broken_off(), ConnectionResetError),
    ],
)
def test_what_is_not_taken_in_leaves_nothing(bucket: BucketServer, blocks: list[bytes], error: type[Exception]):
    with pytest.raises(error):
        receive(blocks)
    assert bucket.empty()
    assert in_database() == (0, 0, 0)
    assert list((settings().folder / "scratch").glob("*")) == []


def test_a_file_over_the_limit_leaves_nothing(bucket: BucketServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TOTALVIEW_MAX_UPLOAD_BYTES", str(10 << 20))
    settings.cache_clear()
    with pytest.raises(Refused, match="larger than the limit"):
        receive([bytes(1 << 20)] * 12)
    assert bucket.empty()


def test_the_same_bytes_again_are_the_first_call_and_one_object(bucket: BucketServer):
    first, again, once_more = (receive(wav()) for _ in range(3))
    assert (first.duplicate, again.duplicate, once_more.duplicate) == (False, True, True)
    assert first.call.id == again.call.id == once_more.call.id
    assert bucket.keys() == [recording_key(first.call.id)]
    assert in_database() == (1, 1, 1)


def test_a_bucket_that_goes_away_in_the_middle_is_an_outage_and_the_sweep_finds_the_rest(
    bucket: BucketServer, monkeypatch: pytest.MonkeyPatch
):
    with line_to(bucket.endpoint) as line:
        monkeypatch.setenv("S3_ENDPOINT_URL", line.url)
        settings.cache_clear()
        line.cut_after = 12 << 20
        with pytest.raises(StorageAway, match="S3 server"):
            receive([bytes(1 << 20)] * 30)
    assert in_database() == (0, 0, 0)
    assert (bucket.keys(), len(bucket.unfinished())) == ([], 1)
    monkeypatch.setenv("S3_ENDPOINT_URL", bucket.endpoint)
    monkeypatch.setattr(orphans, "AGE", -orphans.AGE)
    settings.cache_clear()
    assert orphans.sweep(storage()) == 1
    assert bucket.empty()
