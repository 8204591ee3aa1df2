"""What a heading says at once."""

import pytest

from dashboard.calls import view
from records.call_record import Result
from records.results import StoredTranscript, Version


@pytest.mark.parametrize(("elsewhere", "titles"), [(False, ["Flagged for review"]), (True, [])])
def test_why_a_call_is_flagged_is_in_the_heading_unless_it_stands_elsewhere(elsewhere, titles):
    version = Version(
        call_id="x", number=1, run_id=1, transcript_id=1, flagged=True, flag_reasons=[{"code": "a", "words": "Low."}]
    )
    result = Result(version, (), StoredTranscript(call_id="x", run_number=1, content={}, figures={}))
    assert [note["title"] for note in view._about(result, flag_elsewhere=elsewhere)] == titles
