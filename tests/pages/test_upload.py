"""The upload page: to which campaigns, and what is under way there and elsewhere."""

import pytest

from config import settings
from dashboard.bulk import tallies
from records import db
from records.campaigns import Campaign
from records.roles import Role
from tests.pages.bulk import COMPLETED, NASTY, PENDING, announced, arrived, changed, refused
from tests.pages.conftest import mounted, shown
from tests.records.made import person, stored_campaign


@pytest.fixture(autouse=True)
def _counted_anew(monkeypatch):
    for name in ("BUSY_S", "BUSY_TIMES", "IDLE_S", "IDLE_TIMES"):
        monkeypatch.setattr(tallies, name, 0)


@pytest.mark.parametrize(
    ("name", "slugs"),
    [
        ("mia", ["support"]),
        ("carla", ["sales", "support"]),
        ("sam", ["sales", "support"]),
        ("olivia", ["sales", "support"]),
    ],
)
def test_each_role_may_choose_the_campaigns_that_it_uploads_to(cast, see, name, slugs):
    at = see(getattr(cast, name), "upload.py")
    assert not at.exception
    assert len(at.selectbox[0].options) == len(slugs)
    assert at.selectbox[0].value == (slugs[0] if len(slugs) == 1 else None)
    assert shown(at, "uploader")["campaign"] == (slugs[0] if len(slugs) == 1 else "")


@pytest.mark.parametrize(
    ("name", "asked", "chosen"),
    [
        ("olivia", "sales", "sales"),
        ("mia", "support", "support"),
        ("mia", "sales", "support"),  # her only one, whatever is asked for
        ("olivia", "nonsense", ""),
        ("carla", "' OR 1=1 --", ""),
    ],
)
def test_the_address_chooses_only_what_may_be_chosen(cast, see, name, asked, chosen):
    at = see(getattr(cast, name), "upload.py", campaign=asked)
    assert shown(at, "uploader")["campaign"] == chosen


def test_a_campaign_that_is_chosen_stands_in_the_address(cast, see):
    at = see(cast.olivia, "upload.py")
    at.selectbox[0].set_value("sales").run()
    assert at.query_params["campaign"] == "sales"
    assert shown(at, "uploader") == {"campaign": "sales", "name": "Sales", "hint": shown(at, "uploader")["hint"]}


def test_archived_campaigns_take_no_uploads(cast, see):
    with db.writing() as session:
        session.get_one(Campaign, cast.sales.id).active = False
    assert [len(see(cast.olivia, "upload.py").selectbox[0].options)] == [1]


def test_a_campaigns_name_from_outside_stays_text(cast, see):
    with db.writing() as session:
        stored_campaign(session, NASTY)
    at = see(cast.olivia, "upload.py")
    assert NASTY not in at.selectbox[0].options
    assert any("onerror" in option for option in at.selectbox[0].options)


def test_who_has_no_campaign_reads_what_to_do(cast, see):
    with db.writing() as session:
        idle = person(session, Role.MANAGER)
    at = see(idle, "upload.py")
    assert at.subheader[0].value == "No campaign is yours yet"
    assert mounted(at) == []


def test_the_limit_is_told_before_anything_is_sent(cast, see, monkeypatch):
    monkeypatch.setenv("TOTALVIEW_MAX_UPLOAD_BYTES", "5000000")
    settings.cache_clear()
    assert "At most 5.0 MB each." in shown(see(cast.olivia, "upload.py"), "uploader")["hint"]


@pytest.mark.parametrize("page", ["upload.py", "home.py", "campaign.py"])
def test_what_is_under_way_is_tracked_where_somebody_waits_for_it(cast, see, page):
    job = announced(cast, name=NASTY)
    arrived(job, status=COMPLETED)
    refused(job)
    announced(cast, cast.sales, name="Elsewhere")
    at = see(cast.mia, page, **({"id": "support"} if page == "campaign.py" else {}))
    (row,) = shown(at, "tracker")["rows"]
    assert (row["name"], row["done"], row["failed"]) == (NASTY, "2 of 4", "1 failed")
    assert row["campaign"] == ("" if page == "campaign.py" else "Support")


def test_a_campaigns_page_tracks_its_own_jobs_and_leads_to_uploading(cast, see):
    announced(cast, cast.sales, name="Elsewhere")
    at = see(cast.olivia, "campaign.py", id="support")
    assert "tracker" not in mounted(at)
    assert {"to-upload", "to-calls"} <= {button.key for button in at.button}
    assert "tracker" in mounted(see(cast.olivia, "campaign.py", id="sales"))


def test_the_tracker_shows_the_five_newest_and_nothing_that_is_over(cast, see):
    over, off = announced(cast, expected=1, name="Over"), announced(cast, name="Off")
    arrived(over, status=COMPLETED)
    changed(off, cancelled_at=db.now())
    for number in range(6):
        arrived(announced(cast, name=f"Job {number}"), status=PENDING)
    rows = shown(see(cast.olivia, "home.py"), "tracker")["rows"]
    assert [row["name"] for row in rows] == [f"Job {number}" for number in (5, 4, 3, 2, 1)]


def test_where_nothing_is_under_way_and_for_agents_there_is_no_tracker(cast, see):
    arrived(announced(cast, expected=1), status=COMPLETED, agent_id=cast.ada.id)
    assert "tracker" not in mounted(see(cast.olivia, "home.py"))
    arrived(announced(cast), status=PENDING, agent_id=cast.ada.id)
    assert "tracker" not in mounted(see(cast.adam, "home.py"))
