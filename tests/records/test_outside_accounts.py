"""An outside account belongs to one person here, by issuer and subject; an address only makes the first link."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from records import db, outside_accounts
from records.outside_accounts import Deactivated, Outsider, TakenByAnother, Unknown, Unvouched, person
from records.people import OutsideAccount, User
from records.roles import Role

WORKS = "https://works.example"


@pytest.fixture
def bob(database) -> User:
    with db.writing() as session:
        user = User(email="bob@example.org", name="Bob", role=Role.MANAGER)
        session.add(user)
    return user


def who(subject: str = "u1", email: str | None = "bob@example.org", issuer: str = WORKS) -> int:
    with db.writing() as session:
        return person(session, Outsider(issuer, subject, email)).id


def test_the_address_links_once_and_counts_for_nothing_afterwards(bob):
    assert who(email=" BOB@example.org ") == bob.id
    assert who(email=None) == bob.id
    assert who(email="somebody.else@example.org") == bob.id
    with db.reading() as session:
        assert len(session.exec(select(OutsideAccount)).all()) == 1


def test_the_same_subject_of_another_issuer_is_somebody_else(bob):
    who()
    with pytest.raises(Unknown):
        who(email="eve@example.org", issuer="https://elsewhere.example")


def test_a_second_provider_may_be_linked_too(bob):
    assert [who(), who(issuer="https://elsewhere.example")] == [bob.id] * 2


@pytest.mark.parametrize(
    ("subject", "email", "refusal"),
    [
        ("u1", None, Unvouched),
        ("u1", "", Unvouched),
        ("u1", "b\x00b@example.org", Unvouched),
        ("u1", "eve@example.org", Unknown),
        ("", "bob@example.org", Unknown),
        ("u\x00", "bob@example.org", Unknown),
        ("u" * 256, "bob@example.org", Unknown),
    ],
)
def test_who_goes_with_nobody_is_refused_and_nothing_is_written(bob, subject, email, refusal):
    with pytest.raises(refusal):
        who(subject, email)
    with db.reading() as session:
        assert session.exec(select(OutsideAccount)).all() == []
        assert len(session.exec(select(User)).all()) == 1


@pytest.mark.parametrize("linked", [True, False])
def test_a_deactivated_person_is_refused_before_and_after_the_link(bob, linked):
    if linked:
        who()
    with db.writing() as session:
        session.get_one(User, bob.id).active = False
    with pytest.raises(Deactivated):
        who()


def test_another_subject_with_the_address_is_refused_until_the_first_is_unlinked(bob):
    who("u1")
    with pytest.raises(TakenByAnother):
        who("u2")
    with db.writing() as session:
        outside_accounts.unlink(session, bob)
    assert who("u2") == bob.id


def test_tabs_that_come_first_at_once_are_all_let_in(bob):
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: who(), range(8))) == [bob.id] * 8
    with db.reading() as session:
        assert len(session.exec(select(OutsideAccount)).all()) == 1
