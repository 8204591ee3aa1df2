"""A signed-in browser is known by its token, until it expires, signs out, or its person is deactivated."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from records import db, sessions
from records.agents import Agent
from records.campaigns import Campaign
from records.people import Assignment, User, WebSession
from records.roles import Role


@pytest.fixture
def bob(database) -> User:
    """A manager with two campaigns, linked to an agent."""
    with db.writing() as session:
        agent = Agent(name="Bob")
        session.add_all(
            [agent, Campaign(slug="a", name="A"), Campaign(slug="b", name="B"), Campaign(slug="c", name="C")]
        )
        session.flush()
        user = User(email="bob@example.com", name="Bob", role=Role.MANAGER, agent_id=agent.id)
        session.add(user)
        session.flush()
        for slug in ("a", "c"):
            campaign = session.exec(select(Campaign).where(Campaign.slug == slug)).one()
            session.add(Assignment(user_id=user.id, campaign_id=campaign.id))
    return user


def signed_in(user: User) -> str:
    with db.writing() as session:
        return sessions.start(session, user)


def found(token: str):
    with db.reading() as session:
        return sessions.find(session, token)


def test_a_token_leads_to_the_person_with_role_agent_and_campaigns(bob):
    who = found(signed_in(bob))
    assert (who.user_id, who.role, who.label, who.agent_id) == (bob.id, Role.MANAGER, "bob@example.com", bob.agent_id)
    assert len(who.campaign_ids) == 2


def test_somebody_without_campaigns_is_found_too(bob):
    with db.writing() as session:
        ann = User(email="ann@example.com", name="Ann", role=Role.OWNER)
        session.add(ann)
        session.flush()
    assert found(signed_in(ann)).campaign_ids == frozenset()


def test_only_the_tokens_hash_is_stored(bob):
    token = signed_in(bob)
    with db.reading() as session:
        stored = session.exec(select(WebSession)).one()
    assert token not in repr(stored)
    assert len(stored.token_hash) == 64
    with db.reading() as session:
        assert sessions.find_hashed(session, stored.token_hash) == found(token)
        assert sessions.find(session, stored.token_hash) is None, "the hash is no token"


def test_finding_somebody_is_one_query(bob):
    token = signed_in(bob)
    with db.reading() as session:
        asked = []
        event.listen(session.connection(), "before_cursor_execute", lambda *given: asked.append(given[2]))
        assert sessions.find(session, token)
    assert len(asked) == 1


@pytest.mark.parametrize("token", ["", "unknown", "' OR 1=1 --", "\x00", "x" * 10_000])
def test_an_unknown_token_is_nobody(bob, token):
    signed_in(bob)
    assert found(token) is None


def test_a_session_ends_twelve_hours_after_it_began(bob, monkeypatch):
    token, began = signed_in(bob), db.now()
    monkeypatch.setattr(sessions, "now", lambda: began + sessions.LASTS - timedelta(seconds=5))
    assert found(token)
    monkeypatch.setattr(sessions, "now", lambda: began + sessions.LASTS + timedelta(seconds=5))
    assert found(token) is None


def test_a_deactivated_person_is_nobody_at_once(bob):
    token = signed_in(bob)
    with db.writing() as session:
        session.get_one(User, bob.id).active = False
    assert found(token) is None


def test_a_new_role_counts_from_the_next_look(bob):
    token = signed_in(bob)
    with db.writing() as session:
        session.get_one(User, bob.id).role = Role.AGENT
    assert found(token).role is Role.AGENT


def test_signing_out_ends_one_browser_and_leaves_the_other(bob):
    here, there = signed_in(bob), signed_in(bob)
    with db.writing() as session:
        sessions.end(session, here)
    assert found(here) is None
    assert found(there)


def test_signing_out_everywhere_ends_all_of_one_person_and_nobody_elses(bob):
    with db.writing() as session:
        ann = User(email="ann@example.com", name="Ann", role=Role.OWNER)
        session.add(ann)
        session.flush()
    tokens, anns = [signed_in(bob), signed_in(bob)], signed_in(ann)
    with db.writing() as session:
        sessions.end_all(session, bob)
    assert [found(token) for token in tokens] == [None, None]
    assert found(anns)


def test_a_sign_in_clears_expired_sessions_away(bob, monkeypatch):
    signed_in(bob)
    later = db.now() + sessions.LASTS + timedelta(hours=1)
    monkeypatch.setattr(sessions, "now", lambda: later)
    token = signed_in(bob)
    with db.reading() as session:
        assert len(session.exec(select(WebSession)).all()) == 1
    assert found(token)


def test_an_account_that_was_never_stored_cannot_sign_in(database):
    with pytest.raises(ValueError, match="not been stored"), Session() as session:
        sessions.end_all(session, User(email="x@example.com", name="X", role=Role.OWNER))


def test_signing_in_notes_the_moment_and_the_browser(bob):
    with db.writing() as session:
        token = sessions.start(session, bob, browser="Firefox on Windows")
    with db.reading() as session:
        row = session.exec(select(WebSession)).one()
        assert (row.browser, session.get_one(User, bob.id).signed_in_at) == ("Firefox on Windows", row.created_at)
    assert found(token)


def test_the_session_that_a_browser_brought_ends_in_the_same_act(bob):
    before = signed_in(bob)
    with db.writing() as session:
        after = sessions.start(session, bob, instead_of=before)
    assert (found(before), found(after) is not None) == (None, True)


def test_one_s_browsers_are_listed_newest_first_without_those_that_ended(bob, monkeypatch):
    began = db.now()
    for number in range(3):
        monkeypatch.setattr(sessions, "now", lambda number=number: began + timedelta(hours=number))
        with db.writing() as session:
            token = sessions.start(session, bob, browser=f"browser {number}")
    monkeypatch.setattr(sessions, "now", lambda: began + sessions.LASTS + timedelta(minutes=5))
    with db.reading() as session:
        who = sessions.find(session, token)
        assert [row.browser for row in sessions.open_ones(session, who)] == ["browser 2", "browser 1"]
