"""What `totalview doctor` and /readyz say of storage."""

from io import BytesIO
from pathlib import Path

import pytest

from jobs import health
from tests.simulators.s3 import BucketServer, point_at


def test_a_folder_is_written_read_and_cleaned(home: Path):
    assert health.recordings() == "written, read and deleted in a folder"
    assert not [path for path in (home / "storage").rglob("*") if path.is_file()]


def test_a_bucket_is_written_read_and_cleaned(home: Path, bucket: BucketServer):
    assert health.recordings() == f"written, read and deleted in the bucket '{bucket.bucket}'"
    assert bucket.empty()


def test_a_folder_that_cannot_be_written_is_told_by_its_setting(home: Path):
    (home / "storage").write_bytes(b"in the way")
    with pytest.raises(health.Trouble, match="TOTALVIEW_HOME"):
        health.recordings()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"endpoint": "http://127.0.0.1:9"}, "S3_ENDPOINT_URL"),
        ({"bucket": "not-there"}, "S3_BUCKET"),
        ({"key": "AKIAWRONG"}, "AWS_ACCESS_KEY_ID"),
    ],
)
def test_a_bucket_that_cannot_be_used_is_told_by_its_settings_and_not_the_folders(
    home: Path, bucket: BucketServer, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], told: str
):
    point_at(monkeypatch, **{"endpoint": bucket.endpoint, "bucket": bucket.bucket, **wrong})
    with pytest.raises(health.Trouble, match=told) as trouble:
        health.recordings()
    assert "TOTALVIEW_HOME" not in str(trouble.value)


def test_storage_that_gives_back_other_bytes_is_not_trusted(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pipeline.storage.Folder.open", lambda *_: BytesIO(b"other bytes"))
    with pytest.raises(health.Trouble, match="a folder came back as other bytes"):
        health.recordings()
