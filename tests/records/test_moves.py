from threading import Barrier, Thread

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from records import db
from records.calls import Call, CallEvent
from records.campaigns import Campaign
from records.moves import IllegalMove, arrive, move, move_all
from records.statuses import CALL_MOVES, CallStatus
from tests.records import made

S = CallStatus


@pytest.fixture
def shop(database: str) -> Campaign:
    with db.writing() as session:
        return made.stored_campaign(session, "Support")


def timeline(call: Call) -> list[tuple]:
    with db.reading() as session:
        rows = session.exec(select(CallEvent).where(CallEvent.call_id == call.id).order_by(CallEvent.id))
        return [(row.was, row.became, row.words, row.by, row.run_number) for row in rows]


def stored(call: Call) -> Call:
    with db.reading() as session:
        return session.get_one(Call, call.id)


def test_arriving_writes_the_row_and_the_first_line_of_its_timeline(campaign: Campaign):
    call = made.new_call(campaign)
    with db.writing() as session:
        arrive(session, call, by="ann@example.org")
    assert stored(call).status is S.PENDING
    assert timeline(call) == [(None, "pending", "", "ann@example.org", 1)]


def test_an_arrival_that_is_rolled_back_leaves_neither_row_nor_line(campaign: Campaign):
    call = made.new_call(campaign)
    with pytest.raises(RuntimeError):
        made.broken_off(lambda session: arrive(session, call))
    with db.reading() as session:
        assert session.exec(select(Call)).all() == []
        assert session.exec(select(CallEvent)).all() == []


def test_the_same_bytes_cannot_arrive_twice_in_a_campaign(shop: Campaign):
    with db.writing() as session:
        made.stored_call(session, shop, sha256="a" * 64)
    with pytest.raises(IntegrityError), db.writing() as session:
        made.stored_call(session, shop, sha256="a" * 64)


def test_the_same_bytes_in_another_campaign_are_another_call(campaign: Campaign):
    with db.writing() as session:
        other = made.stored_campaign(session, "Sales")
        made.stored_call(session, campaign, sha256="a" * 64)
        made.stored_call(session, other, sha256="a" * 64)


@pytest.mark.parametrize("was", S)
@pytest.mark.parametrize("became", S)
def test_a_move_is_made_exactly_when_the_rules_allow_it(campaign: Campaign, was: S, became: S):
    with db.writing() as session:
        call = made.stored_call(session, campaign, status=was)
    with db.writing() as session:
        call = session.get_one(Call, call.id)
        if became in CALL_MOVES[was]:
            assert move(session, call, became, words="why", by="ann")
        else:
            with pytest.raises(IllegalMove, match=rf"A call that is {was} cannot become {became}\."):
                move(session, call, became)
    moved = became in CALL_MOVES[was]
    assert stored(call).status is (became if moved else was)
    assert timeline(call)[1:] == ([(was.value, became.value, "why", "ann", 1)] if moved else [])


def test_a_move_shows_in_the_object_at_hand_and_in_updated_at(campaign: Campaign):
    with db.writing() as session:
        call = made.stored_call(session, campaign)
        before = call.updated_at
        assert move(session, call, S.TRANSCRIBING)
        assert call.status is S.TRANSCRIBING
        assert call.updated_at > before


def test_a_move_that_is_rolled_back_leaves_no_line(campaign: Campaign):
    with db.writing() as session:
        call = made.stored_call(session, campaign)
    with pytest.raises(RuntimeError):
        made.broken_off(lambda session: move(session, session.get_one(Call, call.id), S.TRANSCRIBING))
    assert (stored(call).status, len(timeline(call))) == (S.PENDING, 1)


def test_who_comes_late_is_told_so_and_writes_nothing(shop: Campaign):
    with db.writing() as session:
        call = made.stored_call(session, shop)
    mine, theirs = stored(call), stored(call)
    with db.writing() as session:
        assert move(session, session.merge(mine, load=False), S.TRANSCRIBING)
    with db.writing() as session:
        assert not move(session, session.merge(theirs, load=False), S.FAILED, words="cancelled")
    assert (stored(call).status, len(timeline(call))) == (S.TRANSCRIBING, 2)


def test_a_move_of_an_older_run_is_no_move(shop: Campaign):
    with db.writing() as session:
        call = made.stored_call(session, shop)
    old = stored(call)
    with db.writing() as session:
        session.get_one(Call, call.id).run_number = 2
    with db.writing() as session:
        assert not move(session, session.merge(old, load=False), S.TRANSCRIBING)
    assert stored(call).status is S.PENDING


def test_of_eight_workers_one_wins(shop: Campaign):
    with db.writing() as session:
        call = made.stored_call(session, shop)
    start, won = Barrier(8), []

    def work() -> None:
        mine = stored(call)
        start.wait()
        with db.writing() as session:
            won.append(move(session, session.merge(mine, load=False), S.TRANSCRIBING))

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]
    assert [line[1] for line in timeline(call)] == ["pending", "transcribing"]


def test_many_move_at_once_but_for_those_that_are_not_as_they_were(shop: Campaign):
    with db.writing() as session:
        waits = [made.stored_call(session, shop) for _ in range(3)]
        busy = made.stored_call(session, shop, status=S.ANALYZING)
        before = waits[0].updated_at
    ids = [call.id for call in (*waits, busy)]
    with db.writing() as session:
        moved = move_all(session, ids, S.PENDING, S.FAILED, words="Called off.", by="ann", error_code="cancelled")
    assert moved == {call.id for call in waits}
    assert [stored(call).status for call in (*waits, busy)] == [S.FAILED] * 3 + [S.ANALYZING]
    assert (stored(waits[0]).error_code, stored(busy).error_code) == ("cancelled", None)
    assert stored(waits[0]).updated_at > before
    with db.reading() as session:
        last = session.exec(select(CallEvent).where(CallEvent.call_id == waits[1].id)).all()[-1]
    assert (last.was, last.became, last.words, last.by) == ("pending", "failed", "Called off.", "ann")
    assert len(timeline(busy)) == 1


def test_many_cannot_move_where_one_could_not(shop: Campaign):
    with db.writing() as session, pytest.raises(IllegalMove):
        move_all(session, ["x"], S.COMPLETED, S.FAILED, words="")


def test_none_of_many_is_none(shop: Campaign):
    with db.writing() as session:
        assert move_all(session, [], S.PENDING, S.FAILED, words="") == frozenset()
