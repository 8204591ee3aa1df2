"""What a person's review adds to the API's answers."""

from records import db, review_acts
from records.calls import Call
from records.identity import Identity
from records.roles import Role
from tests.pipeline.reviewed import FAIL, PASS, again, close, judged

OLIVIA = Identity(None, Role.OWNER, "olivia@example.org")


def of(client, call: Call, query: str = "") -> dict:
    return client.get(f"/api/v1/calls/{call.id}{query}").json()


def test_a_closed_review_gives_the_reviewed_score_and_what_was_found_of_each_check(caller_client, campaign):
    call = judged(campaign, PASS, FAIL, FAIL)
    before = of(caller_client, call)
    assert (before["reviewed_score"], before["checks"][1]["reviewed"]) == (None, None)
    close(OLIVIA, call, PASS, PASS, FAIL, why="Said at the end.")
    body = of(caller_client, call)
    assert (body["score"], body["reviewed_score"]) == (16.7, 50.0)
    check = body["checks"][1]
    assert (check["verdict"], check["reviewed"].pop("at")[:2]) == ("fail", "20")
    assert check["reviewed"] == {"verdict": "pass", "comment": "Said at the end.", "by": "olivia@example.org"}
    assert caller_client.get("/api/v1/calls").json()["items"][0]["reviewed_score"] == 50.0


def test_a_review_that_was_opened_again_gives_neither(caller_client, campaign):
    call = judged(campaign, FAIL)
    close(OLIVIA, call, PASS)
    with db.writing() as session:
        review_acts.reopen(session, OLIVIA, call.id)
    body = of(caller_client, call)
    assert (body["reviewed_score"], body["checks"][0]["reviewed"]) == (None, None)


def test_each_version_has_its_own_reviewed_score(caller_client, campaign):
    call = judged(campaign, FAIL)
    close(OLIVIA, call, PASS)
    again(call, FAIL)
    old, new = (of(caller_client, call, f"?version={number}") for number in (1, 2))
    assert (old["reviewed_score"], new["reviewed_score"]) == (100.0, None)
    assert (old["checks"][0]["reviewed"]["verdict"], new["checks"][0]["reviewed"]) == ("pass", None)
    assert caller_client.get("/api/v1/calls").json()["items"][0]["reviewed_score"] is None


def test_a_review_brings_a_call_to_those_who_keep_up_by_what_changed(caller_client, campaign):
    call = judged(campaign, FAIL)
    moment = of(caller_client, call)["updated_at"]
    close(OLIVIA, call, PASS)
    assert of(caller_client, call)["updated_at"] > moment
