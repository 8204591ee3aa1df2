"""The page of one bulk job: how far it is, what failed and why, trying again, calling off."""

import json

import pytest
from sqlmodel import select

from dashboard.bulk import tallies
from jobs import enqueue
from pipeline import runs
from records import db
from records.bulk import BulkJob
from records.calls import Call
from records.people import Assignment
from records.statuses import RunReason
from tests.pages.bulk import COMPLETED, FAILED, NASTY, NO_SPEECH, PENDING, announced, arrived, changed, refused
from tests.pages.conftest import mounted, shown
from tests.pages.dialogs import press


@pytest.fixture(autouse=True)
def _counted_anew(monkeypatch):
    for name in ("BUSY_S", "BUSY_TIMES", "IDLE_S", "IDLE_TIMES"):
        monkeypatch.setattr(tallies, name, 0)


@pytest.fixture
def asked(monkeypatch) -> list[int]:
    """The runs that a worker was asked to look at."""
    runs: list[int] = []
    monkeypatch.setattr(enqueue, "look", lambda again: runs.append(again.run_id))
    return runs


def status_of(call_id: str) -> str:
    with db.reading() as session:
        return session.get_one(Call, call_id).status


def numbers(at) -> dict[str, int]:
    return {part["label"]: part["count"] for part in shown(at, "tally")["parts"]}


def causes(at) -> list[tuple[str, str]]:
    found = [
        json.loads(each.proto.json) for each in at.get("bidi_component") if each.proto.component_name == "tv_cause"
    ]
    return [(cause["badge"]["label"], cause["title"]) for cause in found]


def keys(at) -> list[str]:
    return [button.key for button in at.button]


def test_it_says_how_far_the_job_is_and_each_number_leads_to_its_calls(cast, see):
    job = announced(cast, expected=6)
    arrived(job, status=COMPLETED)
    arrived(job, status=PENDING)
    arrived(job, duplicate=True, status=COMPLETED)
    arrived(job, **NO_SPEECH)
    refused(job)
    at = see(cast.mia, "bulk_job.py", id=str(job.id))
    assert not at.exception
    assert shown(at, "heading")["badges"][0]["label"] == "Processing"
    assert shown(at, "heading")["facts"][:2] == [f"Bulk job {job.id}", "Support"]
    tally = shown(at, "tally")
    assert (tally["done"], tally["share"]) == ("4 of 6 done", pytest.approx(4 / 6))
    assert numbers(at) == {
        "Completed": 1, "Already here": 1, "Failed": 1, "Not taken": 1, "Pending": 1, "Still to come": 1,
    }  # fmt: skip
    links = {part["label"]: part["href"] for part in tally["parts"]}
    assert links["Failed"] == f"/calls?bulk_job={job.id}&status=failed&cancelled=0"
    assert links["Not taken"] == ""


def test_failures_are_grouped_and_names_from_outside_stay_text(cast, see):
    job = announced(cast, name=NASTY)
    arrived(job, NASTY, **NO_SPEECH)
    arrived(job, "b.wav", **NO_SPEECH)
    refused(job)
    at = see(cast.olivia, "bulk_job.py", id=str(job.id))
    assert causes(at) == [("Failed", "2 recordings"), ("Not taken", "1 recording")]
    assert shown(at, "heading")["title"] == NASTY
    assert {"retry-no_speech", "upload-not_audio"} <= set(keys(at))
    assert "retry-not_audio" not in keys(at)
    drawn = "".join(each.value for kind in (at.markdown, at.caption, at.title, at.subheader) for each in kind)
    assert "evil" not in drawn


def test_retry_sends_the_failed_of_one_cause_through_again(cast, see, asked):
    job = announced(cast)
    first = arrived(job, **NO_SPEECH)
    other = arrived(job, **(NO_SPEECH | {"error_code": "provider"}))
    with db.writing() as session:
        for call in (first, other):
            runs.begin(session, session.get_one(Call, call), RunReason.FIRST_RUN, by="a test").ended_at = db.now()
    at = see(cast.mia, "bulk_job.py", id=str(job.id))
    at.button(key="retry-no_speech").click().run()
    assert not at.exception
    assert (status_of(first), status_of(other), len(asked)) == ("pending", "failed", 1)
    assert causes(at) == [("Failed", "1 recording")]
    assert "on the way again" in at.toast[0].value


def test_a_person_whose_campaign_was_taken_away_tries_nothing_again(cast, see, asked):
    job = announced(cast)
    call = arrived(job, **NO_SPEECH)
    at = see(cast.mia, "bulk_job.py", id=str(job.id))
    with db.writing() as session:
        for assigned in session.exec(select(Assignment)):
            session.delete(assigned)
    at.button(key="retry-no_speech").click().run()
    assert at.title[0].value == "There is no such bulk job"
    assert (mounted(at), status_of(call), asked) == ([], "failed", [])


def test_not_yours_nonsense_and_absent_look_the_same(cast, see):
    theirs = announced(cast, cast.sales)
    pages = [see(cast.mia, "bulk_job.py", id=which) for which in (str(theirs.id), "999", "x", "-1", "9" * 40)]
    assert {at.title[0].value for at in pages} == {"There is no such bulk job"}
    assert {tuple(mounted(at)) for at in pages} == {()}
    assert not any("cancel" in keys(at) for at in pages)


def test_the_browsers_back_leads_to_the_job_that_was_open(cast, see):
    """It keeps the address of the page that was left."""
    job = announced(cast, name="Mine")
    at = see(cast.mia, "bulk_job.py", id=str(job.id))
    del at.query_params["id"]
    at.query_params["status"] = "failed"
    at.run()
    assert shown(at, "heading")["title"] == "Mine"
    assert dict(at.query_params) == {"id": str(job.id)}


def test_cancelling_asks_first_and_then_ends_what_waits(cast, see):
    job = announced(cast)
    call = arrived(job, status=PENDING)
    at = see(cast.mia, "bulk_job.py", id=str(job.id))
    at.button(key="cancel").click().run()
    said = "".join(each.value for each in at.markdown)
    assert "1 recording waiting" in said
    assert "3 recordings still to come" in said
    press(at, "cancel", "cancel-sure")
    with db.reading() as session:
        kept = session.get_one(BulkJob, job.id)
    assert kept.cancelled_by == cast.mia.email
    at.run()
    assert shown(at, "heading")["notes"][0]["title"].startswith(f"Cancelled by {cast.mia.email}")
    assert "cancel" not in keys(at)
    assert status_of(call) == "pending"  # it has no run in this test, so that nothing of it could be ended


def test_what_was_called_off_can_be_tried_again(cast, see):
    job = announced(cast)
    arrived(job, status=FAILED, error_code="cancelled", error="Cancelled by ann.")
    changed(job, cancelled_at=db.now(), cancelled_by="ann@example.org")
    at = see(cast.olivia, "bulk_job.py", id=str(job.id))
    assert causes(at) == [("Cancelled", "1 recording")]
    assert numbers(at) == {"Cancelled": 1}
    assert "retry-cancelled" in keys(at)


def test_a_job_that_is_over_offers_nothing_to_cancel(cast, see):
    job = announced(cast, expected=1)
    arrived(job, status=COMPLETED)
    at = see(cast.olivia, "bulk_job.py", id=str(job.id))
    assert shown(at, "heading")["badges"][0]["label"] == "Completed"
    assert "cancel" not in keys(at)
    assert "cause" not in mounted(at)


def test_files_are_paged_and_narrowed_to_what_failed(cast, see):
    job = announced(cast, expected=30)
    call = arrived(job, "first.wav", status=COMPLETED)
    for number in range(26):
        arrived(job, f"{number:02}.wav", status=COMPLETED)
    refused(job, "notes.txt")
    at = see(cast.mia, "bulk_job.py", id=str(job.id))
    rows = shown(at, "table")["rows"]
    assert (len(rows), rows[0]["id"], rows[0]["href"]) == (25, call, f"/call?id={call}")
    at.button(key="files-after").click().run()
    last = shown(at, "table")["rows"][-1]
    assert (last["cells"][0]["text"], last["cells"][1]["label"], last["href"]) == ("notes.txt", "Not taken", "")
    at.toggle(key="bulk_files-failed").set_value(True).run()
    assert [row["cells"][0]["text"] for row in shown(at, "table")["rows"]] == ["notes.txt"]
    assert at.query_params["failed"] == "1"


def test_a_job_of_which_nothing_came_says_so(cast, see):
    at = see(cast.olivia, "bulk_job.py", id=str(announced(cast).id))
    assert shown(at, "tally")["pace"] == "Waiting for the first file"
    assert "No file has come yet. They appear here as they are uploaded." in [each.value for each in at.caption]
