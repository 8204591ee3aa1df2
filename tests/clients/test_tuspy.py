"""Resumable uploads by tuspy, to the server as it runs."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

from records import db
from records.calls import Call
from records.db import now
from records.uploads import ResumableUpload
from tests.api.resumable import begun, head, patch
from tests.api.uploading import bearer, key_of, stored_files
from tests.clients.test_tus_js import ROOM, calls, digest, received
from tests.clients.tusing import MEGABYTE, PATIENCE_S, Server, result, tuspy, wav_file
from tests.house_rules import ROOT
from tests.installation import until
from tests.pipeline.arriving import in_database, wav

CHUNK = 8 * MEGABYTE
ALONE = """
import sys
from tusclient.client import TusClient
endpoint, key, path = sys.argv[1:]
uploader = TusClient(endpoint, headers={"Authorization": f"Bearer {key}"}).uploader(path, chunk_size=8 << 20)
while uploader.offset < uploader.stop_at:
    uploader.upload_chunk()
    print(uploader.url, uploader.offset, flush=True)
"""


@pytest.fixture
def call_file(tmp_path: Path) -> Path:
    path = tmp_path / "call.wav"
    path.write_bytes(wav())
    return path


def the_call() -> Call:
    [call] = calls()
    return call


def test_a_file_with_its_facts_in_checked_chunks(server: Server, key: str, call_file: Path):
    facts = {"filename": "call.wav", "agent": "Ann", "metadata": '{"team": "north"}'}
    with tuspy(server, key, call_file, chunk_size=3000, metadata=facts, upload_checksum=True) as uploader:
        uploader.upload()
        call = the_call()
        assert result(uploader) == (call.id, "false")
        assert uploader.get_offset() == call.size
        assert urlsplit(uploader.url).netloc == urlsplit(server.uploads).netloc
    assert (call.sha256, call.agent_given, call.details) == (digest(call_file), "Ann", {"team": "north"})


@pytest.mark.long
def test_it_goes_on_where_another_left_off(server: Server, key: str, call_file: Path):
    with tuspy(server, key, call_file, chunk_size=1000) as first:
        first.upload(stop_at=3000)
    with tuspy(server, key, call_file, url=first.url) as second:
        assert second.offset == 3000
        second.upload()
    assert the_call().sha256 == digest(call_file)


@pytest.mark.long
def test_a_wrong_offset_fails_and_with_retries_it_finds_the_right_one(server: Server, key: str, call_file: Path):
    with tuspy(server, key, call_file, chunk_size=1000) as uploader:
        uploader.upload(stop_at=2000)
        uploader.offset = 500
        with pytest.raises(TusUploadFailed) as error:
            uploader.upload()
        assert error.value.status_code == 409
        uploader.offset, uploader.retries, uploader.retry_delay = 500, 1, 0
        uploader.upload()
    assert the_call().sha256 == digest(call_file)


@pytest.mark.long
def test_an_expired_upload_and_another_key_s_fail(server: Server, key: str, call_file: Path):
    with tuspy(server, key, call_file, chunk_size=1000) as uploader:
        uploader.upload(stop_at=1000)
        with pytest.raises(TusCommunicationError) as another, tuspy(server, key_of(), call_file, url=uploader.url):
            pass
        assert another.value.status_code == 404
        with db.writing() as session:
            session.get_one(ResumableUpload, uploader.url.rsplit("/", 1)[1]).expires_at = now()
        with pytest.raises(TusUploadFailed) as expired:
            uploader.upload()
    assert (expired.value.status_code, b"24 hours" in expired.value.response_content) == (410, True)


@pytest.mark.long
def test_two_at_once_on_one_upload_make_one_call(server: Server, key: str, tmp_path: Path):
    path = wav_file(tmp_path / "long.wav", 12)
    with tuspy(server, key, path) as first:
        where = first.create_url()

    def bring(_number: int) -> None:
        how = {"url": where, "chunk_size": MEGABYTE, "retries": 100, "retry_delay": 0.1}
        with tuspy(server, key, path, **how) as uploader:
            uploader.upload()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(bring, range(2)))
    assert the_call().sha256 == digest(path)
    assert in_database() == (1, 1, 1)


def test_a_held_upload_is_told_apart_and_a_wrong_offset_is_answered_to_who_sends_much(
    server: Server, key: str, tmp_path: Path
):
    data = wav_file(tmp_path / "long.wav", 40).read_bytes()
    with httpx.Client(base_url=server.site.address, headers=bearer(key), timeout=60) as client:
        where = begun(client, len(data))
        assert patch(client, where, data, 5).status_code == 409
        with db.writing() as session:
            upload = session.get_one(ResumableUpload, where.rsplit("/", 1)[1])
            upload.held_by, upload.held_until = "t" * 32, upload.expires_at
        assert patch(client, where, data).status_code == 423
        assert head(client, where).headers["upload-offset"] == "0"


@pytest.mark.long
def test_200_mb_are_resumed_after_the_server_was_killed(server: Server, key: str, tmp_path: Path):
    path = wav_file(tmp_path / "long.wav", 200)
    before = server.memory
    with tuspy(server, key, path, chunk_size=CHUNK) as uploader:
        uploader.upload(stop_at=12 * CHUNK)
        assert server.memory - before < ROOM
        server.kill()
        with pytest.raises(TusUploadFailed):
            uploader.upload_chunk()
        server.restart()
        fresh = server.memory
        uploader.retries = 10
        uploader.upload()
        assert server.memory - fresh < ROOM
        assert result(uploader) == (the_call().id, "false")
    assert the_call().sha256 == digest(path)
    assert [file.name for file in stored_files()] == [the_call().id]


@pytest.mark.long
def test_200_mb_are_resumed_after_the_client_was_killed(server: Server, key: str, tmp_path: Path):
    path = wav_file(tmp_path / "long.wav", 200)
    command = [sys.executable, "-c", ALONE, server.uploads, key, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as alone:
        assert alone.stdout is not None
        for line in alone.stdout:
            where, offset = line.split()
            if int(offset) > 100 * MEGABYTE:
                alone.kill()
                break
        alone.wait(PATIENCE_S)
    until(lambda: received() >= int(offset), "what came is safe")
    with tuspy(server, key, path, url=where, chunk_size=CHUNK, retries=50) as uploader:
        assert uploader.offset >= int(offset)
        uploader.upload()
        assert result(uploader) == (the_call().id, "false")
    assert the_call().sha256 == digest(path)
