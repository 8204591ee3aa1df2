"""The list of bulk jobs and the files of one, a page at a time."""

from datetime import timedelta

import pytest

from records import access, bulk, bulk_counts, bulk_files, bulk_list, db
from records.bulk import BulkJob
from records.campaigns import Campaign
from records.identity import COMMAND_LINE, Identity, NotFound
from records.roles import Role
from records.statuses import CallStatus
from tests.records.made import person, stored_call, stored_campaign


@pytest.fixture
def support(database) -> Campaign:
    with db.writing() as session:
        return stored_campaign(session, "Support")


def announced(campaign: Campaign, number: int = 1, **facts) -> list[int]:
    """The ids of so many new jobs."""
    made = []
    with db.writing() as session:
        for _ in range(number):
            job = bulk.create(session, COMMAND_LINE, campaign.slug, expected=5)
            job.sqlmodel_update(facts)
            made.append(job.id or 0)
    return made


def somebody(role: Role, *campaigns: Campaign) -> Identity:
    with db.writing() as session:
        return access.identity(session, person(session, role, *campaigns))


def test_the_newest_job_is_first_and_pages_go_on_by_its_number(support):
    ids = announced(support, 5)
    with db.reading() as session:
        first = bulk_list.page(session, COMMAND_LINE, size=2)
        second = bulk_list.page(session, COMMAND_LINE, older_than=first.rows[-1].id, size=2)
        back = bulk_list.page(session, COMMAND_LINE, newer_than=second.rows[0].id, size=2)
        beyond = bulk_list.page(session, COMMAND_LINE, newer_than=10**30, size=2)
    assert [row.id for row in first.rows] == [ids[4], ids[3]]
    assert (first.newer, first.older, first.rows[0].campaign, first.rows[0].slug) == (False, True, "Support", "support")
    assert ([row.id for row in second.rows], second.newer, second.older) == ([ids[2], ids[1]], True, True)
    assert [row.id for row in back.rows] == [row.id for row in first.rows]
    assert beyond == first


def test_jobs_of_other_campaigns_are_not_there(support):
    with db.writing() as session:
        sales = stored_campaign(session, "Sales")
    (mine,), (theirs,) = announced(support), announced(sales)
    manager, agent = somebody(Role.MANAGER, support), somebody(Role.AGENT)
    with db.reading() as session:
        assert [row.id for row in bulk_list.page(session, manager).rows] == [mine]
        assert bulk_list.page(session, manager, ("sales",)).rows == ()
        assert [row.id for row in bulk_list.page(session, COMMAND_LINE, ("sales",)).rows] == [theirs]
        assert bulk_list.page(session, agent).rows == ()
        assert (bulk_list.any_job(session, manager), bulk_list.any_job(session, agent)) == (True, False)
        assert bulk_list.job(session, manager, mine).slug == "support"
        with pytest.raises(NotFound):
            bulk_list.job(session, manager, theirs)


def test_the_newest_jobs_of_a_campaign_leave_out_what_was_called_off(support):
    first, second = announced(support, 2)
    announced(support, cancelled_at=db.now())
    with db.reading() as session:
        found = bulk_list.newest(session, COMMAND_LINE, "support", most=5)
        assert [row.id for row in found] == [second, first]
        assert [row.id for row in bulk_list.newest(session, COMMAND_LINE, most=1)] == [second]
        assert bulk_list.newest(session, COMMAND_LINE, "sales", most=5) == []


def test_files_are_listed_as_they_came_with_what_became_of_each(support):
    (number,) = announced(support)
    facts = [
        {"status": CallStatus.COMPLETED},
        {"status": CallStatus.FAILED, "error_code": "no_speech", "error": "Nobody speaks."},
        {"status": CallStatus.FAILED, "error_code": "cancelled", "error": "Cancelled by ann."},
    ]
    with db.writing() as session:
        for name, each in zip("abc", facts, strict=True):
            call = stored_call(session, support, **each)
            bulk.note_call(session, number, f"{name}.wav", call.id, duplicate=False)
        there = stored_call(session, support, **facts[1])
        bulk.note_call(session, number, "d.wav", there.id, duplicate=True)
        bulk.note_refusal(session, number, "e.txt", "not_audio", "This is text.")
        job = session.get_one(BulkJob, number)
    with db.reading() as session:
        every = bulk_files.page(session, job, size=5)
        wrong = bulk_files.page(session, job, failed=True)
        second = bulk_files.page(session, job, after=every.rows[1].id, size=2)
        back = bulk_files.page(session, job, before=second.rows[0].id, size=2)
        nowhere = bulk_files.page(session, job, before=1)
    assert [(file.filename, file.status, file.words) for file in every.rows] == [
        ("a.wav", CallStatus.COMPLETED, ""),
        ("b.wav", CallStatus.FAILED, "Nobody speaks."),
        ("c.wav", CallStatus.FAILED, "Cancelled by ann."),
        ("d.wav", CallStatus.FAILED, "Nobody speaks."),
        ("e.txt", None, "This is text."),
    ]
    assert [file.cancelled for file in every.rows] == [False, False, True, False, False]
    assert (every.before, every.after) == (False, False)
    assert [file.filename for file in wrong.rows] == ["b.wav", "e.txt"]
    assert ([file.filename for file in second.rows], second.before, second.after) == (["c.wav", "d.wav"], True, True)
    assert [file.filename for file in back.rows] == ["a.wav", "b.wav"]
    assert nowhere.rows == every.rows


def test_what_ended_lately_tells_the_speed_and_causes_have_examples(support):
    (number,) = announced(support)
    with db.writing() as session:
        for name, age in (("a", 0), ("b", 1), ("c", 60)):
            call = stored_call(session, support, status=CallStatus.FAILED, error_code="no_speech", error="Nobody.")
            call.updated_at = db.now() - timedelta(minutes=age)
            bulk.note_call(session, number, f"{name}.wav", call.id, duplicate=False)
        tally = bulk_counts.tally(session, session.get_one(BulkJob, number))
    assert tally.done_lately == 2
    assert [(each.examples, each.refused) for each in tally.failures] == [(("a.wav", "c.wav"), False)]
    assert (tally.counts.done, tally.counts.whole) == (3, 5)
