"""Recordings at rest, streamed: in a folder, or in a bucket of anything that speaks S3."""

from importlib import import_module
from typing import cast

from config import settings
from pipeline.storage.contract import GrowingSink, Sink, Storage, StorageAway, call_of, recording_key, rendition_key
from pipeline.storage.folder import Folder

__all__ = [
    "Folder",
    "GrowingSink",
    "Sink",
    "Storage",
    "StorageAway",
    "browser_origin",
    "call_of",
    "recording_key",
    "rendition_key",
    "storage",
]


def storage() -> Storage:
    """The storage that the settings name."""
    chosen = settings()
    if not chosen.s3_bucket:
        return Folder(chosen.folder / "storage")
    made = import_module("pipeline.storage.bucket").Bucket(  # boto3 takes a quarter of a second to load
        chosen.s3_bucket, chosen.s3_prefix, chosen.s3_endpoint_url
    )
    return cast(Storage, made)


def browser_origin() -> str:
    """From where browsers fetch recordings besides this site, such as https://calls.s3.amazonaws.com; mostly empty."""
    chosen = settings()
    if not (chosen.s3_bucket and chosen.s3_browser_links):
        return ""
    return cast(str, import_module("pipeline.storage.s3_client").origin(chosen.s3_bucket, chosen.s3_endpoint_url))
