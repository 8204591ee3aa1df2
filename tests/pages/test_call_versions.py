"""The page of a call with several versions: two of them side by side, and what can be saved of each."""

import pytest

from records import db
from records.calls import Call
from records.campaigns import Campaign
from records.statuses import CallStatus, RunReason, Verdict
from tests.daily import daily
from tests.pages.conftest import mounted, shown
from tests.pages.one_call import NASTY, finished, with_version
from tests.records.finished import TURNS, add_version, greeting, transcript
from tests.records.made import stored_call

OTHERWISE = [("customer", at, text.replace("line", NASTY)) for _, at, text in TURNS]


@pytest.fixture
def twice(cast) -> Call:
    """A call with two versions that differ in everything."""
    call = with_version(cast, score=50.0, flagged=True, flag_reasons=[{"code": "a", "words": NASTY}])
    failed = greeting(verdict=Verdict.FAIL, reason="Nobody said it.", evidence=[])
    with db.writing() as session:
        row = session.get_one(Call, call.id)
        facts = {"score": 90.0, "checks": (failed, greeting(name="Bye")), "content": transcript(*OTHERWISE)}
        add_version(session, row, reason=RunReason.RERUN_TRANSCRIPTION, **facts)
    return call


def compared(at):
    return shown(at, "compare")


def test_two_versions_stand_side_by_side_the_earlier_one_on_the_left(cast, see, twice):
    for version, other in (("2", "1"), ("1", "2")):
        data = compared(see(cast.olivia, "call.py", id=twice.id, version=version, compare=other))
        assert [side["title"] for side in data["sides"]] == ["Version 1", "Version 2"]
        assert [side["words"].split(" · ")[0] for side in data["sides"]] == ["First run", "Rerun transcription"]
        assert data["rows"][:2] == [
            {"name": "Score", "values": ["50", "90"], "differs": True},
            {"name": "Flag", "values": [NASTY, "Not flagged"], "differs": True},
        ]


def test_each_checks_verdict_and_reason_is_compared(cast, see, twice):
    data = compared(see(cast.olivia, "call.py", id=twice.id, compare="1"))
    met, bye = data["checks"]
    assert [side["badge"]["label"] for side in met["sides"]] == ["Pass", "Fail"]
    assert [side["reason"] for side in met["sides"]] == ["It was said.", "Nobody said it."]
    assert (met["differs"], bye["sides"][0], bye["differs"]) == (True, None, True)
    assert data["checks_words"] == "2 checks of 2 came out otherwise."


def test_the_words_are_compared_and_stay_text(cast, see, twice):
    said = compared(see(cast.olivia, "call.py", id=twice.id, compare="1"))["transcript"]
    assert "only in version 1" in said["words"]
    assert any(NASTY.split()[1] in piece["text"] for piece in said["pieces"] if piece["kind"] == "come")
    assert any(piece["text"] == "Agent:" for piece in said["pieces"] if piece["kind"] == "gone")


def test_a_choice_of_what_to_compare_with_stays_in_the_address_and_can_be_taken_back(cast, see, twice):
    at = see(cast.olivia, "call.py", id=twice.id)
    assert "compare" not in mounted(at)
    assert [box.label for box in at.selectbox] == ["Version", "Compare with"]
    at.selectbox[1].set_value(1).run()
    assert (at.query_params["compare"], at.query_params["version"]) == ("1", "2")
    assert "compare" in mounted(at)
    at.selectbox[1].set_value(0).run()
    assert "compare" not in at.query_params
    assert "compare" not in mounted(at)


def test_the_same_version_on_both_sides_is_no_comparison(cast, see, twice):
    at = see(cast.olivia, "call.py", id=twice.id, version="2", compare="1")
    at.selectbox[0].set_value(1).run()
    assert ("compare" in at.query_params, at.query_params["version"]) == (False, "1")


@pytest.mark.parametrize("asked", daily(3, ["2", "99", "x", "9" * 40, "0", "-1", ""]))
def test_nonsense_to_compare_with_is_nothing(cast, see, twice, asked):
    at = see(cast.olivia, "call.py", id=twice.id, version="2", compare=asked)
    assert not at.exception
    assert "compare" not in mounted(at)


# --- what can be saved


def saved(at) -> dict[str, tuple[str, str]]:
    return {link["label"]: (link["href"], link["name"]) for link in shown(at, "downloads")["links"]}


def test_recording_transcript_and_json_of_the_version_on_the_screen_can_be_saved(cast, see, twice):
    with db.writing() as session:
        session.get_one(Call, twice.id).filename = '../a/"b".wav'
    links = saved(see(cast.olivia, "call.py", id=twice.id, version="1"))
    api = f"/api/v1/calls/{twice.id}"
    assert links == {
        "Recording": (f"/recordings/{twice.id}?download=1", ""),
        "Transcript, text": (f"{api}/transcript?format=txt&version=1", "_a_b_ v1.txt"),
        "Transcript, subtitles": (f"{api}/transcript?format=srt&version=1", "_a_b_ v1.srt"),
        "Everything, JSON": (f"{api}?include=transcript&version=1", "_a_b_ v1.json"),
    }


def test_an_agent_may_save_the_own_call(cast, see):
    assert len(saved(see(cast.adam, "call.py", id=finished(cast, agent_id=cast.ada.id).id))) == 4


def test_of_a_call_without_a_result_only_the_recording_can_be_saved(cast, see):
    with db.writing() as session:
        call = stored_call(session, cast.support, status=CallStatus.FAILED)
    assert list(saved(see(cast.olivia, "call.py", id=call.id))) == ["Recording"]


def test_a_redacted_recording_cannot_be_saved(cast, see):
    call = finished(cast, redacted=True)
    with db.writing() as session:
        session.get_one(Campaign, cast.support.id).redact = True
    assert "Recording" not in saved(see(cast.olivia, "call.py", id=call.id))
