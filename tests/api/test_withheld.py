"""What a program is told of a call that was transcribed before its campaign redacted."""

import pytest
from sqlmodel import select

from records import campaigns, db
from records.access import COMMAND_LINE
from records.calls import Call
from records.campaigns import Campaign
from records.runs import Run
from tests.records.finished import finished_call
from tests.records.made import stored_call


@pytest.fixture
def call(database, campaign: Campaign) -> Call:
    with db.writing() as session:
        made = finished_call(session, campaign)
        session.exec(select(Run)).one().ended_at = db.now()
        campaigns.edit(session, COMMAND_LINE, campaign.slug, campaigns.changes(redact=True))
    return made


def test_it_has_neither_words_nor_quotes_and_says_so(caller_client, call):
    found = caller_client.get(f"/api/v1/calls/{call.id}?include=transcript").json()
    assert (found["withheld"], found["transcript"], found["score"]) == (True, [], 80.0)
    assert [(check["evidence"], check["reason"], check["verdict"]) for check in found["checks"]] == [([], "", "pass")]
    assert found["figures"]["longest_silence_s"] == 2.5


@pytest.mark.parametrize("as_format", ["json", "txt", "srt"])
def test_its_transcript_is_refused_in_words(caller_client, call, as_format):
    refused = caller_client.get(f"/api/v1/calls/{call.id}/transcript?format={as_format}")
    assert refused.status_code == 404
    assert "before redaction was turned on" in refused.json()["detail"]
    assert "Ada" not in refused.text


def test_an_analysis_of_it_is_refused_and_a_transcription_accepted(caller_client, call, asked):
    refused = caller_client.post(f"/api/v1/calls/{call.id}/rerun", json={"from": "analysis"})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:totalview:problem:withheld")
    assert "Rerun Transcription" in refused.json()["detail"]
    assert asked == []
    accepted = caller_client.post(f"/api/v1/calls/{call.id}/rerun", json={"from": "transcription"})
    assert (accepted.status_code, len(asked)) == (202, 1)


def test_a_call_without_a_version_withholds_nothing(caller_client, campaign):
    with db.writing() as session:
        call = stored_call(session, campaign)
    assert caller_client.get(f"/api/v1/calls/{call.id}").json()["withheld"] is False
