"""Addresses for answers: one a run, with a secret, and closed when the run moves on."""

from datetime import timedelta

import pytest

from pipeline import runs
from records import answers, db
from records.answers import ProviderAnswer
from records.statuses import RunReason
from tests.records.made import stored_call, stored_campaign


@pytest.fixture
def run_id(database) -> int:
    with db.writing() as session:
        call = stored_call(session, stored_campaign(session, "Support"))
        return runs.begin(session, call, RunReason.FIRST_RUN, by="a test").id or 0


def expect(run_id: int) -> str:
    with db.writing() as session:
        return answers.expect(session, run_id)


def bring(run_id: int, secret: str, body: bytes = b"{}") -> bool:
    with db.writing() as session:
        return answers.bring(session, run_id, secret, body)


def brought(run_id: int) -> bytes | None:
    with db.reading() as session:
        return answers.brought(session, run_id)


def test_what_is_brought_to_an_open_address_is_kept_as_it_came(run_id):
    secret = expect(run_id)
    assert brought(run_id) is None
    assert bring(run_id, secret, b"\x00\xff not even JSON")
    assert brought(run_id) == b"\x00\xff not even JSON"


def test_a_wrong_secret_another_run_and_a_closed_address_are_alike(run_id):
    secret = expect(run_id)
    assert not bring(run_id, secret[:-1] + "?")
    assert not bring(run_id + 1, secret)
    with db.writing() as session:
        answers.close(session, run_id)
    assert not bring(run_id, secret)


def test_a_new_address_closes_the_earlier_one_and_forgets_its_answer(run_id):
    first = expect(run_id)
    bring(run_id, first)
    second = expect(run_id)
    assert (brought(run_id), bring(run_id, first), bring(run_id, second)) == (None, False, True)


def test_the_secret_itself_is_not_stored(run_id):
    secret = expect(run_id)
    with db.reading() as session:
        stored = session.get_one(ProviderAnswer, run_id)
    assert secret not in str(stored.model_dump())
    assert len(secret) >= 43


def test_it_is_known_whether_something_came_after_a_moment(run_id):
    moment = db.now()
    secret = expect(run_id)
    with db.reading() as session:
        assert not answers.brought_since(session, run_id, moment)
    bring(run_id, secret)
    with db.reading() as session:
        assert answers.brought_since(session, run_id, moment)
        assert not answers.brought_since(session, run_id, db.now() + timedelta(seconds=1))
