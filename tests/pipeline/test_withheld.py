"""Redaction turned on later: what was made without it is withheld everywhere, and comes back when it is turned off."""

from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import select

from pipeline import bulk_retry, catching_up, conductor, many, requeue, reruns, swapping, tryout
from pipeline.asking import first_look
from pipeline.many import Act
from pipeline.report import report
from pipeline.tryout import NotTried
from records import bulk, call_list, call_record, campaigns, db, transcripts
from records.access import COMMAND_LINE
from records.call_filters import Filters
from records.call_text import CallText, UnreadCall
from records.calls import Call
from records.campaigns import Campaign
from records.checks import CheckSpec, PhraseRule
from records.results import CheckResult
from records.runs import Run
from records.statuses import CallStatus, RunReason
from records.transcripts import Withheld
from tests.pipeline.made import transcript
from tests.pipeline.staging import SPOKEN, Play, call_of, drive, enter, fails, versions
from tests.records.made import stored_campaign

GREETING = CheckSpec(name="Greeting", rule=PhraseRule(any=("thank you for calling",)))


def redact(campaign: Campaign, *, on: bool = True) -> None:
    """Past the question whether a transcriber here can do it."""
    with db.writing() as session:
        campaigns.edit(session, COMMAND_LINE, campaign.slug, campaigns.changes(redact=on))


@pytest.fixture
def old(store: Campaign, play: Play) -> Call:
    """A Completed call, transcribed without redaction."""
    look = enter(store)
    drive(look)
    return call_of(look.run_id)


def anew(call: Call, play: Play) -> Call:
    """Transcribed again, by somebody who redacts."""
    play.says = transcript(SPOKEN, redacted=True)
    _call, run = reruns.rerun(COMMAND_LINE, call.id, RunReason.RERUN_TRANSCRIPTION)
    drive(first_look(run))
    return call_of(run.id or 0)


def results(call: Call, number: int | None = None) -> tuple[str, list[str], bool]:
    """The words of a version, the quotes and reasons of its phrase checks, and whether it is withheld."""
    with db.reading() as session:
        record = call_record.find(session, COMMAND_LINE, call.id)
        found = call_record.result(session, record, number)
        assert found is not None
        words = " ".join(turn["text"] for turn in found.transcript.content["utterances"])
        quotes = [quote["quote"] for check in found.checks for quote in check.evidence]
        reasons = [check.reason for check in found.checks if check.kind != "metric"]
        return words, [*quotes, *filter(None, reasons)], found.transcript.withheld


def found(**wanted: Any) -> int:
    with db.reading() as session:
        return len(call_list.ids(session, COMMAND_LINE, Filters(**wanted), limit=10))


def test_words_quotes_and_reasons_are_withheld_and_come_back(store: Campaign, old: Call):
    before = results(old)
    assert "Thank you" in before[0]
    assert before[1]
    redact(store)
    assert results(old) == ("", [], True)
    with db.reading() as session:
        told = report(session, session.get_one(Call, old.id), file="a.wav")
        figures = transcripts.figures(session, versions(old)[0].transcript_id)
    assert (told["transcript"], [check["evidence"] for check in told["checks"] if check["evidence"]]) == ([], [])
    assert (told["score"], figures["longest_silence_s"]) == (100, 4.0), "what holds no words stays"
    assert [check["reason"] for check in told["checks"] if check["kind"] == "metric"] != [""]
    with db.reading() as session:
        assert all(row.evidence for row in session.exec(select(CheckResult)) if row.kind == "phrase"), "nothing is lost"
    redact(store, on=False)
    assert results(old) == before


def test_a_search_does_not_find_it(store: Campaign, old: Call, play: Play):
    assert (found(said="thank"), found(withheld=True)) == (1, 0)
    redact(store)
    assert (found(said="thank"), found(withheld=True)) == (0, 1)
    with db.reading() as session:
        assert call_list.shown_count(session, COMMAND_LINE, Filters(said="thank")) == (0, False)
    anew(old, play)
    assert (found(said="thank"), found(withheld=True)) == (1, 0)


def test_what_very_many_say_is_not_counted_where_it_is_withheld(store: Campaign, old: Call, monkeypatch):
    drive(enter(store))
    monkeypatch.setattr("records.call_text.COMMON", 1)
    with db.reading() as session:
        assert call_list.shown_count(session, COMMAND_LINE, Filters(said="thank")) == (1, True)
    redact(store)
    with db.reading() as session:
        assert call_list.shown_count(session, COMMAND_LINE, Filters(said="thank")) == (0, True)
    assert found(said="thank") == 0


def test_a_rerun_makes_a_redacted_version_and_the_earlier_one_stays_withheld(store: Campaign, old: Call, play: Play):
    redact(store)
    now = anew(old, play)
    assert (now.redacted, now.status, now.version_number) == (True, CallStatus.COMPLETED, 2)
    assert "Thank you" in results(now)[0]
    assert results(now, 1) == ("", [], True)


def test_what_comes_in_with_redaction_on_is_not_withheld(store: Campaign, play: Play):
    redact(store)
    play.says = transcript(SPOKEN, redacted=True)
    look = enter(store)
    drive(look)
    assert results(call_of(look.run_id))[2] is False
    assert found(said="thank") == 1


def test_no_check_is_judged_on_it(store: Campaign, old: Call):
    redact(store)
    for act in (
        lambda: reruns.rerun(COMMAND_LINE, old.id, RunReason.RUN_ANALYSIS),
        lambda: swapping.swap(COMMAND_LINE, old.id),
    ):
        with pytest.raises(Withheld, match="Rerun Transcription makes a redacted one"):
            act()
    with pytest.raises(NotTried, match="before redaction was turned on"):
        tryout.tried(COMMAND_LINE, old.id, GREETING)
    with db.reading() as session:
        assert tryout.calls(session, COMMAND_LINE, store.id or 0) == []
        assert not call_record.find(session, COMMAND_LINE, old.id).can_be_judged
    outcome = many.run(COMMAND_LINE, Act.RUN_ANALYSIS, [old.id], lambda *_: None, lambda _: None)
    assert (outcome.done, dict(outcome.passed_over)) == (0, {many.REASONS[Withheld]: 1})
    redact(store, on=False)
    assert tryout.tried(COMMAND_LINE, old.id, GREETING).evidence
    with db.reading() as session:
        assert call_record.find(session, COMMAND_LINE, old.id).can_be_judged


@pytest.mark.parametrize("stages_done", [1, 2])
def test_a_call_on_its_way_stops_in_words_before_anything_is_judged(store: Campaign, play: Play, stages_done: int):
    again = enter(store)
    for _stage in range(stages_done):
        again = conductor.step(again.run_id, again.ticket)
    redact(store)
    assert "before redaction was turned on" in fails(again)
    call = call_of(again.run_id)
    assert (call.status, call.error_code, versions(call)) == (CallStatus.FAILED, "withheld", [])
    assert anew(call, play).status is CallStatus.COMPLETED


def test_a_swapped_transcript_is_as_redacted_as_its_source(store: Campaign, old: Call, play: Play):
    redact(store)
    anew(old, play)
    _call, run = swapping.swap(COMMAND_LINE, old.id)
    drive(first_look(run))
    assert call_of(run.id or 0).redacted
    assert results(old)[2] is False


def failed_in_analysis(store: Campaign) -> tuple[Call, Any]:
    again = enter(store)
    again = conductor.step(again.run_id, again.ticket)
    redact(store)
    fails(again)
    return call_of(again.run_id), again


def test_a_requeue_transcribes_it_anew(store: Campaign, play: Play):
    _call, again = failed_in_analysis(store)
    assert requeue.after_failure(again.run_id, again.ticket).stage == "transcription"


def test_trying_a_bulk_job_again_transcribes_it_anew(store: Campaign, play: Play):
    with db.writing() as session:
        job = bulk.create(session, COMMAND_LINE, store.slug, expected=1)
    call, _again = failed_in_analysis(store)
    with db.writing() as session:
        bulk.note_call(session, job.id or 0, call.filename, call.id, duplicate=False)
    asked: list[Any] = []
    assert bulk_retry.retry(COMMAND_LINE, job.id or 0, "withheld", asked.append) == 1
    assert [again.stage for again in asked] == ["transcription"]
    with db.reading() as session:
        assert session.get_one(Run, asked[0].run_id).transcript_id is None


def test_the_index_of_words_is_made_anew_of_what_is_withheld_too(store: Campaign, old: Call):
    redact(store)
    with db.writing() as session:
        session.delete(session.exec(select(CallText)).one())
        session.add(UnreadCall(call_id=old.id))
    assert catching_up.index_texts(5) == 1
    assert found(said="thank") == 0
    redact(store, on=False)
    assert found(said="thank") == 1


def test_how_many_calls_are_concerned_is_read_off_an_index(store: Campaign, old: Call, play: Play):
    with db.reading() as session:
        assert transcripts.how_many(session, store.id or 0) == 1
    redact(store)
    enter(store)
    anew(old, play)
    with db.reading() as session:
        assert transcripts.how_many(session, store.id or 0) == 0, "neither one without a version nor a redacted one"


@pytest.mark.parametrize(
    ("number", "words"), [(1, "1 call"), (1200, "1,200 calls"), (10_001, "more than 10,000 calls")]
)
def test_a_number_of_calls_in_words(number: int, words: str):
    assert transcripts.counted(number) == words


@pytest.mark.usefixtures("about_sqlite")
@pytest.mark.parametrize("slugs", [(), ("support",)])
def test_neither_their_number_nor_their_list_reads_other_calls(slugs: tuple[str, ...]):
    """On SQLite, where the plan can be asked for."""
    with db.writing() as session:
        campaign = stored_campaign(session, "Support")
        campaign.redact = True
    wanted = Filters(withheld=True, campaigns=frozenset(slugs))
    for ask in (
        lambda session: transcripts.how_many(session, 1),
        lambda session: call_list.ids(session, COMMAND_LINE, wanted, limit=10),
        lambda session: call_list.count(session, COMMAND_LINE, wanted),
    ):
        with db.reading() as session:
            connection, asked = session.connection(), []
            event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2:4]))  # noqa: B023  used within the round
            ask(session)
            statement, values = asked[-1]
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        assert any("ix_call_campaign_unredacted" in step[-1] for step in plan), plan


def test_where_no_campaign_redacts_nothing_is_withheld_and_nothing_looked_through(old: Call):
    with db.reading() as session:
        assert call_list.ids(session, COMMAND_LINE, Filters(withheld=True), limit=10) == []
        assert call_list.count(session, COMMAND_LINE, Filters(withheld=True)) == 0
