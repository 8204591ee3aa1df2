"""The connection to an S3 server: one client a process and configuration, shared by its threads."""

import os
from functools import lru_cache
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore import UNSIGNED
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from pipeline.storage.contract import StorageAway
from pipeline.storage.s3_refusals import in_words

CONNECT_S, READ_S, TRIES = 5, 20, 3  # a server that does not answer is noticed within 20 s, a silent one within 65 s
CONNECTIONS = 64  # a worker's threads, or a web process's players, at once

_Environment = tuple[tuple[str, str], ...]

_making = Lock()


def client(endpoint: str) -> BaseClient:
    """boto3's S3 client, with credentials by boto3's own chain. Raises StorageAway when these settings make none.

    `endpoint` is a URL, or empty for AWS.
    """
    with _making:  # boto3 may not be made in two threads at once; used, it may
        return _client(endpoint, _environment(), signed=True)


def origin(bucket: str, endpoint: str) -> str:
    """Scheme, host and port of a bucket's links; empty when these settings make none. No credentials are needed."""
    return _origin(bucket, endpoint, _environment())


@lru_cache(maxsize=4)
def _origin(bucket: str, endpoint: str, environment: _Environment) -> str:
    with _making:
        try:
            maker = _client(endpoint, environment, signed=False)
            parts = urlsplit(maker.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "any"}))
        except (BotoCoreError, StorageAway):
            return ""  # `totalview doctor` says what is wrong with them
    return f"{parts.scheme}://{parts.netloc.rsplit('@', 1)[-1]}"


def _environment() -> _Environment:
    return tuple(sorted((name, value) for name, value in os.environ.items() if name.startswith("AWS_")))


@lru_cache(maxsize=4)
def _client(endpoint: str, environment: _Environment, *, signed: bool) -> BaseClient:
    region = dict(environment).get("AWS_REGION")  # boto3 itself knows only AWS_DEFAULT_REGION
    how = Config(
        # Unless told so, boto3 signs links by the old method, which most regions and R2 refuse.
        signature_version="s3v4" if signed else UNSIGNED,
        # Other servers want the bucket in the path, which boto3 then does by itself. On AWS its links would lead to
        # s3.amazonaws.com, which sends those to a young bucket elsewhere on to a host that they are not signed for.
        s3=None if endpoint else {"addressing_style": "virtual"},
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        retries={"mode": "adaptive", "total_max_attempts": TRIES},
        max_pool_connections=CONNECTIONS,
        tcp_keepalive=True,
        # boto3's own checksums come as trailers of a chunked body, which older MinIO, Ceph, R2 and GCS refuse.
        # Every part carries its MD5 instead, which all of them check.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    try:
        with in_words("", endpoint):
            made = boto3.session.Session(region_name=region).client("s3", endpoint_url=endpoint or None, config=how)
    except ValueError as error:
        words = "S3_ENDPOINT_URL is not the address of a server. Write it as https://storage.example.com."
        raise StorageAway(words) from error
    made.meta.events.register("before-call.s3", _stay)
    return made


def _stay(context: dict[str, Any], **_facts: object) -> None:
    """Keep boto3 from following a bucket to its region: links cannot follow, and a site that redirects is no S3."""
    context.get("s3_redirect", {})["redirected"] = True
