"""Uploads by the dashboard's own pages: by the session of who is signed in, to a campaign that they name."""

import base64
from collections.abc import Callable, Iterator

import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from api.app import PREFIX, build
from api.astray import STRAY, Below
from dashboard.door.gate import Gate
from records import db, sessions
from records.calls import Call
from records.people import User
from records.roles import Role
from records.statuses import Source
from tests.api.uploading import bearer, key_of, recording
from tests.records.made import person, stored_campaign

UPLOADS, JOBS = f"{PREFIX}/uploads", f"{PREFIX}/bulk_jobs"
TUS = {"Tus-Resumable": "1.0.0"}
HERE = {"Sec-Fetch-Site": "same-origin"}
SITE = Starlette(routes=[Below(PREFIX, build()), *STRAY], middleware=[Middleware(Gate)])
Browser = Callable[[User | None], TestClient]


@pytest.fixture
def browser(campaign, uncounted, asked) -> Iterator[Browser]:
    """`browser(user)`: one that is signed in, asking as our own pages do."""
    clients = []

    def arrive(user: User | None) -> TestClient:
        client = TestClient(SITE, headers={**HERE, **TUS})
        clients.append(client)
        if user:
            with db.writing() as session:
                client.cookies.set("tv_session", sessions.start(session, user))
        return client

    yield arrive
    for client in clients:
        client.close()


def somebody(role: Role, *campaigns) -> User:
    with db.writing() as session:
        return person(session, role, *campaigns)


def send(client: TestClient, campaign: str, number: int = 1, name: str = "call.wav", **facts: str):
    """One recording by one request."""
    data = recording(number)
    words = {"filename": name, **facts}
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in words.items())
    headers = {
        "Upload-Length": str(len(data)),
        "Upload-Metadata": metadata,
        "Content-Type": "application/offset+octet-stream",
    }
    return client.post(UPLOADS, params={"campaign_id": campaign}, headers=headers, content=data)


def the_call() -> Call:
    with db.reading() as session:
        return session.exec(select(Call)).one()


def test_a_person_s_recording_becomes_a_call_of_theirs(browser: Browser, campaign):
    mia = somebody(Role.MANAGER, campaign)
    answer = send(browser(mia), "support")
    assert answer.status_code == 201
    call = the_call()
    assert answer.headers["TotalView-Call-Id"] == call.id
    assert (call.source, call.uploader_id, call.api_key_id) == (Source.UI, mia.id, None)


def test_several_are_a_bulk_job(browser: Browser, campaign):
    mia = somebody(Role.MANAGER, campaign)
    client = browser(mia)
    job = client.post(JOBS, params={"campaign_id": "support"}, json={"expected": 2, "name": "March"}).json()
    assert send(client, "support", bulk_job_id=str(job["id"])).status_code == 201
    assert the_call().source is Source.BULK_JOB
    standing = client.get(f"{JOBS}/{job['id']}").json()
    assert (standing["counts"]["arrived"], standing["by"]) == (1, mia.email)


@pytest.mark.parametrize("slug", ["elsewhere", "nowhere", "\x00"])
def test_a_campaign_that_is_not_theirs_is_none(browser: Browser, campaign, slug):
    with db.writing() as session:
        stored_campaign(session, "Elsewhere")
    answer = send(browser(somebody(Role.MANAGER, campaign)), slug)
    assert (answer.status_code, answer.json()["title"]) == (404, "Not found")


def test_an_agent_uploads_nothing(browser: Browser, campaign):
    assert send(browser(somebody(Role.AGENT)), "support").status_code == 404


def test_without_a_campaign_nothing_begins(browser: Browser):
    assert send(browser(somebody(Role.OWNER)), "").status_code == 404


def test_a_stranger_and_another_site_s_page_need_a_key(browser: Browser):
    owner = somebody(Role.OWNER)
    assert send(browser(None), "support").status_code == 401
    client = browser(owner)
    client.headers["Sec-Fetch-Site"] = "cross-site"
    assert send(client, "support").status_code == 401


def test_a_session_changes_nothing_else_by_the_api(browser: Browser):
    client = browser(somebody(Role.OWNER))
    assert client.get(f"{PREFIX}/campaign").status_code == 401
    assert client.post(f"{PREFIX}/calls/upload", files={"file": ("a.wav", recording(1))}).status_code == 401
    assert client.post(f"{PREFIX}/calls/x/rerun", json={"from": "analysis"}).status_code == 401
    assert client.patch(f"{PREFIX}/calls/x", json={"agent": "ada"}).status_code == 401


def test_a_key_goes_before_the_session(browser: Browser):
    client = browser(somebody(Role.OWNER))
    client.headers.update(bearer(key_of()))
    assert send(client, "").status_code == 201
    call = the_call()
    assert (call.source, call.uploader_id is None, call.api_key_id is not None) == (Source.API, True, True)


def test_another_person_s_upload_is_not_there(browser: Browser):
    data = recording(1)
    client, other = browser(somebody(Role.OWNER)), browser(somebody(Role.OWNER))
    begun = client.post(UPLOADS, params={"campaign_id": "support"}, headers={"Upload-Length": str(len(data))})
    where = begun.headers["Location"]
    assert client.head(where).status_code == 200
    assert other.head(where).status_code == 404
    adding = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert other.patch(where, headers=adding, content=data).status_code == 404
    assert client.patch(where, headers=adding, content=data).status_code == 204


def test_who_signed_out_goes_on_after_signing_in_again(browser: Browser):
    owner, data = somebody(Role.OWNER), recording(1)
    client = browser(owner)
    begun = client.post(UPLOADS, params={"campaign_id": "support"}, headers={"Upload-Length": str(len(data))})
    with db.writing() as session:
        sessions.end_all(session, owner)
    assert client.head(begun.headers["Location"]).status_code == 401
    assert browser(owner).head(begun.headers["Location"]).headers["Upload-Offset"] == "0"
