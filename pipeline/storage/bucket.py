"""Recordings as objects in a bucket of anything that speaks S3."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from io import BufferedReader
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, cast

from botocore.client import BaseClient
from botocore.response import StreamingBody

from config import settings
from pipeline.storage.contract import Sink, StorageAway
from pipeline.storage.disk import CheckedFile, outage
from pipeline.storage.s3_client import client
from pipeline.storage.s3_reading import BUFFER, ObjectReader
from pipeline.storage.s3_refusals import in_words
from pipeline.storage.s3_upload import Upload, abort

COPY = 1 << 20
FETCHED = "brought to this machine"


class Bucket:
    """Objects below a prefix of a bucket; making one asks nobody anything."""

    PAGE = 1000  # objects that one request lists, S3's limit

    def __init__(self, name: str, prefix: str = "", endpoint: str = "") -> None:
        """`endpoint` is a URL, or empty for AWS; `prefix` is a folder's name, with or without a slash at its end."""
        self._name = name
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._endpoint = endpoint
        self._asked = partial(in_words, name, endpoint)

    @contextmanager
    def write(self, key: str) -> Iterator[Sink]:
        upload = Upload(self._client, self._where(key), self._asked)
        try:
            yield upload
            upload.finish()
        except BaseException:
            upload.abandon()
            raise

    def grow(self, key: str) -> None:
        """None: what is not whole cannot be read."""

    def copy(self, key: str, other: str) -> None:
        with self._asked():
            self._client.copy_object(**self._where(other), CopySource=self._where(key))

    def open(self, key: str) -> BinaryIO:
        where = self._where(key)
        found = self._head(key)

        def get(first: int, last: int) -> StreamingBody:
            """The same object still, or none at all."""
            same = {"IfMatch": found["ETag"]} if "ETag" in found else {}
            return self._client.get_object(**where, Range=f"bytes={first}-{last}", **same)["Body"]

        reader = ObjectReader(get, found["ContentLength"], self._asked)
        return cast(BinaryIO, BufferedReader(reader, BUFFER))

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        with self.open(key) as source, _room() as room:
            path = room / "recording"
            with outage(FETCHED):
                file = path.open("xb", buffering=0)
            with file:
                sink = CheckedFile(file, FETCHED)
                while block := source.read(COPY):
                    sink.write(block)
            source.close()
            yield path

    def size(self, key: str) -> int:
        return int(self._head(key)["ContentLength"])

    def delete(self, key: str) -> None:
        with suppress(FileNotFoundError), self._asked():
            self._client.delete_object(**self._where(key))

    def older_than(self, moment: datetime, folder: str = "") -> Iterator[str]:
        for found in self._listed("list_objects_v2", "Contents", folder):
            if found["LastModified"] < moment:
                yield found["Key"].removeprefix(self._prefix)

    def drop_unfinished(self, moment: datetime, folder: str = "") -> int:
        dropped = 0
        for begun in self._listed("list_multipart_uploads", "Uploads", folder):
            if begun["Initiated"] < moment:
                with self._asked():
                    abort(self._client, {"Bucket": self._name, "Key": begun["Key"]}, begun["UploadId"])
                dropped += 1
        return dropped

    def link(self, key: str, *, media_type: str, disposition: str, seconds: int) -> str:
        """Signed for a GET. Whether the object is there is not asked."""
        as_given = {
            "ResponseContentType": media_type,
            "ResponseContentDisposition": disposition,
            "ResponseCacheControl": "private, no-cache",
        }
        with self._asked():
            return str(
                self._client.generate_presigned_url(
                    "get_object", Params={**self._where(key), **as_given}, ExpiresIn=seconds
                )
            )

    @property
    def _client(self) -> BaseClient:
        return client(self._endpoint)

    def _where(self, key: str) -> dict[str, str]:
        if any(part in {"", ".", ".."} for part in key.split("/")):
            raise ValueError(f"{key!r} leads out of the storage folder.")
        return {"Bucket": self._name, "Key": self._prefix + key}

    def _head(self, key: str) -> dict[str, Any]:
        """Size and ETag. A HEAD has no body to say what is missing, so a missing object and bucket look alike."""
        where = self._where(key)
        try:
            with self._asked():
                return cast(dict[str, Any], self._client.head_object(**where))
        except FileNotFoundError:
            self._expect_bucket()
            raise

    def _expect_bucket(self) -> None:
        try:
            with self._asked():
                self._client.head_bucket(Bucket=self._name)
        except FileNotFoundError as error:
            words = f"There is no bucket '{self._name}'. Create it, or check S3_BUCKET and S3_ENDPOINT_URL."
            raise StorageAway(words) from error

    def _listed(self, verb: str, what: str, folder: str) -> Iterator[dict[str, Any]]:
        pages = self._client.get_paginator(verb).paginate(
            Bucket=self._name, Prefix=self._prefix + folder, PaginationConfig={"PageSize": self.PAGE}
        )
        with self._asked():
            yield from (found for page in pages for found in page.get(what, ()))


@contextmanager
def _room() -> Iterator[Path]:
    """A folder for one borrowed recording; what a killed process leaves is swept with the rest of `scratch`."""
    rooms = settings().scratch
    with outage(FETCHED):
        rooms.mkdir(mode=0o700, parents=True, exist_ok=True)
        room = TemporaryDirectory(prefix="lent-", dir=rooms, ignore_cleanup_errors=True)
    with room as name:
        yield Path(name)
