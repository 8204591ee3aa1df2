"""A database from before transcripts said whether they are redacted: only what is known to be redacted is called so."""

from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import create_engine
from sqlmodel import Session, col, select

from records import campaigns, db, migrate, transcripts
from records.access import COMMAND_LINE
from records.audit import AuditEntry
from records.calls import Call
from records.campaigns import Campaign
from records.results import StoredTranscript
from records.runs import Run
from records.statuses import RunReason
from tests.records.finished import add_version
from tests.records.made import stored_call, stored_campaign


def downgrade(to: str) -> None:
    engine = create_engine(db.url())
    try:
        with engine.connect() as connection:
            config = migrate._config()
            config.attributes["connection"] = connection
            command.downgrade(config, to)
    finally:
        engine.dispose()


def turn(session: Session, campaign: Campaign, *states: bool) -> None:
    for state in states:
        campaigns.edit(session, COMMAND_LINE, campaign.slug, campaigns.changes(redact=state))
        session.flush()


def call_of(session: Session, campaign: Campaign, name: str, *reasons: RunReason) -> None:
    """A call with a version for each of these."""
    call = stored_call(session, campaign, filename=name)
    for reason in reasons:
        add_version(session, call, reason=reason)


@pytest.mark.usefixtures("database")
def test_what_was_begun_while_the_campaign_redacts_is_redacted_and_nothing_else():
    with db.writing() as session:
        support, sales = stored_campaign(session, "Support"), stored_campaign(session, "Sales")
        call_of(session, support, "before", RunReason.FIRST_RUN)
        turn(session, support, True, False, True)
        turn(session, sales, True, False)
        call_of(session, support, "after", RunReason.FIRST_RUN)
        call_of(session, support, "swapped", RunReason.SWAPPED_SPEAKERS)
        call_of(session, support, "again", RunReason.FIRST_RUN, RunReason.RERUN_TRANSCRIPTION)
        call_of(session, support, "new")
        call_of(session, sales, "of another", RunReason.FIRST_RUN)
        older = (
            select(Run).join(Call, col(Call.id) == Run.call_id).where(col(Call.filename) == "again", Run.number == 1)
        )
        session.exec(older).one().created_at -= timedelta(hours=1)
        assert len(session.exec(select(AuditEntry).where(AuditEntry.act == "campaign.edit")).all()) == 5
    db.forget_engines()
    downgrade("0017")
    migrate.upgrade()
    with db.reading() as session:
        calls = {call.filename for call in session.exec(select(Call).where(col(Call.redacted).is_(True)))}
        made = session.exec(
            select(Call.filename, StoredTranscript.run_number)
            .join(Call, col(Call.id) == StoredTranscript.call_id)
            .where(col(StoredTranscript.redacted).is_(True))
        ).all()
        withheld = {call.filename for call in session.exec(select(Call).where(transcripts.withheld()))}
    assert calls == {"after", "again"}
    assert {tuple(row) for row in made} == {("after", 1), ("again", 2)}
    assert withheld == {"before", "swapped"}
