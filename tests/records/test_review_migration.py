"""A database from before there were reviews: what was flagged waits after the upgrade."""

import pytest
from alembic import command
from sqlalchemy import create_engine, text
from sqlmodel import Session, select

from records import db, migrate
from records.calls import Call
from records.results import Version
from records.reviews import Review, ReviewState
from records.runs import Run
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


def call_of(session: Session, campaign, name: str, *flags: bool) -> str:
    """A call with a version for each of these, flagged or not."""
    call = stored_call(session, campaign, filename=name, score=60.0 if flags else None)
    for flagged in flags:
        add_version(session, call, flagged=flagged, score=60.0)
        call.flagged = flagged
    session.flush()
    return call.id


@pytest.mark.usefixtures("database")
def test_flagged_calls_of_before_wait_for_a_review_after_the_upgrade():
    with db.writing() as session:
        campaign = stored_campaign(session, "Support")
        ids = {
            "flagged": call_of(session, campaign, "flagged", True),
            "flagged at last": call_of(session, campaign, "flagged at last", False, True),
            "flagged once": call_of(session, campaign, "flagged once", True, False),
            "fine": call_of(session, campaign, "fine", False),
            "new": call_of(session, campaign, "new"),
        }
    db.forget_engines()
    downgrade("0009")
    migrate.upgrade()
    with db.reading() as session:
        calls = {name: session.get_one(Call, call_id) for name, call_id in ids.items()}
        waiting = session.exec(
            select(Call.filename, Version.number, Version.created_at, Review.opened_at, Review.state)
            .join(Review, Review.call_id == Call.id)
            .join(Version, Version.id == Review.version_id)
        ).all()
        assert session.exec(select(Run.id)).first() is not None
        assert session.execute(text("SELECT count(*) FROM reviewed_check")).scalar_one() == 0
    assert {name: call.review for name, call in calls.items()} == {
        "flagged": ReviewState.OPEN,
        "flagged at last": ReviewState.OPEN,
        "flagged once": ReviewState.NONE,
        "fine": ReviewState.NONE,
        "new": ReviewState.NONE,
    }
    assert {(name, number, state) for name, number, _, _, state in waiting} == {
        ("flagged", 1, ReviewState.OPEN),
        ("flagged at last", 2, ReviewState.OPEN),
    }
    assert all(made == opened for _, _, made, opened, _ in waiting)
    assert [(call.effective_score, call.reviewed_score) for call in calls.values()] == [(60.0, None)] * 4 + [
        (None, None)
    ]
