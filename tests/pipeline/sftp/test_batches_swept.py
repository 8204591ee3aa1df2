"""Batches on a real server: CSV first, recordings first, CSV never, recordings missing, and what comes late."""

from datetime import timedelta

import pytest

from pipeline.sftp import attaching
from tests.pipeline.sftp.yard import Yard


def csv(*names: str, agent: str = "") -> bytes:
    return "\n".join(["filename;agent", *(f"{name};{agent}" for name in names)]).encode()


def ended(yard: Yard) -> list[str]:
    return [status for status, _words in yard.batches()]


@pytest.mark.parametrize("rule", ["required", "optional"])
def test_a_csv_that_comes_first_waits_for_its_recordings(yard: Yard, rule: str):
    yard.campaign("Sales", csv=rule)
    yard.server.put("sales/day.csv", csv("one.wav", "two.wav", agent="Ada"))
    yard.recordings("sales/one.wav")
    yard.sweep(2)
    assert yard.batches() == [("waiting_for_files", "1 recording that the CSV names is not there yet.")]
    yard.recordings("sales/two.wav", seed=2)
    yard.sweep(2)
    assert yard.batches() == [("completed", "Every file was processed.")]
    assert [yard.call(f"sales/{name}.wav").agent_given for name in ("one", "two")] == ["Ada", "Ada"]
    yard.all_well()


def test_a_required_csv_that_never_comes_leaves_the_recordings_out_until_it_does(yard: Yard):
    yard.campaign("Sales", csv="required")
    yard.recordings("sales/one.wav", "sales/two.wav")
    yard.sweep(2)
    assert ended(yard) == ["waiting_for_csv"]
    yard.window_over()
    yard.sweep()
    assert yard.verdicts() == {"skipped: no_csv": 2}
    assert yard.batches() == [("incomplete", "2 left out, since no CSV names them.")]
    yard.server.put("sales/day.csv", csv("one.wav", "two.wav", agent="Ada"))
    yard.sweep(2)
    assert yard.verdicts() == {"completed": 3}
    assert ended(yard) == ["completed", "completed"]
    assert yard.call("sales/one.wav").agent_given == "Ada"
    yard.all_well()


def test_recordings_that_no_row_of_a_required_csv_names_are_left_out(yard: Yard):
    yard.campaign("Sales", csv="required")
    yard.recordings("sales/one.wav", "sales/unnamed.wav")
    yard.server.put("sales/day.csv", csv("one.wav", "missing.wav"))
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    assert yard.files() == {
        "sales/one.wav": "completed",
        "sales/unnamed.wav": "skipped: no_row",
        "sales/day.csv": "completed",
    }
    words = "1 left out, since no CSV names them; 1 named by a CSV and never found."
    assert yard.batches() == [("incomplete", words)]
    yard.all_well()


def test_where_a_csv_is_optional_the_window_ends_without_it(yard: Yard):
    yard.campaign("Sales", csv="optional")
    yard.recordings("sales/one.wav")
    yard.server.put("sales/day.csv", csv("missing.wav"))
    yard.sweep(2)
    assert ended(yard) == ["waiting_for_files"]
    yard.window_over()
    yard.sweep()
    assert yard.files() == {"sales/one.wav": "completed", "sales/day.csv": "completed"}
    assert yard.batches() == [("incomplete", "1 named by a CSV and never found.")]


def test_a_recording_that_comes_late_gets_what_its_csv_said_and_a_batch_linked_to_the_old(yard: Yard):
    yard.campaign("Sales")
    yard.server.put("sales/day.csv", csv("one.wav", "late.wav", agent="Ada"))
    yard.recordings("sales/one.wav")
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    yard.recordings("sales/late.wav", seed=2)
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    assert yard.call("sales/late.wav").agent_given == "Ada"
    assert yard.links() == [None, 1]
    assert ended(yard) == ["incomplete", "completed"]
    yard.all_well()


def test_a_csv_that_comes_late_updates_the_calls_that_were_imported(yard: Yard):
    yard.campaign("Sales", create_agents=True)
    yard.recordings("sales/one.wav", "sales/two.wav")
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    assert yard.call("sales/one.wav").agent_id is None
    yard.server.put(
        "sales/day.csv",
        b"File,Agent,Call Date,Global Interaction ID,Service\none.wav,Ada,2025-11-04 10:31:08,x-7,gold\n",
    )
    yard.sweep(2)
    call = yard.call("sales/one.wav")
    assert (call.agent_given, call.external_id, call.details) == ("Ada", "x-7", {"Service": "gold"})
    assert call.agent_id is not None
    assert str(call.called_at) == "2025-11-04 10:31:08+00:00"
    assert yard.timeline(call.id)[-1] == (
        "Line 2 of a CSV that came later: the call's date, its external id, its metadata, the agent, Ada."
    )
    assert ended(yard) == ["completed", "completed"]
    assert yard.call("sales/two.wav").agent_given == ""
    yard.all_well()


def test_a_row_that_may_mean_several_files_says_so_unless_it_names_the_folder(yard: Yard):
    yard.campaign("Sales")
    yard.recordings("sales/a/one.wav", "sales/b/one.wav")
    yard.server.put("sales/day.csv", csv("one.wav", "b/one.wav", agent="Ada"))
    yard.sweep(2)
    assert [row.words for row in yard.rows()] == ["2 files are called that. Name the folder too.", ""]
    assert yard.rows()[1].file_id == yard.file("sales/b/one.wav").id


def test_a_row_does_not_wait_for_its_recording_for_ever(yard: Yard, monkeypatch: pytest.MonkeyPatch):
    yard.campaign("Sales")
    yard.server.put("sales/day.csv", csv("one.wav", agent="Ada"))
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    monkeypatch.setattr(attaching, "WAITS", timedelta(0))
    yard.recordings("sales/one.wav")
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    assert yard.call("sales/one.wav").agent_given == ""


def test_lines_that_cannot_be_used_are_kept_with_their_numbers(yard: Yard):
    yard.campaign("Sales")
    yard.recordings("sales/one.wav")
    yard.server.put("sales/day.csv", b"file,agent\none.wav,Ada\n,Bob\n")
    yard.sweep(2)
    assert [(row.line, row.name, bool(row.words)) for row in yard.rows()] == [(2, "one.wav", False), (3, "", True)]
    assert yard.batches() == [("incomplete", "1 line of a CSV could not be used.")]


def test_a_csv_that_cannot_be_read_fails_in_words_and_is_read_again_when_it_is_mended(yard: Yard):
    yard.campaign("Sales", csv="required")
    yard.recordings("sales/one.wav")
    yard.server.put("sales/day.csv", b"\x00\x01\x02", modified=1_760_000_000)
    yard.sweep(2)
    assert yard.files()["sales/day.csv"] == "failed: bad_csv"
    yard.window_over()
    yard.sweep()
    assert ended(yard) == ["failed"]
    yard.server.put("sales/day.csv", csv("one.wav"))
    yard.sweep(2)
    assert yard.verdicts() == {"completed": 2}
    yard.all_well()


def test_a_csv_that_grows_after_it_was_read_is_read_again(yard: Yard):
    yard.campaign("Sales")
    yard.server.put("sales/day.csv", csv("one.wav"), modified=1_760_000_000)
    yard.recordings("sales/one.wav")
    yard.sweep(2)
    yard.server.put("sales/day.csv", csv("one.wav", "two.wav", agent="Ada"))
    yard.recordings("sales/two.wav", seed=2)
    yard.sweep(2)
    assert yard.verdicts() == {"completed": 3}
    assert yard.call("sales/two.wav").agent_given == "Ada"
    yard.all_well()


def test_a_csv_that_grows_all_day_keeps_each_line_once_and_writes_it_into_its_call_once(yard: Yard):
    yard.campaign("Sales")
    names = ["one.wav", "two.wav", "three.wav"]
    yard.recordings(*(f"sales/{name}" for name in names))
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    for number in (1, 2, 3):
        told = "file,call id\n" + "".join(f"{name},id of {name}\n" for name in [*names[:number], "never.wav"])
        yard.server.put("sales/day.csv", told.encode(), modified=1_760_000_000 + number)
        yard.sweep(2)
    assert [row.name for row in yard.rows()] == [*names, "never.wav"]
    assert len({row.sheet_id for row in yard.rows()}) == 1
    assert {name: len(yard.timeline(yard.call(f"sales/{name}").id)) for name in names} == dict.fromkeys(names, 2)
    yard.server.put("sales/day.csv", b"file,call id\none.wav,another\n")
    yard.sweep(2)
    assert [row.name for row in yard.rows()] == ["one.wav"]
    ids = [yard.call(f"sales/{name}").external_id for name in names]
    assert ids == ["another", "id of two.wav", "id of three.wav"]
