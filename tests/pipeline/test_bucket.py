"""A bucket beyond what storage promises: memory, uploads, prefixes, links, the sweep."""

import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from botocore.awsrequest import AWSPreparedRequest

from config import settings
from pipeline import orphans
from pipeline.storage import browser_origin, recording_key, s3_client, s3_upload, storage
from pipeline.storage.bucket import Bucket
from records.campaigns import Campaign
from records.db import now, writing
from tests.records import made
from tests.simulators.s3 import BucketServer

ROOT = Path(__file__).resolve().parents[2]
KEY = recording_key("ab" + "0" * 30)
SOUND = bytes(range(256)) * 40
LATER = timedelta(hours=1)


@pytest.fixture
def shelf(bucket: BucketServer, home: Path) -> Bucket:
    return storage()


def put(shelf: Bucket, key: str, *blocks: bytes) -> None:
    with shelf.write(key) as sink:
        for block in blocks:
            sink.write(block)


@contextmanager
def seen() -> Iterator[list[AWSPreparedRequest]]:
    """What the client sends meanwhile."""
    sent = []
    events = s3_client.client(settings().s3_endpoint_url).meta.events

    def note(request: AWSPreparedRequest, **_facts: object) -> None:
        sent.append(request)

    events.register("before-send.s3", note)
    try:
        yield sent
    finally:
        events.unregister("before-send.s3", note)


def ranges(requests: list[AWSPreparedRequest]) -> list[bytes]:
    return [request.headers["Range"] for request in requests if "Range" in request.headers]


def link(shelf: Bucket, disposition: str = "inline", seconds: int = 600) -> str:
    return shelf.link(KEY, media_type="audio/wav", disposition=disposition, seconds=seconds)


# --- writing and reading

STREAMED = """
import resource, sys
from pipeline.storage import storage
shelf, key, block = storage(), sys.argv[1], bytes(1 << 20)
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
with shelf.write(key) as sink:
    for _ in range(20):
        sink.write(block)
with shelf.open(key) as stream:
    while stream.read(1 << 20):
        pass
before = peak()
with shelf.write(key) as sink:
    for _ in range(100):
        sink.write(block)
with shelf.open(key) as stream:
    size = 0
    while block := stream.read(1 << 20):
        size += len(block)
with shelf.local(key) as path:
    size += path.stat().st_size
print(size >> 20, peak() - before)
"""


def test_a_hundred_megabytes_pass_without_memory_growing(shelf: Bucket):
    """In a process of its own: resident memory is the whole truth, and knows no other test."""
    ran = subprocess.run([sys.executable, "-c", STREAMED, KEY], cwd=ROOT, check=True, capture_output=True, text=True)
    megabytes, grown = map(int, ran.stdout.split())
    assert megabytes == 200
    assert grown < 20


KILLED = """
import os, signal, sys
from pipeline.storage import storage
with storage().write(sys.argv[1]) as sink:
    sink.write(b"x" * (20 << 20))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_writer_that_is_killed_leaves_only_parts_for_the_sweep(shelf: Bucket, bucket: BucketServer):
    killed = subprocess.run([sys.executable, "-c", KILLED, KEY], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (bucket.keys(), bucket.unfinished()) == ([], [KEY])
    assert shelf.drop_unfinished(now() - LATER) == 0
    assert shelf.drop_unfinished(now() + LATER) == 1
    assert bucket.empty()


def test_fifty_gigabytes_fit_into_parts_that_are_all_alike():
    """R2 takes no other; S3 takes 10,000."""
    assert s3_upload.PART_BYTES * s3_upload.MOST_PARTS >= 50e9
    assert s3_upload.PART_BYTES >= 5 << 20


def test_more_parts_than_s3_takes_are_an_outage_in_words(
    shelf: Bucket, bucket: BucketServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(s3_upload, "MOST_PARTS", 2)
    with pytest.raises(s3_upload.StorageAway, match="larger than 84 GB"):
        put(shelf, KEY, bytes(8 << 20), bytes(8 << 20), b"1")
    assert bucket.empty()


def test_a_header_is_read_without_the_rest(shelf: Bucket, monkeypatch: pytest.MonkeyPatch):
    put(shelf, KEY, bytes(3 << 20))
    with seen() as asked, shelf.open(KEY) as stream:
        assert stream.read(44) == bytes(44)
        assert ranges(asked) == [b"bytes=0-262143"]
        stream.seek(1 << 20)
        stream.read(1)
    assert ranges(asked)[1:] == [b"bytes=1048576-1310719"]


def test_every_part_proves_that_it_arrived_whole(shelf: Bucket):
    with seen() as sent:
        put(shelf, KEY, b"sound")
        put(shelf, KEY, bytes(9 << 20))
    puts = [request.headers for request in sent if request.method == "PUT"]
    assert len(puts) == 3
    assert all(headers["Content-MD5"] for headers in puts)
    assert not any("aws-chunked" in str(headers.get("Content-Encoding")) for headers in puts)


# --- keys in the bucket


@pytest.mark.parametrize("prefix", ["calls", "calls/", "/calls/"])
def test_keys_lie_below_the_prefix_and_other_objects_are_left_alone(
    bucket: BucketServer, monkeypatch: pytest.MonkeyPatch, prefix: str
):
    monkeypatch.setenv("S3_PREFIX", prefix)
    settings.cache_clear()
    bucket.client.put_object(Bucket=bucket.bucket, Key=KEY, Body=b"somebody else's")
    bucket.client.create_multipart_upload(Bucket=bucket.bucket, Key=KEY)
    put(storage(), KEY, SOUND)
    assert bucket.keys() == [f"calls/{KEY}", KEY]
    assert list(storage().older_than(now() + LATER)) == [KEY]
    assert storage().drop_unfinished(now() + LATER) == 0
    storage().delete(KEY)
    assert (bucket.keys(), bucket.unfinished()) == ([KEY], [KEY])


def test_more_objects_than_a_page_holds_are_listed(
    shelf: Bucket, bucket: BucketServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shelf, "PAGE", 2)
    keys = [recording_key(f"{number:032x}") for number in range(5)]
    for key in keys:
        put(shelf, key, b"x")
        bucket.client.create_multipart_upload(Bucket=bucket.bucket, Key=key)
    assert sorted(shelf.older_than(now() + LATER)) == keys
    assert shelf.drop_unfinished(now() + LATER) == 5
    assert bucket.unfinished() == []


def test_the_sweep_deletes_nobodys_recordings_and_parts_and_nothing_that_it_does_not_know(
    campaign: Campaign, shelf: Bucket, bucket: BucketServer, monkeypatch: pytest.MonkeyPatch
):
    with writing() as session:
        owned = recording_key(made.stored_call(session, campaign).id)
    unknown = ["redacted/ab/ab" + "0" * 30, "notes.txt", "recordings/ab/x", "checks/of-somebody-else", "recordings/"]
    for key in (owned, KEY, "checks/" + "0" * 32, *unknown):
        bucket.client.put_object(Bucket=bucket.bucket, Key=key, Body=b"x")
    bucket.client.create_multipart_upload(Bucket=bucket.bucket, Key=owned)
    assert orphans.sweep(shelf) == 0  # all of it is young
    monkeypatch.setattr(orphans, "AGE", -LATER)
    assert orphans.sweep(shelf) == 3
    assert (bucket.keys(), bucket.unfinished()) == (sorted([owned, *unknown]), [])


def test_a_borrowed_recording_that_a_killed_worker_left_is_swept(shelf: Bucket, home: Path):
    put(shelf, KEY, SOUND)
    with shelf.local(KEY) as path:
        os.utime(path.parent, (0, 0))
        assert orphans.sweep_scratch(home / "scratch") == 1
        assert not path.exists()


def test_a_full_disk_here_is_an_outage_that_leaves_nothing(shelf: Bucket, home: Path):
    put(shelf, KEY, bytes(1 << 20))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with (
            pytest.raises(s3_upload.StorageAway, match="could not be brought to this machine: File too large"),
            shelf.local(KEY),
        ):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list((home / "scratch").iterdir()) == []


# --- links


def test_a_link_gives_ranges_with_our_headers_to_anybody_who_has_it(shelf: Bucket):
    put(shelf, KEY, SOUND)
    answer = httpx.get(link(shelf), headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer.content) == (206, SOUND[10:20])
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["content-disposition"] == "inline"
    assert answer.headers["cache-control"].startswith("private")


def test_a_link_that_was_tampered_with_or_is_too_old_is_refused(shelf: Bucket):
    put(shelf, KEY, SOUND)
    other = recording_key("ab" + "1" * 30)
    put(shelf, other, SOUND)
    good = link(shelf)
    bad = [
        good.replace(KEY, other),
        good.replace("audio%2Fwav", "text%2Fhtml"),
        good.replace("X-Amz-Expires=600", "X-Amz-Expires=60000"),
        re.sub("X-Amz-Signature=.", "X-Amz-Signature=g", good),
        good.split("?", maxsplit=1)[0],
        link(shelf, seconds=-1),
    ]
    assert httpx.get(good).status_code == 200
    assert [httpx.get(url).status_code for url in bad] == [403] * 6


def test_a_link_names_its_time_and_the_safe_signature(shelf: Bucket):
    query = parse_qs(urlsplit(link(shelf)).query)
    assert (query["X-Amz-Expires"], query["X-Amz-Algorithm"]) == (["600"], ["AWS4-HMAC-SHA256"])


def test_links_come_from_the_origin_that_browsers_are_told(shelf: Bucket, bucket: BucketServer):
    assert browser_origin() == bucket.endpoint
    assert link(shelf).startswith(f"{bucket.endpoint}/")


@pytest.mark.parametrize(
    ("region", "name", "origin"),
    [
        ("eu-central-1", "calls", "https://calls.s3.eu-central-1.amazonaws.com"),
        ("us-east-1", "calls", "https://calls.s3.amazonaws.com"),
        ("eu-central-1", "our.calls", "https://s3.eu-central-1.amazonaws.com"),
    ],
)
@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_links_on_aws_lead_to_the_region_itself(
    monkeypatch: pytest.MonkeyPatch, variable: str, region: str, name: str, origin: str
):
    for known, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", variable: region}.items():
        monkeypatch.setenv(known, value)
    assert s3_client.origin(name, "") == origin
    assert link(Bucket(name)).startswith(f"{origin}/")


@pytest.mark.parametrize(("name", "value"), [("S3_BROWSER_LINKS", "false"), ("S3_BUCKET", "")])
def test_without_links_browsers_are_told_no_other_origin(
    bucket: BucketServer, monkeypatch: pytest.MonkeyPatch, name: str, value: str
):
    monkeypatch.setenv(name, value)
    settings.cache_clear()
    assert browser_origin() == ""
