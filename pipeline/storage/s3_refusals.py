"""What an S3 server's refusal means, in sentences that say what to do: no secret, no address beyond the host's name."""

import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from urllib.parse import urlsplit

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.storage.contract import StorageAway

Asked = Callable[[], AbstractContextManager[None]]  # in_words for one bucket

ABSENT = frozenset({"NoSuchKey", "NotFound", "404", "PreconditionFailed", "412"})
_RENEW = "The S3 credentials have expired. Renew them (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN)."
_KEYS = "{server} does not accept the S3 credentials. Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
_REGION = (
    "The bucket '{bucket}' is in another region, or {server} at another address. "
    "Set AWS_REGION to the bucket's region, and check S3_ENDPOINT_URL."
)
_FULL = "{server} has no room left for recordings. Make room, or raise the quota of the bucket '{bucket}'."
_WORDS = {
    "NoSuchBucket": "There is no bucket '{bucket}' at {server}. Create it, or check S3_BUCKET and S3_ENDPOINT_URL.",
    "InvalidBucketName": "There can be no bucket named '{bucket}'. Check S3_BUCKET.",
    "AccessDenied": "{server} does not let these credentials at the bucket '{bucket}'. Check S3_BUCKET, and that the "
    "owner of AWS_ACCESS_KEY_ID may list the bucket and its multipart uploads, abort those, and get, "
    "put and delete objects in it.",
    "InvalidAccessKeyId": _KEYS,
    "SignatureDoesNotMatch": _KEYS,
    "InvalidSecurity": _KEYS,
    "ExpiredToken": _RENEW,
    "ExpiredTokenException": _RENEW,
    "TokenRefreshRequired": _RENEW,
    "InvalidToken": _RENEW,
    "RequestTimeTooSkewed": "The clock of this machine and that of {server} differ too much. Set this one right (NTP).",
    "PermanentRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "QuotaExceeded": _FULL,
    "XMinioStorageFull": _FULL,
    "InsufficientStorage": _FULL,
    "InvalidObjectState": "The recording lies in an archive tier of the bucket '{bucket}'. Restore it there first.",
    "NoSuchUpload": "{server} has thrown the unfinished recording away. Try again.",
    "BadDigest": "The recording reached {server} damaged. Try again.",
}
_BY_STATUS = {301: _REGION, 401: _KEYS, 403: _WORDS["AccessDenied"], 507: _FULL}
_BUSY = "{server} could not do it just now ({code}). Try again in a minute."
_OTHER = "{server} refused ({code}). Check S3_BUCKET and S3_ENDPOINT_URL."
_NO_KEYS = "No S3 credentials are set. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
_UNREACHED = "{server} cannot be reached. Check S3_ENDPOINT_URL and that the server runs."
_BROKEN_OFF = "The connection to {server} broke off. Try again in a minute."
_FAILED: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    ((boto.NoCredentialsError, boto.PartialCredentialsError), _NO_KEYS),
    (
        (boto.CredentialRetrievalError, boto.ProfileNotFound),
        "The S3 credentials cannot be read. Check the AWS_* settings.",
    ),
    (boto.SSLError, "{server} has no certificate that this machine trusts. Check S3_ENDPOINT_URL and AWS_CA_BUNDLE."),
    (boto.ReadTimeoutError, "{server} took too long to answer. Try again in a minute."),
    ((boto.ConnectionClosedError, boto.ResponseStreamingError, boto.IncompleteReadError), _BROKEN_OFF),
    ((boto.ConnectionError, boto.HTTPClientError), _UNREACHED),
    (boto.ParamValidationError, _WORDS["InvalidBucketName"]),
    (boto.InvalidRegionError, "AWS_REGION is not the name of a region. Write it as eu-central-1."),
)


@contextmanager
def in_words(bucket: str, endpoint: str) -> Iterator[None]:
    """Whatever boto3 raises within the block comes out as FileNotFoundError or StorageAway."""
    try:
        yield
    except ClientError as error:
        code = _code(error)
        if code in ABSENT:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from error
        raise StorageAway(_filled(_refusal(error, code), bucket, endpoint, code)) from error
    except BotoCoreError as error:
        words = next((words for kind, words in _FAILED if isinstance(error, kind)), _OTHER)
        raise StorageAway(_filled(words, bucket, endpoint, type(error).__name__)) from error


def _refusal(error: ClientError, code: str) -> str:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    busy = status >= 500 or status in {408, 429} or code in {"SlowDown", "RequestTimeout"}  # noqa: PLR2004  HTTP's own
    return _WORDS.get(code) or _BY_STATUS.get(status) or (_BUSY if busy else _OTHER)


def _code(error: ClientError) -> str:
    """The server's own word, and nothing else that it may have written there."""
    return re.sub(r"[^\w.-]", "", str(error.response.get("Error", {}).get("Code") or ""))[:60] or "no reason given"


def _filled(words: str, bucket: str, endpoint: str, code: str) -> str:
    server = f"the S3 server {_host(endpoint)}" if endpoint else "Amazon S3"
    filled = words.format(bucket=bucket, server=server, code=code)
    return filled[0].upper() + filled[1:]


def _host(endpoint: str) -> str:
    try:
        return urlsplit(endpoint).hostname or "of S3_ENDPOINT_URL"
    except ValueError:
        return "of S3_ENDPOINT_URL"
