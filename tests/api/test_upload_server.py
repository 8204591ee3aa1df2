"""Uploads to the server as it runs: memory, broken lines, many at once, stops."""

import asyncio
import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from sqlmodel import func, select

from records import db
from records.calls import Call
from records.campaigns import Campaign
from tests.api.uploading import BOUNDARY, END, FORM, UPLOAD, bearer, key_of, part, stored_files
from tests.installation import installed, until
from tests.pipeline.arriving import in_database, wav
from tests.running import run
from tests.website import Website, website

MEGABYTE = 1 << 20


@pytest.fixture
def key(campaign: Campaign) -> str:
    return key_of()


@pytest.fixture
def site(home: Path, key: str) -> Iterator[Website]:
    with installed(home), website(home, options=["--api-only"]) as running:
        yield running


def long_wav(megabytes: int) -> Iterator[bytes]:
    """A recording of so many megabytes, of which no two are alike."""
    size = megabytes * MEGABYTE
    yield b"RIFF" + struct.pack("<I", size + 36) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    yield b"data" + struct.pack("<I", size)
    for _ in range(megabytes):
        yield os.urandom(MEGABYTE)


def form(megabytes: int) -> Iterator[bytes]:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="long.wav"\r\n\r\n'
    yield head.encode()
    yield from long_wav(megabytes)
    yield b"\r\n" + part("external_id", b"after the file") + END


def memory(site: Website) -> int:
    """The most that the server has ever used, in megabytes."""
    status = Path(f"/proc/{site.process.pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


def post(site: Website, key: str, content: Iterator[bytes]) -> httpx.Response:
    return httpx.post(site.address + UPLOAD, content=content, headers={**bearer(key), **FORM}, timeout=600)


def small(site: Website, key: str, number: int = 0) -> httpx.Response:
    files = {"file": ("call.wav", wav(number))}
    return httpx.post(site.address + UPLOAD, files=files, headers=bearer(key), timeout=60)


@pytest.mark.parametrize("megabytes", [300, pytest.param(2000, marks=pytest.mark.long)])
def test_memory_does_not_grow_with_the_recording(site: Website, key: str, megabytes: int, capsys):
    assert small(site, key).status_code == 202
    before = memory(site)
    answer = post(site, key, form(megabytes))
    grown = memory(site) - before
    assert (answer.status_code, answer.json()["size"]) == (202, megabytes * MEGABYTE + 44)
    with capsys.disabled():
        print(f" [{megabytes} MB taken in within {grown} MB more]", end="")  # noqa: T201  the figure that docs/api.md states
    assert grown < 64
    with db.reading() as session:
        assert session.get_one(Call, answer.json()["id"]).external_id == "after the file"


def test_a_sender_that_breaks_off_leaves_nothing_behind(site: Website, key: str, home: Path):
    assert small(site, key).status_code == 202
    there = stored_files()
    host, port = site.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as line:
        head = f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: 99000000\r\n"
        line.sendall(head.encode() + f"Content-Type: {FORM['Content-Type']}\r\n\r\n".encode())
        for block, _ in zip(form(90), range(12), strict=False):
            line.sendall(block)
        until(lambda: len(stored_files()) > len(there), "the first bytes are in storage")
    until(lambda: stored_files() == there, "they are gone again")
    assert in_database() == (1, 1, 1)
    assert "Traceback" not in site.said.read_text()


def test_a_sender_that_falls_silent_is_given_up(home: Path, key: str, monkeypatch):
    from api import blocks  # noqa: PLC0415  patched in this process, where the application runs for once
    from tests.api.uploading import api  # noqa: PLC0415

    monkeypatch.setattr(blocks, "SILENCE_S", 0.05)

    async def slow() -> int:
        transport = httpx.ASGITransport(app=api().app)

        async def body():
            yield part("agent", b"Ann")
            await asyncio.sleep(0.3)
            yield END

        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return (await client.post(UPLOAD, content=body(), headers={**bearer(key), **FORM})).status_code

    assert run(slow()) == 408


def test_a_refusal_in_the_middle_is_read_by_whoever_is_still_sending(site: Website, key: str):
    content = iter([part("metadata", b"x" * 300_000), *form(40)])
    answer = post(site, key, content)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:totalview:problem:too-large")
    assert stored_files() == []


def test_200_small_uploads_at_once_are_all_answered_202_and_all_in_the_database(site: Website, key: str):
    async def all_at_once() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(base_url=site.address, headers=bearer(key), limits=limits, timeout=120) as client:
            recordings = [wav(number) for number in range(200)]
            sent = [client.post(UPLOAD, files={"file": ("call.wav", data)}) for data in recordings]
            return await asyncio.gather(*sent)

    answers = run(all_at_once())
    assert [answer.status_code for answer in answers] == [202] * 200
    ids = {answer.json()["id"] for answer in answers}
    assert len(ids) == 200
    with db.reading() as session:
        assert set(session.exec(select(Call.id))) == ids
    assert len(stored_files()) == 200
    assert {answer.headers["ratelimit-limit"] for answer in answers} == {"6000"}


def test_the_same_recording_from_many_at_once_is_one_call(site: Website, key: str):
    async def all_at_once() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=site.address, headers=bearer(key), timeout=120) as client:
            return await asyncio.gather(*(client.post(UPLOAD, files={"file": ("a.wav", wav())}) for _ in range(20)))

    answers = run(all_at_once())
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [202]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (in_database(), len(stored_files())) == ((1, 1, 1), 1)


def test_a_server_that_is_stopped_in_the_middle_leaves_no_call_and_what_it_answered_stays(
    home: Path, campaign: Campaign, key: str
):
    with installed(home), website(home, options=["--api-only"]) as site:
        done = small(site, key)
        assert done.status_code == 202

        def endless() -> Iterator[bytes]:
            for number, block in enumerate(form(900)):
                yield block
                if number == 20:
                    site.process.terminate()
                time.sleep(0.02)

        with suppress(httpx.TransportError):  # a broken line, or a word about it: both are no promise
            assert post(site, key, endless()).status_code >= 500
        site.process.wait(20)
        assert len(stored_files()) == 1
    with db.reading() as session:
        assert session.exec(select(Call.id)).all() == [done.json()["id"]]
        assert session.exec(select(func.count()).select_from(Call)).one() == 1


def test_alone_the_api_has_its_health_and_nothing_of_the_dashboard(site: Website):
    answers = {path: httpx.get(site.address + path).status_code for path in ("/healthz", "/readyz", "/", "/calls")}
    assert answers == {"/healthz": 200, "/readyz": 200, "/": 404, "/calls": 404}
    stray = httpx.get(site.address + "/api/v2/calls")
    assert (stray.status_code, stray.json()["type"]) == (404, "urn:totalview:problem:not-found")
