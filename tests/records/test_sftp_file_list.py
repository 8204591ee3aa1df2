"""Lists of files seen on the SFTP server: narrowed like a plain reading of all of them, whatever index is used."""

from itertools import product

import pytest
from sqlalchemy import event

from pipeline.sftp.matching import name_key
from records import db, sftp_file_list, sftp_list, sftp_sheets, sftp_unclaimed
from records.access import COMMAND_LINE
from records.campaigns import Campaign
from records.identity import Identity
from records.roles import Role
from records.sftp import FileKind
from records.sftp_file_list import Filters
from records.statuses import SftpBatchStatus, SftpFileStatus
from tests.records.made import stored_campaign
from tests.records.sftp_made import new_file, stored_batch, stored_file, stored_row

B, F = SftpBatchStatus, SftpFileStatus


@pytest.fixture
def two(database: str, home) -> tuple[Campaign, Campaign]:
    with db.writing() as session:
        return stored_campaign(session, "Support"), stored_campaign(session, "Sales")


@pytest.fixture
def many(two) -> tuple[Campaign, Campaign]:
    """Of each campaign and of nobody, a few files in every status."""
    with db.writing() as session:
        for campaign, status, code in product((*two, None), F, ("", "denied")):
            session.add(new_file(campaign, status, code=code))
    return two


def manager(*campaigns: Campaign) -> Identity:
    return Identity(1, Role.MANAGER, "mia@example.org", None, frozenset(each.id or 0 for each in campaigns))


def listed(who: Identity, filters: Filters, size: int = 5) -> list[sftp_file_list.Row]:
    """Every row, page by page."""
    rows: list[sftp_file_list.Row] = []
    with db.reading() as session:
        page = sftp_file_list.page(session, who, filters, size=size)
        rows += page.rows
        while page.older:
            page = sftp_file_list.page(session, who, filters, older_than=rows[-1].id, size=size)
            rows += page.rows
    return rows


@pytest.mark.parametrize("statuses", [frozenset(), frozenset({F.FAILED}), frozenset({F.FAILED, F.SKIPPED})])
@pytest.mark.parametrize("campaigns", [frozenset(), frozenset({"support"}), frozenset({"support", "sales"})])
@pytest.mark.parametrize("unclaimed", [False, True])
@pytest.mark.parametrize("codes", [frozenset(), frozenset({"denied"})])
def test_every_mixture_of_filters_lists_what_it_says_newest_first(many, statuses, campaigns, unclaimed, codes):
    support, _ = many
    everything = listed(COMMAND_LINE, Filters())
    assert len(everything) == 3 * len(F) * 2
    wanted = Filters(statuses=statuses, campaigns=campaigns, unclaimed=unclaimed, codes=codes)
    named = {"support": "Support", "sales": "Sales"}
    owners = {named[slug] for slug in campaigns} | ({None} if unclaimed else set())

    def fits(row: sftp_file_list.Row) -> bool:
        return (
            (not statuses or row.status in statuses)
            and (not owners or row.campaign in owners)
            and (not codes or row.code in codes)
        )

    assert listed(COMMAND_LINE, wanted) == [row for row in everything if fits(row)]
    theirs = [row for row in everything if fits(row) and row.campaign == "Support"]
    assert listed(manager(support), wanted) == theirs


def test_many_campaigns_are_read_from_the_top(many, monkeypatch):
    monkeypatch.setattr(sftp_file_list, "BRANCHES", 3)
    wanted = Filters(campaigns=frozenset({"support", "sales"}), statuses=frozenset({F.FAILED, F.SKIPPED}))
    assert [row.status for row in listed(COMMAND_LINE, wanted)].count(F.FAILED) == 4


def test_nobody_without_a_campaign_sees_a_file(many):
    assert listed(manager(), Filters()) == []
    assert listed(manager(), Filters(unclaimed=True)) == []
    with db.reading() as session:
        assert not sftp_file_list.any_file(session, manager())
        assert sftp_file_list.any_file(session, COMMAND_LINE)


def test_the_page_before_is_the_one_that_was_left(many):
    with db.reading() as session:
        first = sftp_file_list.page(session, COMMAND_LINE, Filters(), size=4)
        second = sftp_file_list.page(session, COMMAND_LINE, Filters(), older_than=first.rows[-1].id, size=4)
        back = sftp_file_list.page(session, COMMAND_LINE, Filters(), newer_than=second.rows[0].id, size=4)
        beyond = sftp_file_list.page(session, COMMAND_LINE, Filters(), newer_than=10**10, size=4)
    assert (first.newer, first.older, second.newer) == (False, True, True)
    assert back.rows == first.rows == beyond.rows


@pytest.mark.parametrize("few", [500, 1])
def test_part_of_a_name_is_found_whether_few_or_many_have_it(two, monkeypatch, few):
    monkeypatch.setattr(sftp_file_list, "NAMED", few)
    support, sales = two
    with db.writing() as session:
        for name in ("Ärger 100%_a.wav", "ärger 100%_b.WAV", "100 a.wav"):
            stored_file(session, support, F.COMPLETED, f"support/2026/{name}")
        stored_file(session, sales, F.COMPLETED, "sales/Ärger 100%_c.wav")
    found = listed(COMMAND_LINE, Filters(text=name_key("ÄRGER 100%_"), campaigns=frozenset({"support"})))
    assert [row.path for row in found] == ["support/2026/ärger 100%_b.WAV", "support/2026/Ärger 100%_a.wav"]
    assert len(listed(COMMAND_LINE, Filters(text="100"))) == 4
    assert len(listed(manager(sales), Filters(text="100"))) == 1
    assert listed(COMMAND_LINE, Filters(text="nowhere")) == []


def test_each_file_says_which_lines_of_csvs_name_it(two):
    support, _ = two
    with db.writing() as session:
        batch = stored_batch(session, support, B.COMPLETED)
        sheet = stored_file(session, support, F.COMPLETED, "support/calls.csv", batch, kind=FileKind.SHEET)
        file = stored_file(session, support, F.COMPLETED, "support/a.wav", batch)
        for line in (7, 2):
            stored_row(session, sheet, line, "a.wav", file_id=file.id)
    rows = listed(COMMAND_LINE, Filters(batch_id=batch.id))
    assert [(row.path, row.lines) for row in rows] == [("support/a.wav", (7, 2)), ("support/calls.csv", ())]
    with db.reading() as session:
        assert sftp_file_list.lines(session, [file.id or 0])[0] == (file.id, "support/calls.csv", 7)


def test_lines_to_see_to_are_those_without_a_file_or_with_a_fault(two):
    support, _ = two
    with db.writing() as session:
        batch = stored_batch(session, support, B.INCOMPLETE)
        sheet = stored_file(session, support, F.COMPLETED, "support/calls.csv", batch, kind=FileKind.SHEET)
        old = stored_file(
            session, support, F.COMPLETED, "support/old.csv", batch, kind=FileKind.SHEET, superseded_at=db.now()
        )
        file = stored_file(session, support, F.COMPLETED, "support/a.wav", batch)
        stored_row(session, sheet, 2, "a.wav", file_id=file.id)
        for line in (3, 4, 5):
            stored_row(session, sheet, line, f"gone-{line}.wav")
        stored_row(session, sheet, 6, "Total", words="It names no file.")
        stored_row(session, old, 2, "gone.wav")
    with db.reading() as session:
        first = sftp_sheets.page(session, batch.id or 0, size=3)
        second = sftp_sheets.page(session, batch.id or 0, after=first.lines[-1].id, size=3)
        back = sftp_sheets.page(session, batch.id or 0, before=second.lines[0].id, size=3)
        beyond = sftp_sheets.page(session, batch.id or 0, before=1, size=3)
    assert [line.line for line in (*first.lines, *second.lines)] == [3, 4, 5, 6]
    assert (first.missing, first.unusable, first.before, first.after) == (3, 1, False, True)
    assert (second.lines[0].words, second.lines[0].sheet) == ("It names no file.", "support/calls.csv")
    assert back.lines == first.lines == beyond.lines


def test_files_that_are_nobodys_are_counted_by_folder_for_those_who_see_all(two, monkeypatch):
    support, _ = two
    with db.writing() as session:
        for path in ("old/a.wav", "old/b.wav", "old/2023/c.wav", "d.wav"):
            stored_file(session, None, F.SKIPPED, path, code="unclaimed", size=10)
        stored_file(session, None, F.SKIPPED, "old/e.wav", code="unclaimed", superseded_at=db.now())
        stored_file(session, support, F.SKIPPED, "support/f.wav", code="subfolder")
    with db.reading() as session:
        found = sftp_unclaimed.folders(session, COMMAND_LINE)
        assert sftp_unclaimed.folders(session, manager(support)).folders == ()
        monkeypatch.setattr(sftp_unclaimed, "LOOKED_AT", 2)
        some = sftp_unclaimed.folders(session, COMMAND_LINE)
    assert [(each.path, each.files, each.size) for each in found.folders] == [
        ("old", 2, 20),
        ("", 1, 10),
        ("old/2023", 1, 10),
    ]
    assert (found.more, some.more, sum(each.files for each in some.folders)) == (False, True, 2)


def test_a_batch_of_many_files_takes_as_many_queries_as_one_of_two(about_sqlite):
    with db.writing() as session:
        support = stored_campaign(session, "Support")
        batch = stored_batch(session, support, B.PROCESSING)
        sheet = stored_file(session, support, F.COMPLETED, "support/calls.csv", batch, kind=FileKind.SHEET)
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        asked.append(statement)

    def count() -> int:
        with db.reading() as session:
            engine, begin = session.get_bind(), len(asked)
            event.listen(engine, "before_cursor_execute", note)
            sftp_list.page(session, COMMAND_LINE)
            sftp_sheets.page(session, batch.id or 0)
            sftp_file_list.page(session, COMMAND_LINE, Filters(batch_id=batch.id))
            event.remove(engine, "before_cursor_execute", note)
        return len(asked) - begin

    few = count()
    with db.writing() as session:
        for number in range(200):
            file = stored_file(session, support, F.COMPLETED, batch=batch)
            stored_row(session, sheet, number, "a.wav", file_id=file.id if number % 2 else None)
    assert (count(), few <= 8) == (few, True)
