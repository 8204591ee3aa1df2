"""Names from each recording system, swept with its preset: what they tell stands in the calls."""

import pytest

from pipeline.sftp.facts.presets import PRESETS
from records import campaigns, db
from records.access import COMMAND_LINE
from tests.pipeline.arriving import wav
from tests.pipeline.sftp.test_names_presets import NAMES
from tests.pipeline.sftp.yard import Yard


@pytest.mark.parametrize(
    "preset", ["five9", *(pytest.param(each, marks=pytest.mark.long) for each in PRESETS if each != "five9")]
)
def test_what_a_name_tells_stands_in_its_call(yard: Yard, preset: str):
    campaign = yard.campaign("Sales", preset=preset)
    with db.writing() as session:
        campaigns.edit(session, COMMAND_LINE, campaign.slug, campaigns.changes(time_zone="America/New_York"))
    names = NAMES[preset]
    for number, name in enumerate(names):
        yard.server.put(f"sales/{name}", wav(number, seconds=1))
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    yard.all_well()
    assert yard.verdicts() == {"completed": len(names)}
    for name, expected in names.items():
        call = yard.call(f"sales/{name}")
        told = (call.agent_given, call.called_at, call.external_id, call.details)
        if expected is None:
            assert told == ("", None, None, {}), name
        else:
            assert told == (expected.agent, expected.called_at, expected.external_id, expected.details), name
