"""Sweeps of a real server: what lies there becomes calls, and every file has a verdict."""

from records.statuses import CallStatus, Source
from tests.pipeline.sftp.yard import Yard


def test_recordings_become_calls_once_they_held_still_and_their_window_is_over(yard: Yard):
    yard.campaign("Sales")
    yard.recordings("sales/one.wav", "sales/deep/two.wav")
    first = yard.sweep()
    assert (first.files, first.unsettled, yard.calls()) == (2, True, [])
    assert yard.verdicts() == {"detected: settling": 2}
    yard.sweep()
    assert yard.verdicts() == {"matched": 2}
    assert yard.batches() == [("detecting", "More files may come before the end of its window.")]
    yard.window_over()
    yard.sweep()
    assert yard.files() == {"sales/one.wav": "completed", "sales/deep/two.wav": "completed"}
    assert yard.batches() == [("completed", "Every file was processed.")]
    call = yard.call("sales/one.wav")
    assert (call.filename, call.source, call.status) == ("one.wav", Source.SFTP, CallStatus.PENDING)
    yard.sweep(2)
    assert yard.calls() == ["one.wav", "two.wav"]


def test_a_csv_closes_its_batch_early_and_tells_of_its_calls(yard: Yard):
    yard.campaign("Sales", csv="required")
    yard.recordings("sales/one.wav", "sales/two.wav", "sales/other.wav")
    yard.sweep(2)
    assert yard.batches() == [("waiting_for_csv", "3 recordings are there, and no CSV yet.")]
    yard.server.put("sales/day.csv", b"file,agent,call_date\none.wav,Ada Moss,2025-11-04T10:31:08Z\nTWO,Bob,\n")
    yard.sweep(2)
    assert yard.files() == {
        "sales/one.wav": "completed",
        "sales/two.wav": "completed",
        "sales/other.wav": "matched",
        "sales/day.csv": "completed",
    }
    assert [status for status, _words in yard.batches()] == ["completed", "waiting_for_csv"]
    call = yard.call("sales/one.wav")
    assert (call.agent_given, str(call.called_at)) == ("Ada Moss", "2025-11-04 10:31:08+00:00")
