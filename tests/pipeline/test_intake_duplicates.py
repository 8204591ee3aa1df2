"""The same bytes in one campaign are one call, however they arrive."""

import hashlib
from threading import Barrier, Thread

import pytest
from sqlmodel import select

from pipeline import children, intake, runs
from pipeline.intake import Received, Refused
from pipeline.restoring import PUT_BACK
from pipeline.stages import BY_NAME
from pipeline.work import Work
from records import db
from records.calls import Call, CallEvent
from records.campaigns import Campaign
from records.statuses import CallStatus
from tests.pipeline.arriving import here, in_database, in_storage, receive, wav
from tests.records import made


@pytest.fixture(autouse=True)
def shop(database: str, monkeypatch: pytest.MonkeyPatch) -> Campaign:
    monkeypatch.setattr(children, "run", here)
    with db.writing() as session:
        return made.stored_campaign(session, "Support")


def test_the_same_bytes_again_are_answered_with_the_first_call():
    first = receive(wav(), filename="a.wav")
    asked = []
    again = receive(wav(), filename="b.wav", ask=lambda *both: asked.append(both))
    assert (first.duplicate, again.duplicate) == (False, True)
    assert (again.call.id, again.call.filename) == (first.call.id, "a.wav")
    assert asked == []
    assert (in_database(), len(in_storage())) == ((1, 1, 1), 1)


def test_the_same_name_with_other_bytes_is_a_new_call():
    assert receive(wav(1)).call.id != receive(wav(2)).call.id
    assert (in_database(), len(in_storage())) == ((2, 2, 2), 2)


def test_the_same_bytes_in_another_campaign_are_another_call():
    with db.writing() as session:
        made.stored_campaign(session, "Sales")
    assert receive(wav()).call.id != receive(wav(), campaign="sales").call.id
    assert (in_database()[0], len(in_storage())) == (2, 2)


@pytest.mark.parametrize("status", CallStatus)
def test_a_duplicate_is_known_whatever_became_of_the_first(status: CallStatus):
    with db.writing() as session:
        session_call = made.stored_call(
            session, session.get_one(Campaign, 1), status=status, sha256=hashlib.sha256(wav()).hexdigest()
        )
    again = receive(wav())
    assert (again.duplicate, again.call.id, again.call.status) == (True, session_call.id, status)


def test_a_recording_that_is_missing_is_put_back_by_the_same_file():
    first = receive(wav())
    [place] = in_storage()
    place.unlink()
    assert receive(wav(), filename="again.wav").duplicate
    assert in_storage() == [place]
    assert place.read_bytes() == wav()
    assert receive(wav()).duplicate
    with db.reading() as session:
        lines = session.exec(select(CallEvent.words).where(CallEvent.call_id == first.call.id)).all()
    assert lines == ["", PUT_BACK], "once"


def test_what_retention_removed_stays_away():
    first = receive(wav())
    with db.writing() as session:
        session.get_one(Call, first.call.id).recording_gone_at = db.now()
    [place] = in_storage()
    place.unlink()
    assert receive(wav()).duplicate
    assert in_storage() == []


def test_a_duplicate_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch):
    receive(wav())
    monkeypatch.setattr(children, "run", lambda *_args, **_kwargs: pytest.fail("looked at again"))
    assert receive(wav()).duplicate


def test_eight_senders_of_the_same_bytes_at_once_make_one_call():
    start, answers, asked = Barrier(8), [], []

    def send() -> None:
        start.wait()
        answers.append(receive(wav(), ask=lambda call, _run: asked.append(call.id)))

    threads = [Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.duplicate for answer in answers) == [False] + [True] * 7
    assert {answer.call.id for answer in answers} == set(asked)
    assert len(asked) == 1
    assert (in_database(), [path.name for path in in_storage()]) == ((1, 1, 1), asked)


def both_found_nothing(monkeypatch: pytest.MonkeyPatch, answers: list) -> None:
    """Let the first look-up of each intake find nothing, as when two arrive at once."""
    real = intake.same_bytes
    monkeypatch.setattr(intake, "same_bytes", lambda *asked: answers.pop(0) if answers else real(*asked))


def test_who_comes_second_at_the_very_last_moment_is_answered_with_the_first(monkeypatch: pytest.MonkeyPatch):
    first = receive(wav())
    both_found_nothing(monkeypatch, [None])
    again = receive(wav())
    assert (again.duplicate, again.call.id) == (True, first.call.id)
    assert (in_database(), len(in_storage())) == ((1, 1, 1), 1)


def test_a_first_call_deleted_at_the_same_moment_is_said_in_words(monkeypatch: pytest.MonkeyPatch):
    receive(wav())
    both_found_nothing(monkeypatch, [None, None])
    with pytest.raises(Refused, match=r"has just been deleted\. Upload it again"):
        receive(wav())
    assert (in_database(), len(in_storage())) == ((1, 1, 1), 1)


def test_a_duplicate_does_not_disturb_a_call_at_work():
    first = receive(wav())
    work = runs.claim(1, 1, BY_NAME)
    assert isinstance(work, Work)
    again: Received = receive(wav())
    assert (again.call.id, again.call.status) == (first.call.id, CallStatus.TRANSCRIBING)
    with db.writing() as session:
        work.hold(session, waiting_for="still ours")
