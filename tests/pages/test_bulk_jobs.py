"""The list of bulk jobs: whose each is, where it stands, and what to do where there is none."""

from datetime import timedelta

import pytest

from dashboard.bulk import tallies
from records import db
from tests.pages.bulk import COMPLETED, NASTY, NO_SPEECH, PENDING, announced, arrived, changed, refused
from tests.pages.conftest import mounted, shown


@pytest.fixture(autouse=True)
def _counted_anew(monkeypatch):
    monkeypatch.setattr(tallies, "BUSY_S", 0)
    monkeypatch.setattr(tallies, "BUSY_TIMES", 0)


def cells(at) -> list[list[str]]:
    """What each row says."""
    rows = shown(at, "table")["rows"]
    return [[(cell or {}).get("text") or (cell or {}).get("label", "") for cell in row["cells"]] for row in rows]


def test_each_row_says_how_far_a_job_is_and_how_many_failed(cast, see):
    first, second = announced(cast), announced(cast, name="")
    arrived(first, status=COMPLETED)
    arrived(first, **NO_SPEECH)
    refused(first)
    changed(second, cancelled_at=db.now())
    at = see(cast.olivia, "bulk_jobs.py")
    assert not at.exception
    assert [row[:5] for row in cells(at)] == [
        [f"Bulk job {second.id}", "Cancelled", "0 of 0", "", "Support"],
        ["March", "Processing", "3 of 4", "2", "Support"],
    ]
    assert shown(at, "table")["rows"][1]["href"] == f"/bulk_job?id={first.id}"


def test_a_name_from_outside_stays_text(cast, see):
    announced(cast, name=NASTY)
    assert cells(see(cast.olivia, "bulk_jobs.py"))[0][0] == NASTY


def test_a_manager_sees_the_jobs_of_the_own_campaigns_alone(cast, see):
    announced(cast, cast.sales, name="Theirs")
    announced(cast, name="Ours")
    at = see(cast.mia, "bulk_jobs.py")
    assert [row[0] for row in cells(at)] == ["Ours"]
    assert at.multiselect == []  # from one campaign nobody chooses
    asked = see(cast.mia, "bulk_jobs.py", campaign="sales")
    assert [row[0] for row in cells(asked)] == ["Ours"]


def test_the_list_is_narrowed_to_a_campaign_by_its_address_too(cast, see):
    announced(cast, cast.sales, name="Theirs")
    announced(cast, name="Ours")
    at = see(cast.olivia, "bulk_jobs.py", campaign="sales")
    assert [row[0] for row in cells(at)] == ["Theirs"]
    at.multiselect[0].set_value(["support"]).run()
    assert [row[0] for row in cells(at)] == ["Ours"]
    assert at.query_params["campaign"] == "support"


def test_pages_of_the_list_are_turned(cast, see):
    jobs = [announced(cast, name=f"Job {number}") for number in range(26)]
    at = see(cast.olivia, "bulk_jobs.py")
    assert [at.button(key=f"bulk-{name}").disabled for name in ("newer", "older")] == [True, False]
    at.button(key="bulk-older").click().run()
    assert [row[0] for row in cells(at)] == [jobs[0].name]
    at.button(key="bulk-newer").click().run()
    assert cells(at)[0][0] == jobs[-1].name


def test_where_there_is_none_it_says_how_one_is_made(cast, see):
    at = see(cast.mia, "bulk_jobs.py")
    assert mounted(at) == []
    assert at.subheader[0].value == "No bulk jobs yet"
    assert "two or more files" in at.markdown[0].value
    assert [button.label for button in at.button] == ["Upload"]


def test_no_job_of_a_campaign_offers_to_clear_the_filter(cast, see):
    announced(cast, name="Ours")
    at = see(cast.olivia, "bulk_jobs.py", campaign="sales")
    assert mounted(at) == []
    next(button for button in at.button if button.label == "Clear the filter").click().run()
    assert [row[0] for row in cells(at)] == ["Ours"]


def test_ten_jobs_are_counted_by_one_query_and_kept_for_a_while(cast, see, monkeypatch):
    monkeypatch.undo()
    asked = []
    tallies.forget()
    count = tallies.bulk_counts.tallies
    monkeypatch.setattr(
        tallies.bulk_counts, "tallies", lambda session, jobs: asked.append(len(jobs)) or count(session, jobs)
    )
    for _ in range(10):
        arrived(announced(cast), status=PENDING)
    see(cast.olivia, "bulk_jobs.py")
    see(cast.sam, "bulk_jobs.py")
    assert sum(asked) <= 20
    assert 10 in asked


def test_what_did_not_come_within_a_day_has_failed(cast, see):
    job = announced(cast)
    arrived(job, status=COMPLETED)
    changed(job, created_at=db.now() - timedelta(hours=25))
    assert cells(see(cast.olivia, "bulk_jobs.py"))[0][1:4] == ["Failed", "1 of 4", "3"]
