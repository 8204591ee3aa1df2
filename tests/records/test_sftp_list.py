"""The list of SFTP batches: whose each is, narrowed and paged, with its files counted; what needs somebody."""

from datetime import timedelta

import pytest

from records import db, sftp_list
from records.access import COMMAND_LINE
from records.campaigns import Campaign
from records.identity import Identity, NotFound
from records.roles import Role
from records.statuses import SftpBatchStatus, SftpFileStatus
from tests.records.made import stored_campaign
from tests.records.sftp_made import stored_batch, stored_file, stored_folder

B, F = SftpBatchStatus, SftpFileStatus


@pytest.fixture
def two(database: str, home) -> tuple[Campaign, Campaign]:
    with db.writing() as session:
        return stored_campaign(session, "Support"), stored_campaign(session, "Sales")


def manager(*campaigns: Campaign) -> Identity:
    return Identity(1, Role.MANAGER, "mia@example.org", None, frozenset(each.id or 0 for each in campaigns))


def test_files_are_counted_by_status_and_batch(two):
    support, _ = two
    with db.writing() as session:
        stored_folder(session, support, folder="north/support")
        full, empty = stored_batch(session, support, B.PROCESSING), stored_batch(session, support, B.COMPLETED)
        for status in (F.COMPLETED, F.COMPLETED, F.FAILED):
            stored_file(session, support, status, batch=full)
    with db.reading() as session:
        rows = sftp_list.page(session, COMMAND_LINE).rows
    assert [(row.id, row.counts, row.files) for row in rows] == [
        (empty.id, {}, 0),
        (full.id, {F.COMPLETED: 2, F.FAILED: 1}, 3),
    ]
    assert (rows[1].campaign, rows[1].slug, rows[1].folder) == ("Support", "support", "north/support")


def test_a_manager_finds_the_batches_of_the_own_campaigns_alone(two):
    support, sales = two
    with db.writing() as session:
        ours, theirs = stored_batch(session, support, B.COMPLETED), stored_batch(session, sales, B.COMPLETED)
    mia = manager(support)
    with db.reading() as session:
        assert [row.id for row in sftp_list.page(session, mia).rows] == [ours.id]
        assert sftp_list.page(session, mia, ["sales"]).rows == ()
        assert sftp_list.campaigns(session, mia) == {"support": "Support"}
        assert sftp_list.one(session, mia, ours.id or 0).campaign == "Support"
        with pytest.raises(NotFound):
            sftp_list.one(session, mia, theirs.id or 0)
        assert not sftp_list.any_batch(session, manager())


def test_campaigns_and_statuses_narrow_the_list_and_pages_are_turned_by_key(two):
    support, sales = two
    with db.writing() as session:
        for number in range(5):
            stored_batch(session, support, B.FAILED, opened_at=db.now() - timedelta(hours=number))
        other = stored_batch(session, sales, B.WAITING_FOR_CSV)
    with db.reading() as session:
        assert [row.id for row in sftp_list.page(session, COMMAND_LINE, ["sales"]).rows] == [other.id]
        waiting = sftp_list.page(session, COMMAND_LINE, (), [B.WAITING_FOR_CSV, B.DETECTING])
        assert [row.id for row in waiting.rows] == [other.id]
        both = sftp_list.page(session, COMMAND_LINE, (), [B.WAITING_FOR_CSV, B.FAILED])
        assert len(both.rows) == 6
        first = sftp_list.page(session, COMMAND_LINE, ["support"], size=2)
        second = sftp_list.page(session, COMMAND_LINE, ["support"], older_than=first.rows[-1].id, size=2)
        back = sftp_list.page(session, COMMAND_LINE, ["support"], newer_than=second.rows[0].id, size=2)
        beyond = sftp_list.page(session, COMMAND_LINE, ["support"], newer_than=10**9, size=2)
    assert (first.newer, first.older, second.newer, second.older) == (False, True, True, True)
    assert back == first == beyond


def test_the_batches_of_late_files_are_found_from_the_one_that_they_missed(two):
    support, _ = two
    with db.writing() as session:
        early = stored_batch(session, support, B.COMPLETED)
        late = stored_batch(session, support, B.DETECTING, after_id=early.id)
    with db.reading() as session:
        assert sftp_list.late(session, COMMAND_LINE, early.id or 0) == [late.id]
        assert sftp_list.late(session, manager(), early.id or 0) == []


def test_what_waits_and_what_ended_short_of_late_is_counted(two):
    support, sales = two
    with db.writing() as session:
        stored_batch(session, support, B.WAITING_FOR_FILES)
        stored_batch(session, sales, B.WAITING_FOR_CSV)
        stored_batch(session, sales, B.INCOMPLETE)
        stored_batch(session, sales, B.FAILED)
        stored_batch(session, sales, B.COMPLETED)
        stored_batch(session, sales, B.INCOMPLETE, opened_at=db.now() - sftp_list.LATELY - timedelta(hours=1))
    with db.reading() as session:
        assert sftp_list.waiting(session, COMMAND_LINE) == 2
        assert sftp_list.waiting(session, COMMAND_LINE, ["support"]) == 1
        assert sftp_list.ended_short(session, COMMAND_LINE) == 2
        assert sftp_list.ended_short(session, manager(support)) == 0


def test_only_campaigns_that_take_files_are_looked_into_or_raise_an_alarm(two):
    support, sales = two
    with db.writing() as session:
        stored_folder(session, support, alarm="Odd.")
        stored_folder(session, sales, alarm="Odd too.", enabled=False)
        archived = stored_campaign(session, "Old")
        archived.active = False
        session.add(archived)
        stored_folder(session, archived)
    with db.reading() as session:
        assert [alarm.slug for alarm in sftp_list.alarms(session, COMMAND_LINE)] == ["support"]
        assert sftp_list.alarms(session, manager(sales)) == []
        assert sftp_list.alarms(session, COMMAND_LINE, ["sales"]) == []
        assert [folder.folder for folder in sftp_list.enabled(session)] == ["support"]
