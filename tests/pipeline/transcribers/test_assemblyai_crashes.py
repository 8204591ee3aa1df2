"""AssemblyAI and processes that die: the same job is found again, and nothing is paid twice without being counted."""

import pytest

from pipeline.outcome import Fault, ProviderError, Wait
from pipeline.transcribers.assemblyai import client as assemblyai_client
from pipeline.transcribers.assemblyai import transcriber as assemblyai
from pipeline.transcribers.assemblyai.client import Client
from pipeline.transcribers.assemblyai.job import now_s
from tests.pipeline.transcribers.assembled import account, desk_at
from tests.simulators.server import Trouble

AGAIN = "AssemblyAI was asked again once, because an answer was lost or wrong; that may have been paid for too."


@pytest.fixture(scope="module")
def served():
    with account() as simulator:
        yield simulator


@pytest.fixture
def desk(served, tmp_path):
    return desk_at(served, tmp_path)


def test_an_upload_whose_address_was_not_stored_is_repeated_and_costs_nothing(desk):
    desk.memory.dies_before = "audio_url"
    desk.dies()
    made = desk.finish()
    assert (len(desk.simulator.uploads), desk.submissions(), len(desk.simulator.paid)) == (2, 1, 1)
    assert made.asked_again == 0


def test_after_a_crash_between_upload_and_submission_the_upload_is_used(desk):
    desk.memory.dies_after = "audio_url"
    desk.dies()
    made = desk.finish()
    assert (len(desk.simulator.uploads), desk.submissions(), len(desk.simulator.paid)) == (1, 1, 1)
    assert made.asked_again == 0


def test_a_job_that_was_submitted_and_not_remembered_is_found_again(desk):
    desk.memory.dies_before = "transcript_id"
    desk.dies()
    assert desk.submissions() == 1
    made = desk.finish()
    assert (len(desk.simulator.uploads), desk.submissions(), len(desk.simulator.paid)) == (1, 1, 1)
    assert (made.asked_again, made.notes) == (0, ())


def test_after_a_crash_while_it_was_waited_for_the_job_is_only_looked_at(desk):
    desk.memory.dies_after = "transcript_id"
    desk.dies()
    desk.finish()
    assert len(desk.simulator.paid) == 1
    assert not [seen for seen in desk.simulator.requests("/v2/transcript") if dict(seen.query).get("limit")]


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(status=500, after=True, path="/v2/transcript"),
        Trouble(status=200, body=b'{"id": "t1", "sta', half=True, after=True, path="/v2/transcript"),
        Trouble(status=200, body=b"<html>", after=True, path="/v2/transcript"),
    ],
)
def test_a_submission_whose_answer_was_lost_is_found_again(desk, trouble):
    desk.simulator.troubles = [trouble]
    assert desk.refusal(desk.look).fault is Fault.PASSING
    desk.finish()
    assert (desk.submissions(), len(desk.simulator.paid)) == (1, 1)


def test_a_lost_job_is_looked_for_on_older_pages_too(desk, monkeypatch):
    monkeypatch.setattr(assemblyai_client, "PAGE", 2)
    desk.memory.dies_before = "transcript_id"
    desk.dies()
    others(desk, 7)
    desk.finish()
    assert desk.submissions() == 8
    assert desk.memory.facts["transcript_id"] == "t1"


def test_jobs_from_before_the_upload_are_not_looked_through(desk, monkeypatch):
    monkeypatch.setattr(assemblyai_client, "PAGE", 2)
    others(desk, 9)
    for job in desk.simulator.jobs:
        job.created -= 2 * assemblyai_client.CLOCKS_DIFFER_S
    desk.memory.dies_after = "audio_url"
    desk.dies()
    assert desk.finish().asked_again == 0
    assert len([seen for seen in desk.simulator.requests("/v2/transcript") if seen.query]) == 1


def test_a_search_that_did_not_come_to_an_end_is_counted(desk, monkeypatch):
    monkeypatch.setattr(assemblyai_client, "PAGE", 2)
    monkeypatch.setattr(assemblyai_client, "MOST_PAGES", 2)
    desk.memory.dies_after = "audio_url"
    desk.dies()
    others(desk, 9)
    made = desk.finish()
    assert (made.asked_again, made.notes) == (1, (AGAIN,))


def others(desk, how_many):
    """Jobs of other calls on the same account."""
    client = Client(desk.key, desk.simulator.url, 20)
    sdk_config = assemblyai.config(desk.order())
    for number in range(how_many):
        client.submit(f"https://elsewhere.example/{number}.wav", sdk_config)
    client._http.close()


@pytest.mark.parametrize("gone", ["unknown", "deleted"])
def test_a_job_that_was_deleted_there_is_begun_anew_and_counted(desk, gone):
    desk.look()
    desk.simulator.jobs[0].gone = gone
    assert desk.refusal(desk.look).fault is Fault.PASSING
    made = desk.finish()
    assert (desk.submissions(), made.asked_again, made.notes) == (2, 1, (AGAIN,))


def test_a_404_that_everything_answers_is_a_wrong_address_and_no_job_is_given_up(desk):
    desk.look()
    desk.simulator.troubles = [Trouble(status=404, path="/v2"), Trouble(status=404, path="/v2")]
    error = desk.refusal(desk.look)
    assert error.fault is Fault.ACCOUNT
    assert "Check ASSEMBLYAI_BASE_URL" in str(error)
    assert desk.finish().asked_again == 0
    assert desk.submissions() == 1


def test_an_answer_about_nothing_is_not_trusted_and_the_recording_is_sent_again(desk):
    desk.simulator.changes = {"audio_duration": 0}
    error = desk.refusal()
    assert (error.fault, "heard 0 s of this recording, which lasts 19 s" in str(error)) == (Fault.PASSING, True)
    desk.simulator.changes = {}
    made = desk.finish()
    assert (len(desk.simulator.uploads), desk.submissions(), made.asked_again) == (2, 2, 1)


def test_when_it_hears_nothing_twice_it_is_the_recording(desk):
    desk.simulator.changes = {"audio_duration": 1}
    desk.refusal()
    error = desk.refusal()
    assert (error.fault, "and did so twice" in str(error), desk.submissions()) == (Fault.RECORDING, True, 2)
    desk.refusal(desk.look)
    assert desk.submissions() == 2


@pytest.mark.parametrize(("ours", "theirs"), [(19.4, 21), (3, 5), (600, 650)])
def test_lengths_that_differ_by_rounding_are_one(desk, ours, theirs):
    desk.seconds, desk.simulator.changes = ours, {"audio_duration": theirs}
    made = desk.finish()
    assert (made.audio_seconds, made.notes) == (theirs, ())


def test_another_length_is_taken_and_said(desk):
    desk.simulator.changes = {"audio_duration": 12}
    made = desk.finish()
    assert made.notes == (
        "AssemblyAI heard 12 s of this recording, which lasts 19 s. Listen whether something is missing.",
    )
    assert desk.submissions() == 1


def test_a_job_that_is_not_done_after_a_day_is_begun_anew(desk):
    desk.simulator.statuses = ("stuck",) * 5
    desk.look()
    desk.memory.facts["submitted_at"] = str(now_s() - assemblyai.LONGEST_JOB_S - 1)
    assert "within a day" in str(desk.refusal(desk.look))
    assert isinstance(desk.look(), Wait)
    assert (desk.submissions(), desk.memory.facts["asked_again"]) == (2, "1")


def test_two_looks_at_once_need_no_more_than_one_client(desk):
    with pytest.raises(ProviderError):
        assemblyai_client.client("", "", 1)
    one = assemblyai_client.client(desk.key, desk.simulator.url, 1)
    assert assemblyai_client.client(f" {desk.key}\n", desk.simulator.url, 1) is one
