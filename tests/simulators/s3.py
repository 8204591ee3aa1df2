"""A real S3 API server, moto's, as a process, and buckets in it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from config import settings
from tests.simulators.s3_keys import KEY, SECRET
from tests.simulators.server import Simulator

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class BucketServer:
    """A running server with an empty bucket in it."""

    endpoint: str
    bucket: str
    process: subprocess.Popen[str]

    @property
    def client(self) -> Any:
        return straight(self.endpoint)

    def keys(self) -> list[str]:
        """Whole objects."""
        return [found["Key"] for found in self.client.list_objects_v2(Bucket=self.bucket).get("Contents", ())]

    def unfinished(self) -> list[str]:
        """Uploads that were begun and neither ended nor aborted."""
        return [found["Key"] for found in self.client.list_multipart_uploads(Bucket=self.bucket).get("Uploads", ())]

    def empty(self) -> bool:
        return not self.keys() and not self.unfinished()


@cache
def straight(endpoint: str) -> Any:
    """A client past the product."""
    how = Config(signature_version="s3v4", retries={"total_max_attempts": 2})
    keys = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET, "region_name": "us-east-1"}
    return boto3.session.Session(**keys).client("s3", endpoint_url=endpoint, config=how)


@contextmanager
def started(host: str = "127.0.0.1") -> Iterator[tuple[str, subprocess.Popen[str]]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.simulators.s3_process", host],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            assert line.startswith("http://"), "the S3 server did not start"
            yield line.strip(), process
        finally:
            process.kill()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """One server for all tests of a process: each test has a bucket of its own in it."""
    with started() as running:
        yield running


@pytest.fixture
def bucket(s3_server: tuple[str, subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch) -> BucketServer:
    """S3 set up: a fresh bucket, named by the settings."""
    made = BucketServer(s3_server[0], f"calls-{uuid4().hex[:12]}", s3_server[1])
    made.client.create_bucket(Bucket=made.bucket)
    point_at(monkeypatch, made.endpoint, made.bucket)
    return made


def point_at(monkeypatch: pytest.MonkeyPatch, endpoint: str, bucket: str, key: str = KEY, secret: str = SECRET) -> None:
    for name, value in settings_for(endpoint, bucket, key, secret).items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()


def settings_for(endpoint: str, bucket: str, key: str = KEY, secret: str = SECRET) -> dict[str, str]:
    """The settings of a deployment on this bucket."""
    return {
        "S3_BUCKET": bucket,
        "S3_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


class Refusing(Simulator):
    """An S3 server that answers everything with one error."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__()
        self.answer = (status, code)

    def refuses(self, _request: Request) -> None:
        return None

    def routes(self) -> list[Route]:
        async def endpoint(_request: Request) -> Response:
            status, code = self.answer
            words = f"<Error><Code>{code}</Code><Message>About {SECRET} in /srv/data</Message></Error>"
            return Response(words, status, media_type="application/xml")

        methods = ["GET", "HEAD", "PUT", "POST", "DELETE"]
        return [Route("/{rest:path}", self.handled(endpoint), methods=methods)]
