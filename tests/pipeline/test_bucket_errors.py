"""A bucket that is away, absent, full or forbidden: an outage, in a sentence that says what to do."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from io import BytesIO

import pytest
from botocore.exceptions import ResponseStreamingError
from botocore.retries.bucket import TokenBucket
from botocore.retries.standard import ExponentialBackoff

from config import settings
from pipeline.storage import Storage, StorageAway, recording_key, s3_client, storage
from pipeline.storage.s3_reading import ObjectReader
from pipeline.storage.s3_refusals import in_words
from records.db import now
from tests.simulators.line import Line, line_to
from tests.simulators.s3 import BucketServer, Refusing, point_at, started
from tests.simulators.s3_keys import SECRET
from tests.simulators.server import serving

KEY = recording_key("ab" + "0" * 30)
LATER = timedelta(hours=1)
Verb = Callable[[Storage], object]


def write(shelf: Storage) -> None:
    with shelf.write(KEY) as sink:
        sink.write(b"sound")


def write_parts(shelf: Storage) -> None:
    with shelf.write(KEY) as sink:
        sink.write(bytes(20 << 20))


def lend(shelf: Storage) -> None:
    with shelf.local(KEY):
        pass


VERBS: dict[str, Verb] = {
    "write": write,
    "write in parts": write_parts,
    "open": lambda shelf: shelf.open(KEY),
    "local": lend,
    "size": lambda shelf: shelf.size(KEY),
    "delete": lambda shelf: shelf.delete(KEY),
    "older_than": lambda shelf: list(shelf.older_than(now())),
    "drop_unfinished": lambda shelf: shelf.drop_unfinished(now()),
}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch, home) -> None:
    """Tries follow each other without a pause."""
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)
    monkeypatch.setattr(TokenBucket, "acquire", lambda *_, **__: True)


def words(verb: Verb) -> str:
    """What the outage says."""
    with pytest.raises(StorageAway) as away:
        verb(storage())
    said = str(away.value)
    assert said[0].isupper()
    assert said.endswith(".")
    assert "{" not in said
    for secret in (SECRET, "/srv/data", "127.0.0.1:", "Traceback", "botocore", str(settings().folder)):
        assert secret not in said
    return said


@pytest.mark.parametrize("verb", VERBS)
def test_nobody_there_is_an_outage_for_every_verb(monkeypatch: pytest.MonkeyPatch, verb: str):
    point_at(monkeypatch, "http://127.0.0.1:9", "calls")
    assert "127.0.0.1 cannot be reached. Check S3_ENDPOINT_URL and that the server runs." in words(VERBS[verb])


@pytest.mark.parametrize("verb", VERBS)
def test_an_absent_bucket_is_an_outage_for_every_verb(bucket: BucketServer, monkeypatch: pytest.MonkeyPatch, verb: str):
    monkeypatch.setenv("S3_BUCKET", "not-there")
    settings.cache_clear()
    said = words(VERBS[verb])
    assert said.startswith("There is no bucket 'not-there'")
    assert "S3_BUCKET" in said


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("key", "secret"), [("AKIAWRONG", SECRET), (None, "wrong")])
def test_wrong_credentials_are_an_outage_for_every_verb(
    bucket: BucketServer, monkeypatch: pytest.MonkeyPatch, verb: str, key: str | None, secret: str
):
    if key:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    said = words(VERBS[verb])
    assert "AWS_ACCESS_KEY_ID" in said
    assert bucket.empty()


def test_no_credentials_at_all_are_asked_for(bucket: BucketServer, monkeypatch: pytest.MonkeyPatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    assert words(write) == "No S3 credentials are set. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (403, "AccessDenied", "may list the bucket and its multipart uploads, abort those, and get, put"),
        (403, "SomethingNew", "may list the bucket and its multipart uploads, abort those, and get, put"),
        (401, "Unauthorized", "AWS_SECRET_ACCESS_KEY"),
        (403, "SignatureDoesNotMatch", "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        (400, "ExpiredToken", "have expired. Renew them"),
        (403, "RequestTimeTooSkewed", "clock of this machine and that of the S3 server"),
        (400, "AuthorizationHeaderMalformed", "Set AWS_REGION"),
        (301, "PermanentRedirect", "Set AWS_REGION"),
        (503, "SlowDown", "could not do it just now (SlowDown)"),
        (500, "InternalError", "could not do it just now (InternalError)"),
        (507, "XMinioStorageFull", "has no room left"),
        (403, "InvalidObjectState", "archive tier"),
        (400, "BadDigest", "damaged"),
        (405, "MethodNotAllowed", "Check S3_BUCKET and S3_ENDPOINT_URL"),
        (418, "&lt;b&gt;/srv/data {0} \n", "refused (bsrvdata0b)"),
        (400, "", "refused (no reason given)"),
    ],
)
def test_a_refusal_says_what_to_do(monkeypatch: pytest.MonkeyPatch, status: int, code: str, told: str):
    with serving(Refusing(status, code)) as server:
        point_at(monkeypatch, server.url, "calls")
        for verb in (write, write_parts):
            said = words(verb)
            assert told.replace("bsrvdata0b", "bsrvdata0") in said


def test_a_site_that_sends_everybody_elsewhere_is_not_followed(monkeypatch: pytest.MonkeyPatch):
    """Mostly http for https; boto3 would ask for the bucket's region, be sent elsewhere, ask again ..."""
    with serving(Refusing(301, "PermanentRedirect")) as server:
        point_at(monkeypatch, server.url, "calls")
        for verb in ("size", "delete", "write"):
            assert "AWS_REGION" in words(VERBS[verb])
        assert len(server.seen) == 3


def test_busy_servers_are_asked_three_times_and_no_more(monkeypatch: pytest.MonkeyPatch):
    with serving(Refusing(503, "SlowDown")) as server:
        point_at(monkeypatch, server.url, "calls")
        words(write)
        assert len(server.seen) == 3


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("S3_ENDPOINT_URL", "storage.example.com", "S3_ENDPOINT_URL is not the address"),
        ("S3_ENDPOINT_URL", "http://[", "S3_ENDPOINT_URL is not the address"),
        ("S3_BUCKET", "two words", "There can be no bucket named"),
        ("AWS_REGION", "not/a region", "AWS_REGION is not the name of a region"),
        ("AWS_PROFILE", "nobody", "Check the AWS_* settings"),
    ],
)
def test_settings_that_make_no_sense_are_named(
    bucket: BucketServer, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
):
    monkeypatch.setenv(name, value)
    settings.cache_clear()
    assert told in words(VERBS["write"])
    assert told in words(VERBS["size"])


def test_what_cannot_be_said_is_noticed_soon(bucket: BucketServer):
    how = s3_client.client(bucket.endpoint).meta.config
    longest = how.retries["total_max_attempts"] * max(how.read_timeout, how.connect_timeout)
    assert longest <= 60


# --- lines that break


@pytest.fixture
def line(bucket: BucketServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    with line_to(bucket.endpoint) as made:
        monkeypatch.setenv("S3_ENDPOINT_URL", made.url)
        settings.cache_clear()
        yield made


@pytest.mark.parametrize("megabytes", [3, 30])
def test_a_server_that_goes_in_the_middle_of_a_write_leaves_no_object(bucket: BucketServer, line: Line, megabytes: int):
    line.cut_after = (megabytes << 20) // 2

    def write_on(shelf: Storage) -> None:
        with shelf.write(KEY) as sink:
            for _ in range(megabytes):
                sink.write(bytes(1 << 20))

    assert "Try again" in words(write_on) or "cannot be reached" in words(write_on)
    assert bucket.keys() == []
    line.is_cut, line.cut_after = False, -1
    storage().drop_unfinished(now() + LATER)
    assert bucket.empty()
    write(storage())
    assert bucket.keys() == [KEY]


def test_a_server_that_dies_in_the_middle_of_a_write_is_an_outage(monkeypatch: pytest.MonkeyPatch):
    with started() as (endpoint, process):
        BucketServer(endpoint, "calls", process).client.create_bucket(Bucket="calls")
        point_at(monkeypatch, endpoint, "calls")

        def write_on(shelf: Storage) -> None:
            with shelf.write(KEY) as sink:
                sink.write(bytes(20 << 20))
                process.kill()
                process.wait()
                sink.write(bytes(20 << 20))

        assert "127.0.0.1" in words(write_on)


def test_a_body_that_breaks_off_is_read_on_where_it_ended(bucket: BucketServer, line: Line):
    sound = bytes(range(256)) * 8192
    with storage().write(KEY) as sink:
        sink.write(sound)
    with storage().open(KEY) as stream:
        start = stream.read(300_000)
        line.cut()
        line.is_cut = False
        assert start + stream.read() == sound


def test_a_server_that_goes_in_the_middle_of_a_read_is_an_outage(bucket: BucketServer, line: Line):
    with storage().write(KEY) as sink:
        sink.write(bytes(5 << 20))
    with storage().open(KEY) as stream:
        stream.read(10)
        line.cut()
        with pytest.raises(StorageAway, match=r"127\.0\.0\.1"):
            stream.read()


def test_an_object_deleted_while_it_is_read_is_gone(bucket: BucketServer):
    with storage().write(KEY) as sink:
        sink.write(bytes(5 << 20))
    with storage().open(KEY) as stream:
        stream.read(10)
        storage().delete(KEY)
        with pytest.raises(FileNotFoundError):
            stream.read()


def test_an_object_written_anew_while_it_is_read_is_not_mixed_in(bucket: BucketServer):
    with storage().write(KEY) as sink:
        sink.write(b"1" * (5 << 20))
    with storage().open(KEY) as stream:
        stream.read(10)
        with storage().write(KEY) as sink:
            sink.write(b"2" * (5 << 20))
        with pytest.raises(FileNotFoundError):
            stream.read()


@pytest.mark.parametrize(("breaks", "whole"), [(2, True), (3, False)])
def test_a_body_may_break_off_twice_at_one_place(breaks: int, whole: bool):
    broken = [ResponseStreamingError(error="cut")] * breaks

    class Body(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() == 0 and broken:
                raise broken.pop()
            return super().read(size)

    reader = ObjectReader(lambda first, last: Body(b"sound"[first : last + 1]), 5, partial(in_words, "calls", ""))
    if whole:
        assert reader.readall() == b"sound"
    else:
        with pytest.raises(StorageAway, match="broke off"):
            reader.readall()
