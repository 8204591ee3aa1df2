"""What of SFTP needs somebody, on Home: for whom, how many, and the address that shows them."""

from datetime import timedelta

import pytest

from records import db
from records.statuses import SftpBatchStatus
from tests.pages.conftest import Cast, Open
from tests.pages.sftp import cells, set_up, swept
from tests.records.finished import finished_call
from tests.records.sftp_made import stored_batch, stored_folder

B = SftpBatchStatus


@pytest.fixture(autouse=True)
def _a_call(cast: Cast) -> None:
    """Home begins with the first call."""
    with db.writing() as session:
        finished_call(session, cast.support, agent_id=cast.ada.id)


def needs(at) -> dict[str, str]:
    """Each need by its words, without icon."""
    return {
        metric.label.split("] ")[-1]: metric.value
        for metric in at.metric
        if "SFTP" in metric.label or "Odd" in metric.label
    }


def test_batches_and_names_are_counted_as_far_as_one_sees_them(cast, see: Open):
    with db.writing() as session:
        stored_folder(session, cast.sales, alarm="Odd.")
        for campaign in (cast.support, cast.sales):
            stored_batch(session, campaign, B.WAITING_FOR_CSV)
            stored_batch(session, campaign, B.INCOMPLETE)
    assert needs(see(cast.mia)) == {"SFTP waits for files": "1", "SFTP incomplete": "1"}
    assert needs(see(cast.carla)) == {"SFTP waits for files": "2", "SFTP incomplete": "2", "Odd file names": "1"}
    assert needs(see(cast.adam)) == {}


def test_a_number_leads_to_as_many_batches(cast, see):
    with db.writing() as session:
        stored_batch(session, cast.support, B.WAITING_FOR_CSV)
        stored_batch(session, cast.sales, B.WAITING_FOR_FILES)
        stored_batch(session, cast.sales, B.COMPLETED)
    link = next(
        each for each in see(cast.carla).get("page_link") if "status=waiting_for_csv" in each.proto.query_string
    )
    assert link.proto.query_string == "status=waiting_for_csv&status=waiting_for_files"
    at = see(cast.carla, "sftp_batches.py", status=["waiting_for_csv", "waiting_for_files"])
    assert len(cells(at, "SFTP batches")) == 2


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"refused": True, "words": "Another key."}, True),
        ({"words": "Nobody answers.", "ended": timedelta(hours=2)}, True),
        ({"words": "Nobody answers.", "ended": timedelta(0)}, False),
        ({"ended": timedelta(0)}, False),
    ],
)
def test_a_server_in_trouble_is_told_to_those_who_can_set_it_right(cast, see, monkeypatch, state, told):
    facts = dict(state)
    if (ago := facts.pop("ended", None)) is not None:
        facts |= {"ended_at": db.now() - ago, "began_at": db.now()}
    swept(**facts)
    assert "SFTP server" not in needs(see(cast.sam))  # none is set up
    set_up(monkeypatch)
    assert ("SFTP server" in needs(see(cast.sam))) is told
    assert "SFTP server" not in needs(see(cast.mia))
