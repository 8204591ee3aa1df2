"""Pauses of providers, as rows that all workers share."""

from datetime import timedelta

import pytest
from sqlmodel import col, update

from records import db, outages
from records.outages import ProviderState

WORDS = "Claude refuses the key."


def pause(provider: str = "claude", *, seconds: float = 60) -> bool:
    with db.writing() as session:
        return outages.pause(session, provider, WORDS, seconds=seconds)


def closed(provider: str = "claude") -> str:
    with db.writing() as session:
        return outages.closed(session, provider, seconds=60)


def fail(run_id: int) -> int:
    with db.writing() as session:
        return outages.failed(session, "claude", run_id)


def well() -> bool:
    with db.writing() as session:
        return outages.well(session, "claude")


def test_a_provider_of_which_nothing_is_known_is_open(database):
    assert closed() == ""
    assert well() is False


def test_a_pause_says_why_and_is_news_once(database):
    assert (pause(), pause()) == (True, False)
    assert closed() == WORDS
    assert closed("deepgram") == ""
    with db.reading() as session:
        [state] = outages.paused(session)
        assert (state.provider, state.words) == ("claude", WORDS)


def test_when_it_is_time_one_gets_through_and_the_next_waits_again(database):
    pause(seconds=-1)
    assert (closed(), closed()) == ("", WORDS)


def test_who_looks_whether_it_is_time_takes_nothing(database):
    pause(seconds=-1)
    with db.reading() as session:
        assert [outages.due(session, "claude") for _ in range(2)] == [True, True]
        assert not outages.due(session, "deepgram")


def test_a_success_ends_the_pause_and_forgets_the_failures(database):
    pause()
    fail(1)
    assert (well(), well()) == (True, False)
    assert closed() == ""
    assert fail(2) == 1


def test_failures_are_counted_by_run_and_no_further_than_needed(database):
    assert [fail(run_id) for run_id in (1, 1, 2, 3, 4, 5)] == [1, 1, 2, 3, 3, 3]
    assert well() is False, "nothing was paused"


def test_a_changed_key_is_tried_at_once(database):
    pause()
    with db.writing() as session:
        outages.look_again(session)
    assert closed() == ""


def test_only_those_that_are_named_are_looked_at_again(database):
    pause()
    with db.writing() as session:
        outages.look_again(session, "deepgram")
    assert closed() == WORDS


@pytest.mark.parametrize(("hours", "come"), [(0, False), (2, True)])
def test_a_provider_that_did_not_bring_its_answer_is_not_counted_on_for_an_hour(database, hours, come):
    with db.writing() as session:
        assert outages.callbacks_come(session, "deepgram", trust_again_s=3600)
        outages.callbacks_missed(session, "deepgram")
        session.exec(
            update(ProviderState)
            .where(col(ProviderState.provider) == "deepgram")
            .values(callbacks_missed_at=db.now() - timedelta(hours=hours))
        )
        assert outages.callbacks_come(session, "deepgram", trust_again_s=3600) is come
        assert outages.callbacks_come(session, "assemblyai", trust_again_s=3600)
