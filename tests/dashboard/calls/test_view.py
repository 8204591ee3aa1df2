"""What a heading says at once."""

import pytest

from dashboard.calls import view
from records.call_record import Result
from records.results import Version
from records.transcripts import Said


@pytest.mark.parametrize(("elsewhere", "titles"), [(False, ["Flagged for review"]), (True, [])])
def test_why_a_call_is_flagged_is_in_the_heading_unless_it_stands_elsewhere(elsewhere, titles):
    version = Version(
        call_id="x", number=1, run_id=1, transcript_id=1, flagged=True, flag_reasons=[{"code": "a", "words": "Low."}]
    )
    result = Result(version, (), Said(1, 1, {}, {}, redacted=False))
    assert [note["title"] for note in view._about(result, flag_elsewhere=elsewhere)] == titles
