"""Writing an object: part by part, so that memory holds one part however long the recording is."""

import base64
import hashlib
import logging
from io import BytesIO
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.storage.contract import StorageAway
from pipeline.storage.s3_refusals import Asked

log = logging.getLogger(__name__)

PART_BYTES = 8 << 20  # all parts alike, as R2 demands
MOST_PARTS = 10_000  # S3's limit, here 84 GB


def abort(client: BaseClient, where: dict[str, str], upload_id: str) -> None:
    """Throw an upload's parts away; nothing happens when somebody has."""
    try:
        client.abort_multipart_upload(**where, UploadId=upload_id)
    except ClientError as error:
        if error.response["Error"].get("Code") != "NoSuchUpload":
            raise


class Upload:
    """A sink. What fits into one part is one request; `finish` makes the object, `abandon` leaves nothing."""

    def __init__(self, client: BaseClient, where: dict[str, str], asked: Asked) -> None:
        """`where` is Bucket and Key; `asked` puts the client's errors into words."""
        self._client = client
        self._where = where
        self._asked = asked
        self._buffer = BytesIO()
        self._filled = 0
        self._id = ""
        self._parts: list[dict[str, Any]] = []

    def write(self, block: bytes) -> None:
        rest = memoryview(block).cast("B")
        while rest:
            if self._filled == PART_BYTES:
                self._send_part()
            taken = rest[: PART_BYTES - self._filled]
            self._filled += self._buffer.write(taken)
            rest = rest[len(taken) :]

    def finish(self) -> None:
        """Make it an object."""
        if not self._id:
            with self._asked():
                self._client.put_object(**self._where, **self._body())
            return
        self._send_part()
        parts = {"Parts": self._parts}
        with self._asked():
            self._client.complete_multipart_upload(**self._where, UploadId=self._id, MultipartUpload=parts)

    def abandon(self) -> None:
        """Throw the parts away; when storage is away by now, the sweep of orphans does it later."""
        if not self._id:
            return
        try:
            abort(self._client, self._where, self._id)
        except (BotoCoreError, ClientError):
            log.warning("An unfinished upload could not be thrown away; the sweep of orphans will.", exc_info=True)

    def _send_part(self) -> None:
        number = len(self._parts) + 1
        if number > MOST_PARTS:
            raise StorageAway("The recording is larger than 84 GB, the most that is stored in one piece.")
        with self._asked():
            if not self._id:
                self._id = self._client.create_multipart_upload(**self._where)["UploadId"]
            answer = self._client.upload_part(**self._where, UploadId=self._id, PartNumber=number, **self._body())
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})
        self._buffer.seek(0)
        self._buffer.truncate()
        self._filled = 0

    def _body(self) -> dict[str, Any]:
        """The buffer as a request's body, with what proves on the other side that it arrived whole.

        A file rather than bytes: then a server may refuse before megabytes are sent to it (Expect: 100-continue).
        """
        with self._buffer.getbuffer() as view:
            digest = hashlib.md5(view, usedforsecurity=False).digest()
        self._buffer.seek(0)
        return {
            "Body": self._buffer,
            "ContentLength": self._filled,
            "ContentMD5": base64.b64encode(digest).decode(),
        }
