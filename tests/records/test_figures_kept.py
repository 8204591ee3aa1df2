"""Days that are over are added up once, and are true whatever happens to their calls later."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, func, select, update

from pipeline import deletion
from records import db, figures, figures_keeping, figures_results, moves
from records.access import COMMAND_LINE
from records.calls import Call
from records.campaigns import Campaign
from records.db import now, stored_id
from records.figures import both
from records.figures_days import Days
from records.figures_keeping import keep
from records.figures_kept import LASTS, MARGIN, NOTHING_KEPT, OF_DAY, KeptDay, KeptFigures
from records.identity import Identity
from records.roles import Role
from records.statuses import CallStatus, Verdict
from tests.records.figured import fill, judge, moments
from tests.records.made import agent, stored_call, stored_campaign

DAYS = Days(date(2026, 3, 27), date(2026, 3, 30), "Europe/Berlin")
OWNER = Identity(1, Role.OWNER, "owner@example.org")
LONG_AGO = now() - timedelta(days=3)


@pytest.fixture
def world(database: str) -> list[Campaign]:
    """Two campaigns with calls of these days, none of which has changed for long."""
    with db.writing() as session:
        campaigns = [stored_campaign(session, name) for name in ("a", "b")]
        fill(session, campaigns, [agent(session, "Ada"), None], [moments(DAYS)[1], *moments(DAYS)[-2:]])
    settle()
    return campaigns


def settle() -> None:
    """As if nothing had changed for long."""
    with db.writing() as session:
        session.exec(update(Call).values(updated_at=LONG_AGO))


def seen(who: Identity, kept: KeptFigures = NOTHING_KEPT) -> tuple[object, ...]:
    """All that Home shows of them."""
    with db.reading() as session:
        daily = figures.daily(session, who, DAYS, kept=kept)
        return (
            daily,
            figures.by_campaign(session, daily),
            figures.by_agent(session, who, DAYS, kept=kept),
            figures_results.most_failed(session, who, DAYS, kept=kept),
        )


def kept_now() -> KeptFigures:
    return keep(both(DAYS), DAYS.zone)


def some_call(session: Session, **facts: object) -> Call:
    return session.exec(select(Call).filter_by(**facts).order_by(col(Call.created_at).desc()).limit(1)).one()


def test_what_is_kept_says_the_same_and_is_what_is_read(world):
    expected = seen(OWNER)
    kept = kept_now()
    assert kept.days == set(both(DAYS))
    assert seen(OWNER, kept) == expected
    with db.writing() as session:  # behind everybody's back, so that it can be seen that no call is read
        session.exec(update(Call).values(updated_at=LONG_AGO, flagged=False))
    assert seen(OWNER, kept_now()) == expected != seen(OWNER)


def finished(session: Session) -> None:
    call = some_call(session, status=CallStatus.ANALYZING)
    assert moves.move(session, call, CallStatus.FAILED)


def called_off_together(session: Session) -> None:
    ids = [some_call(session, status=CallStatus.PENDING).id]
    moves.move_all(session, ids, CallStatus.PENDING, CallStatus.FAILED, words="Off.", error_code="cancelled")


def judged_again(session: Session) -> None:
    call = some_call(session, status=CallStatus.COMPLETED)
    judge(session, call, Greeting=Verdict.PASS, Farewell=Verdict.FAIL)


def reviewed(session: Session) -> None:
    call = some_call(session, status=CallStatus.COMPLETED, score=40.0)
    call.effective_score = 99.0


def told_whose(session: Session) -> None:
    session.exec(update(Call).where(col(Call.agent_id).is_(None)).values(agent_id=1))


def come_late(session: Session) -> None:
    stored_call(session, session.get_one(Campaign, 1), created_at=DAYS.begin)


@pytest.mark.parametrize("change", [finished, called_off_together, judged_again, reviewed, told_whose, come_late])
def test_what_changes_later_is_seen(world, change: Callable[[Session], None]):
    before = seen(OWNER, kept_now())
    with db.writing() as session:
        change(session)
    after = seen(OWNER, kept_now())
    assert after == seen(OWNER) != before


def test_a_deleted_call_is_missed(world, monkeypatch):
    monkeypatch.setattr(deletion, "clear_shelf", lambda _call_id: None)
    before = seen(OWNER, kept_now())
    with db.reading() as session:
        call = some_call(session, status=CallStatus.COMPLETED)
    deletion.delete_call(COMMAND_LINE, call.id)
    assert seen(OWNER, kept_now()) == seen(OWNER) != before


def test_only_the_days_that_changed_are_added_up_again(world):
    kept_now()
    settled = marks()
    with db.writing() as session:
        changed = some_call(session, status=CallStatus.PENDING)
        moves.move(session, changed, CallStatus.FAILED)
    kept_now()
    again = {day for day, at in marks().items() if at != settled[day]}
    assert again == {changed.created_at.astimezone(ZoneInfo(DAYS.zone)).date()}


def marks() -> dict[date, object]:
    with db.reading() as session:
        return {row.day: row.true_at for row in session.exec(select(KeptDay))}


def test_a_change_from_a_clock_that_is_behind_is_seen(world):
    kept_now()
    with db.writing() as session:
        session.exec(update(Call).values(flagged=True, updated_at=now() - MARGIN + timedelta(minutes=5)))
    assert seen(OWNER, kept_now()) == seen(OWNER)


def test_what_was_kept_by_a_clock_that_was_ahead_is_added_up_again(world):
    kept_now()
    with db.writing() as session:
        session.exec(update(KeptDay).values(true_at=now() + timedelta(days=1)))
        session.exec(update(Call).values(flagged=True))
    assert seen(OWNER, kept_now()) == seen(OWNER)


def test_what_is_not_over_is_not_kept(world):
    today = Days(now().date(), now().date())
    assert keep(both(today), "UTC").days == {today.before.first}
    with db.reading() as session:
        assert session.exec(select(KeptDay.day)).all() == [today.before.first]


def test_each_sees_their_campaigns_alone(world):
    kept = kept_now()
    for campaign in world:
        manager = Identity(2, Role.MANAGER, "m", None, frozenset({stored_id(campaign.id)}))
        assert seen(manager, kept) == seen(manager) != seen(OWNER)
    for nobody in (Identity(3, Role.MANAGER, "n"), Identity(4, Role.AGENT, "a")):
        assert seen(nobody, kept)[0].total.calls == 0  # type: ignore[attr-defined]


def test_days_of_several_clocks_are_kept_apart_and_of_too_many_not_at_all(world, monkeypatch):
    monkeypatch.setattr(figures_keeping, "ZONES", 2)
    assert kept_now().days
    assert keep(both(DAYS), "Asia/Kathmandu").days
    assert keep(both(DAYS), "Asia/Tokyo") == NOTHING_KEPT
    assert kept_now().days, "those that are kept already go on"
    assert keep(both(DAYS), "X" * 100) == NOTHING_KEPT


def test_what_nobody_looked_at_for_long_goes_and_can_be_kept_anew(world):
    kept_now()
    assert figures_keeping.forget_unused() == 0
    with db.writing() as session:
        session.exec(update(KeptDay).values(true_at=now() - figures_keeping.GONE - timedelta(days=1)))
    assert figures_keeping.forget_unused() == len(both(DAYS))
    with db.reading() as session:
        for kind in OF_DAY:
            assert session.exec(select(func.count()).select_from(kind)).one() == 0
    assert seen(OWNER, kept_now()) == seen(OWNER)


def test_what_nobody_asked_for_long_is_added_up_again(world):
    kept_now()
    with db.writing() as session:
        session.exec(update(KeptDay).values(true_at=now() - LASTS - timedelta(days=1)))
        session.exec(update(Call).values(flagged=True, updated_at=LONG_AGO - timedelta(days=90)))
    assert seen(OWNER, kept_now()) == seen(OWNER)


def test_what_is_still_true_is_noted_so_that_it_is_not_forgotten(world):
    kept_now()
    with db.writing() as session:
        session.exec(update(KeptDay).values(true_at=now() - timedelta(days=2)))
    kept_now()
    assert all(at > now() - timedelta(minutes=5) for at in marks().values())


def test_several_may_keep_the_same_days_at_once(world):
    together = Barrier(4)

    def one(_number: int) -> KeptFigures:
        together.wait(30)
        return kept_now()

    with ThreadPoolExecutor(4) as pool:
        assert {kept.days for kept in pool.map(one, range(4))} == {frozenset(both(DAYS))}
    assert seen(OWNER, kept_now()) == seen(OWNER)
