"""Every page in each of the five roles and as a stranger: the table of who may open what, as data."""

import pytest

from dashboard.navigation import MENU, PAGES
from records import db
from tests.pages.bulk import announced
from tests.pages.conftest import Cast, Open
from tests.records.finished import finished_call

SIGNED_OUT, ABSENT = "You are signed out", "There is no such page"
EVERYBODY = {"adam", "mia", "carla", "sam", "olivia"}
MANAGERS = EVERYBODY - {"adam"}
SENIOR = {"sam", "olivia"}
OPEN_TO = {
    "home.py": EVERYBODY,
    "upload.py": MANAGERS,
    "calls.py": EVERYBODY,
    "call.py": EVERYBODY,
    "review.py": MANAGERS,
    "bulk_jobs.py": MANAGERS,
    "bulk_job.py": MANAGERS,
    "sftp_batches.py": MANAGERS,
    "campaigns.py": MANAGERS,
    "campaign.py": MANAGERS,
    "agents.py": {"mia", *SENIOR},
    "agent.py": {"mia", *SENIOR},
    "people.py": SENIOR,
    "audit_log.py": {"carla", *SENIOR},
    "system.py": SENIOR,
    "account.py": EVERYBODY,
}
CELLS = [
    pytest.param(page, name, id=f"{page.removesuffix('.py')}-{name}") for page in OPEN_TO for name in sorted(EVERYBODY)
]


def address(cast: Cast, page: str) -> dict[str, str]:
    """What a page of one thing needs: a call of Support in which Ada speaks, Ada, a bulk job of Support, Support."""
    if page == "call.py":
        with db.writing() as session:
            return {"id": finished_call(session, cast.support, agent_id=cast.ada.id).id}
    if page == "agent.py":
        with db.writing() as session:
            finished_call(session, cast.support, agent_id=cast.ada.id)
        return {"id": str(cast.ada.id)}
    if page == "bulk_job.py":
        return {"id": str(announced(cast).id)}
    return {"id": "support"} if page == "campaign.py" else {}


def test_the_table_has_a_row_for_every_page():
    assert set(OPEN_TO) == {entry.file for entry in MENU} == {path.name for path in PAGES.glob("*.py")}


@pytest.mark.parametrize(("page", "name"), CELLS)
def test_each_cell_of_the_table_holds(cast: Cast, see: Open, page: str, name: str):
    if name in OPEN_TO[page]:
        at = see(getattr(cast, name), page, **address(cast, page))
        assert not at.exception
        assert at.error == []
        assert not [each.value for each in at.title if each.value in {SIGNED_OUT, ABSENT}]
    else:  # it is not in this person's menu, so that the address leads nowhere
        with pytest.raises(ValueError, match="page"):
            see(getattr(cast, name), page, **address(cast, page))


@pytest.mark.parametrize("page", sorted(OPEN_TO))
def test_a_stranger_gets_no_page_at_all(cast: Cast, see: Open, page: str):
    at = see(None)
    with pytest.raises(ValueError, match="page"):
        at.switch_page(str(PAGES / page))
    assert [each.value for each in at.title] == [SIGNED_OUT]
