"""Calls asked for by the dashboard's own pages: by the session of who is signed in, and narrowed to what is theirs."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from api.app import PREFIX, build
from api.astray import STRAY, Below
from dashboard.door.gate import Gate
from records import db, sessions
from records.calls import Call
from records.campaigns import Campaign
from records.people import User
from records.roles import Role
from tests.api.uploading import bearer, key_of
from tests.records.finished import add_version, finished_call
from tests.records.made import agent, person, stored_campaign

HERE = {"Sec-Fetch-Site": "same-origin"}
SITE = Starlette(routes=[Below(PREFIX, build()), *STRAY], middleware=[Middleware(Gate)])
NAMES = ("", "/transcript?format=txt", "/transcript?format=srt", "/versions")


@pytest.fixture
def call(campaign: Campaign, uncounted) -> Call:
    with db.writing() as session:
        made = finished_call(session, campaign)
        add_version(session, made, score=90.0)
        return made


def browser(user: User | None, **headers: str) -> TestClient:
    client = TestClient(SITE, headers=HERE | headers)
    if user:
        with db.writing() as session:
            client.cookies.set("tv_session", sessions.start(session, user))
    return client


def somebody(role: Role, *campaigns: Campaign, **facts) -> User:
    with db.writing() as session:
        return person(session, role, *campaigns, **facts)


def statuses(client: TestClient, call: Call) -> set[int]:
    return {client.get(f"{PREFIX}/calls/{call.id}{name}").status_code for name in NAMES}


def test_a_person_gets_the_same_answers_as_a_program(call: Call):
    mine = browser(somebody(Role.OWNER)).get(f"{PREFIX}/calls/{call.id}?include=transcript&version=1")
    keys = TestClient(SITE, headers=bearer(key_of("support")))
    theirs = keys.get(f"{PREFIX}/calls/{call.id}?include=transcript&version=1")
    assert mine.status_code == theirs.status_code == 200
    assert mine.json() == theirs.json()
    assert (mine.json()["version"]["number"], len(mine.json()["transcript"])) == (1, 3)


def test_transcripts_come_as_text_and_as_subtitles(call: Call):
    client = browser(somebody(Role.COMPLIANCE_OFFICER))
    text, subtitles = (client.get(f"{PREFIX}/calls/{call.id}/transcript?format={name}").text for name in ("txt", "srt"))
    assert text.startswith("[00:00:00] Agent: Thank you for calling")
    assert "00:00:00,000 --> 00:00:02,000" in subtitles


def test_each_gets_what_is_theirs(call: Call, campaign: Campaign):
    with db.writing() as session:
        other = stored_campaign(session, "Sales")
        ada, ben = agent(session, "Ada"), agent(session, "Ben")
        session.get_one(Call, call.id).agent_id = ada.id
    may = (somebody(Role.MANAGER, campaign), somebody(Role.SENIOR_MANAGER), somebody(Role.AGENT, agent_id=ada.id))
    may_not = (somebody(Role.MANAGER, other), somebody(Role.AGENT, agent_id=ben.id), somebody(Role.AGENT))
    assert [statuses(browser(each), call) for each in may] == [{200}] * 3
    assert [statuses(browser(each), call) for each in may_not] == [{404}] * 3


def test_a_stranger_another_site_and_a_session_that_ended_get_nothing(call: Call):
    owner = somebody(Role.OWNER)
    assert statuses(browser(None), call) == {401}
    assert statuses(browser(owner, **{"Sec-Fetch-Site": "cross-site"}), call) == {401}
    client = browser(owner)
    with db.writing() as session:
        session.get_one(User, owner.id).active = False
    assert statuses(client, call) == {401}
    assert statuses(browser(owner, Authorization="Bearer tv_wrong"), call) == {401}


def test_a_session_reads_and_changes_nothing(call: Call):
    client = browser(somebody(Role.OWNER))
    assert client.post(f"{PREFIX}/calls/{call.id}/rerun", json={"from": "analysis"}).status_code == 401
    assert client.patch(f"{PREFIX}/calls/{call.id}", json={"agent": None}).status_code == 401
