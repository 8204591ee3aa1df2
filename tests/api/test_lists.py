"""Lists of calls over the API: filtered, a page at a time, stable while calls come in."""

import base64
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.problems import Problem
from api.questions import cursor_of, place_of
from records import bulk, db
from records.agents import AgentAlias
from records.call_order import Place
from records.calls import Call
from records.campaigns import Campaign
from records.runs import Run
from records.statuses import CallStatus, RunReason, Source
from tests.records.made import agent, new_call, stored_call

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def add(campaign: Campaign, name: str, **facts) -> Call:
    with db.writing() as session:
        return stored_call(session, campaign, filename=name, **{"created_at": NOON, **facts})


def names(client, query: str = "") -> list[str]:
    answer = client.get(f"/api/v1/calls?{query}")
    assert answer.status_code == 200, answer.text
    return [item["filename"] for item in answer.json()["items"]]


def test_calls_come_newest_first_with_their_facts_and_without_checks(database, caller_client, campaign):
    with db.writing() as session:
        ada = agent(session, "Ada")
    add(campaign, "old", created_at=NOON - MINUTE)
    new = add(campaign, "new", agent_id=ada.id, score=70.04, flagged=True, version_number=3, details={"a": [1]})
    body = caller_client.get("/api/v1/calls").json()
    assert ([item["filename"] for item in body["items"]], body["next_cursor"]) == (["new", "old"], None)
    first = body["items"][0]
    assert (first["id"], first["campaign"], first["agent"]) == (new.id, "support", "Ada")
    assert (first["score"], first["flagged"], first["newest_version"]) == (70.0, True, 3)
    assert (first["metadata"], first["created_at"]) == ({"a": [1]}, "2026-11-18T12:00:00Z")
    assert not {"checks", "transcript", "timings", "figures"} & first.keys()


def test_a_list_without_calls_is_empty(database, caller_client):
    assert caller_client.get("/api/v1/calls").json() == {"items": [], "next_cursor": None}


def test_another_campaigns_calls_are_on_no_list(database, caller_client, other_client, campaign):
    add(campaign, "ours")
    assert (names(caller_client), names(other_client)) == (["ours"], [])


FILTERED = {
    "status=failed": ["failed"],
    "status=failed&status=pending": ["failed", "plain"],
    "source=sftp": ["sftp"],
    "flagged=true": ["flagged"],
    "flagged=false": ["failed", "sftp", "plain"],
    "external_id=x-1": ["sftp"],
    "agent=Ada": ["failed"],
    "agent=ada%40example.org": ["failed"],
    "agent=somebody%20ELSE": ["flagged"],
    "agent=nobody": [],
    "q=LA": ["flagged", "plain"],
    "q=100%25_": [],
    "called_after=2026-11-18T12:00:00Z": ["sftp"],
    "called_before=2026-11-18T12:00:00Z": ["failed"],
    "called_after=2026-11-18T13:00:00%2B01:00": ["sftp"],
    "called_after=2026-11-18T13:00:00+01:00": ["sftp"],
    "called_after=2026-11-18T12:00:00&called_before=2026-11-18T12:00:01": ["sftp"],
    "updated_after=2026-11-18T11:59:59": ["flagged"],
    "status=failed&flagged=true": [],
    "": ["failed", "sftp", "flagged", "plain"],
}


def test_filters_narrow_and_combine(database, caller_client, campaign):
    with db.writing() as session:
        ada = agent(session, "Ada")
        session.add(AgentAlias(alias="ada@example.org", agent_id=ada.id or 0))
    facts = {
        "failed": {"status": CallStatus.FAILED, "agent_id": ada.id, "called_at": NOON - MINUTE},
        "sftp": {"source": Source.SFTP, "status": CallStatus.COMPLETED, "external_id": "x-1", "called_at": NOON},
        "flagged": {"flagged": True, "status": CallStatus.COMPLETED, "agent_given": "Somebody Else"},
        "plain": {},
    }
    for number, (name, given_facts) in enumerate(facts.items()):
        updated = NOON - MINUTE * (0 if name == "flagged" else 5)
        add(campaign, name, created_at=NOON - MINUTE * number, updated_at=updated, **given_facts)
    assert {query: names(caller_client, query) for query in FILTERED} == FILTERED


def test_a_call_is_found_by_its_bytes_in_either_case(caller_client, campaign):
    call = add(campaign, "ours", sha256="ab" * 32)
    add(campaign, "another")
    assert names(caller_client, f"sha256={call.sha256}") == names(caller_client, f"sha256={'AB' * 32}") == ["ours"]


def test_the_calls_of_a_bulk_job_are_listed(database, caller_client, other_client, campaign):
    call = add(campaign, "in the job")
    add(campaign, "alone")
    with db.writing() as session:
        who = bulk.access.COMMAND_LINE
        job = bulk.create(session, who, campaign.slug, expected=1)
        bulk.note_call(session, job.id or 0, "in the job", call.id, duplicate=False)
    assert names(caller_client, f"bulk_job_id={job.id}") == ["in the job"]
    assert names(caller_client, "bulk_job_id=77") == names(other_client, f"bulk_job_id={job.id}") == []


def test_a_waiting_call_says_what_for(database, caller_client, campaign):
    call = add(campaign, "waits")
    with db.writing() as session:
        session.add(
            Run(call_id=call.id, number=1, reason=RunReason.FIRST_RUN, stage="transcription", waiting_for="A place.")
        )
    add(campaign, "goes on")
    found = {item["filename"]: item["waiting_for"] for item in caller_client.get("/api/v1/calls").json()["items"]}
    assert found == {"waits": "A place.", "goes on": None}


def test_pages_meet_every_call_once_while_others_come_in(database, caller_client, campaign):
    """Seven at one moment and three older; and between two pages a newer one arrives."""
    for number in range(10):
        add(campaign, str(number), created_at=NOON if number < 7 else NOON - MINUTE * number)
    seen, cursor, pages = [], "", 0
    while cursor is not None:
        body = caller_client.get(f"/api/v1/calls?limit=3&cursor={cursor}").json()
        seen += [item["filename"] for item in body["items"]]
        cursor, pages = body["next_cursor"], pages + 1
        add(campaign, f"late {pages}", created_at=NOON + MINUTE * pages)
    assert (sorted(seen), seen[7:], pages) == ([str(number) for number in range(10)], ["7", "8", "9"], 4)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moments=st.lists(st.integers(0, 3), max_size=9),
    late=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=4),
    size=st.integers(1, 4),
)
def test_whatever_comes_in_no_page_repeats_a_call_or_leaves_out_one_that_was_there(
    caller_client, campaign, moments, late, size
):
    with db.writing() as session:
        session.exec(Call.__table__.delete())  # each example has its own calls
    before = {add_plain(campaign, moment) for moment in moments}
    seen, cursor, page = [], "", 0
    while cursor is not None:
        body = caller_client.get(f"/api/v1/calls?limit={size}&cursor={cursor}").json()
        seen += [item["id"] for item in body["items"]]
        for after, moment in late:
            if after == page:
                add_plain(campaign, moment)
        cursor, page = body["next_cursor"], page + 1
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def add_plain(campaign: Campaign, moment: int) -> str:
    """A call without a timeline, which came in at this minute."""
    with db.writing() as session:
        call = new_call(campaign, created_at=NOON + MINUTE * moment)
        session.add(call)
    return call.id


LAST = int((datetime(9000, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


@given(st.integers(0, LAST), st.binary(min_size=16, max_size=16))
def test_a_cursor_is_read_as_it_was_written(passed, call_id):
    place = Place(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=passed), call_id.hex())
    assert place_of(cursor_of(place)) == place


@given(st.text(max_size=40) | st.binary(max_size=30).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_text_is_a_place_or_a_bad_cursor(text):
    with suppress(Problem):  # anything else that is raised fails this test
        assert place_of(text) is None or len(text) == 32


@pytest.mark.parametrize("cursor", ["x", "AAAA", "%00", "%F0%9F%99%82"])
def test_a_cursor_that_no_list_gave_is_a_bad_request(caller_client, cursor):
    answer = caller_client.get(f"/api/v1/calls?cursor={cursor}")
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:totalview:problem:bad-cursor")


NONSENSE = (
    *("limit=0", "limit=201", "limit=x", "status=done", "source=web", "flagged=perhaps"),
    *("called_after=2026", "called_after=yesterday", "called_before=0", "updated_after=", "sha256=abc"),
    *("bulk_job_id=0", "bulk_job_id=2147483648", "q=%00", "agent=a%0Ab", "external_id=" + "x" * 256),
    *("statuss=failed", "q=" + "x" * 201),
)


def test_a_filter_that_says_nothing_is_refused_in_words(caller_client):
    for query in NONSENSE:
        answer = caller_client.get(f"/api/v1/calls?{query}")
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:totalview:problem:invalid"), query
        assert query.split("=")[0] in answer.json()["detail"]


ODD = (
    "called_after=0001-01-01T00:00:00%2B14:00",
    "called_before=9999-12-31T23:59:59-14:00",
    "updated_after=0001-01-01T00:00:00Z",
    "called_after=2026-11-18",
    "q=%F0%9F%99%82%FF",
    "agent=%27%3B--",
    "limit=200",
    "bulk_job_id=2147483647",
)


def test_whatever_may_be_asked_every_database_takes(database, caller_client):
    assert {query: names(caller_client, query) for query in ODD} == {query: [] for query in ODD}
