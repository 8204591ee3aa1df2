"""What a campaign keeps for a time goes when it is over, and nothing else does."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel import select

from jobs import tasks
from pipeline import bulk_retry, deletion, orphans, reruns, retention, swapping, transcription, tryout
from pipeline.asking import first_look
from pipeline.deletion import delete_call
from pipeline.outcome import Done
from pipeline.sound.contract import Sound
from pipeline.storage import StorageAway, recording_key, rendition_key, storage
from pipeline.transcription import Heard
from records import bulk, call_text, campaigns, db
from records import retention as keeping
from records.access import COMMAND_LINE
from records.audit import AuditEntry
from records.calls import Call, CallEvent
from records.campaigns import Campaign, NotUsable
from records.identity import Identity, NotAllowed, NotFound
from records.results import CheckResult, StoredTranscript, Version
from records.retention import Kept, OnHold, Removal
from records.roles import Role
from records.runs import Run
from records.statuses import CallStatus, RunReason
from records.transcripts import Gone
from tests.conftest import CHECKS
from tests.pipeline.made import measured, transcript
from tests.pipeline.staging import SPOKEN, Play, call_of, drive, enter
from tests.records.made import stored_call


def keep(campaign: Campaign, *, recordings: int = 0, transcripts: int = 0) -> None:
    with db.writing() as session:
        wanted = campaigns.changes(keep_recordings_days=recordings, keep_transcripts_days=transcripts)
        campaigns.edit(session, COMMAND_LINE, campaign.slug, wanted)


def came(call_id: str, days: float) -> None:
    """As if it had come in so long ago."""
    with db.writing() as session:
        session.get_one(Call, call_id).created_at = db.now() - timedelta(days=days)


def now(call: Call) -> Call:
    with db.reading() as session:
        return session.get_one(Call, call.id)


def rows(table: Any) -> list[Any]:
    with db.reading() as session:
        return list(session.exec(select(table).order_by(table.id)))


def there(call: Call) -> set[str]:
    found = set()
    for key in (recording_key(call.id), rendition_key(call.id)):
        try:
            storage().size(key)
        except FileNotFoundError:
            continue
        found.add(key)
    return found


@pytest.fixture
def old(store: Campaign, play: Play) -> Call:
    """A Completed call of 40 days ago, with its objects."""
    look = enter(store)
    drive(look)
    call = call_of(look.run_id)
    for key in (recording_key(call.id), rendition_key(call.id)):
        with storage().write(key) as sink:
            sink.write(b"sound")
    came(call.id, 40)
    return now(call)


def test_nothing_goes_where_nothing_is_said(old: Call):
    assert retention.sweep() == 0
    assert len(there(old)) == 2
    assert now(old).transcripts_gone_at is None


@pytest.mark.parametrize(("days", "goes"), [(39, True), (41, False)])
def test_a_recording_goes_when_its_time_is_over_and_all_results_stay(
    old: Call, store: Campaign, days: int, *, goes: bool
):
    keep(store, recordings=days)
    before = (rows(Version), rows(CheckResult), rows(StoredTranscript))
    assert retention.sweep() == goes
    assert there(old) == (set() if goes else {recording_key(old.id), rendition_key(old.id)})
    assert (now(old).recording_gone_at is not None, now(old).score, now(old).status) == (goes, old.score, old.status)
    assert (rows(Version), rows(CheckResult), rows(StoredTranscript)) == before
    assert retention.sweep() == 0, "once"
    receipts = [(each.call_id, each.kept, each.days, each.receipt) for each in rows(Removal)]
    assert receipts == [(old.id, "recording", days, {"recordings": 1, "bytes": old.size})] * goes
    said = [each.words for each in rows(CallEvent) if each.words.startswith("Removed")]
    assert said == [f"Removed: the recording ({old.size:,} bytes). This campaign keeps recordings for 39 days."] * goes


def test_what_was_said_goes_and_scores_and_figures_stay(old: Call, store: Campaign):
    keep(store, transcripts=30)
    figures, versions = [each.figures for each in rows(StoredTranscript)], rows(Version)
    verdicts = [(each.name, each.verdict, each.confidence) for each in rows(CheckResult)]
    assert any(each.evidence for each in rows(CheckResult))
    with db.reading() as session:
        assert session.exec(select(Call).where(call_text.holds("question"))).all()
    assert retention.sweep() == 1
    assert len(there(old)) == 2
    for table in (StoredTranscript, CheckResult, Run, call_text.CallText, Version):
        text = str([each.model_dump() for each in rows(table)]).lower()
        assert "i have a question" not in text, table
        assert "for calling, this call" not in text, table
    assert [each.figures for each in rows(StoredTranscript)] == figures
    assert [(each.name, each.verdict, each.confidence) for each in rows(CheckResult)] == verdicts
    assert rows(Version) == versions
    assert (now(old).score, now(old).flagged) == (old.score, old.flagged)
    with db.reading() as session:
        assert not session.exec(select(Call).where(call_text.holds("question"))).all()
    assert rows(Removal)[0].receipt.keys() == {"transcripts", "quotes"}


def test_failed_calls_are_included_and_unfinished_ones_wait(old: Call, store: Campaign):
    with db.writing() as session:
        failed = stored_call(session, store, status=CallStatus.FAILED)
        others = [
            stored_call(session, store, status=status)
            for status in (CallStatus.PENDING, CallStatus.TRANSCRIBING, CallStatus.ANALYZING)
        ]
    for call in (failed, *others):
        came(call.id, 400)
    keep(store, recordings=30, transcripts=30)
    assert retention.sweep() == 4  # of two calls, both
    assert now(failed).recording_gone_at is not None
    assert [now(call).recording_gone_at for call in others] == [None] * 3
    assert len(rows(Removal)) == 3, "a call that was never transcribed loses no words"


def test_a_sweep_goes_through_more_than_one_handful(store: Campaign, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    with db.writing() as session:
        calls = [stored_call(session, store, status=CallStatus.COMPLETED) for _ in range(7)]
    for call in calls:
        came(call.id, 50)
    monkeypatch.setattr(retention, "clear_shelf", lambda _call_id: None)
    with db.writing() as session:
        session.get_one(Call, calls[2].id).held_at = db.now()
    keep(store, recordings=30)
    assert retention.sweep() == 6


def test_one_that_is_run_again_in_that_moment_is_left_to_the_next_sweep(old: Call, store: Campaign, play: Play):
    keep(store, recordings=30)
    look = first_look(reruns.rerun(COMMAND_LINE, old.id, RunReason.RUN_ANALYSIS)[1])
    assert not retention.remove(old.id, Kept.RECORDING)
    drive(look)
    assert retention.remove(old.id, Kept.RECORDING)
    assert not retention.remove("0" * 32, Kept.RECORDING)


def test_what_storage_does_not_let_go_of_now_the_sweep_of_orphans_takes(
    old: Call, store: Campaign, monkeypatch: pytest.MonkeyPatch
):
    def away(_self: object, _key: str) -> None:
        raise StorageAway("Storage is away.")

    keep(store, recordings=30)
    with monkeypatch.context() as patch:
        patch.setattr(type(storage()), "delete", away)
        retention.sweep()
    assert len(there(old)) == 2
    monkeypatch.setattr(orphans, "AGE", timedelta(seconds=-5))
    orphans.sweep(storage())
    assert there(old) == set()


def test_the_hourly_sweep_does_it(old: Call, store: Campaign):
    keep(store, recordings=30)
    tasks.sweep_orphans()
    assert there(old) == set()


# --- what can be done with such a call


def test_a_call_without_recording_is_analysed_again_and_not_transcribed(old: Call, store: Campaign, play: Play):
    keep(store, recordings=30)
    retention.sweep()
    with pytest.raises(Gone, match="recording of this call was removed"):
        reruns.rerun(COMMAND_LINE, old.id, RunReason.RERUN_TRANSCRIPTION)
    assert now(old).status is CallStatus.COMPLETED
    drive(first_look(reruns.rerun(COMMAND_LINE, old.id, RunReason.RUN_ANALYSIS)[1]))
    assert now(old).version_number == 2


def test_a_call_without_words_is_neither_analysed_nor_swapped_nor_tried(old: Call, store: Campaign, play: Play):
    keep(store, transcripts=30)
    retention.sweep()
    for act in (
        lambda: reruns.rerun(COMMAND_LINE, old.id, RunReason.RUN_ANALYSIS),
        lambda: swapping.swap(COMMAND_LINE, old.id),
    ):
        with pytest.raises(Gone, match="transcript of this call was removed"):
            act()
    with pytest.raises(tryout.NotTried, match="keeps transcripts for a time"):
        tryout.tried(COMMAND_LINE, old.id, CHECKS[0])
    with db.reading() as session:
        assert tryout.calls(session, COMMAND_LINE, store.id or 0) == []
    with pytest.raises(Gone, match="keeps transcripts for 30 days"):
        reruns.rerun(COMMAND_LINE, old.id, RunReason.RERUN_TRANSCRIPTION)
    keep(store, transcripts=60)
    sound = Sound.model_construct(duration_ms=60_000)
    heard = Heard(sound, transcript(SPOKEN), measured(60, speech_s=10, longest_silence_s=4.0))
    play.acts.append(lambda _work: Done(partial(transcription._store, heard)))
    drive(first_look(reruns.rerun(COMMAND_LINE, old.id, RunReason.RERUN_TRANSCRIPTION)[1]))
    assert (now(old).version_number, now(old).transcripts_gone_at) == (2, None)
    keep(store, transcripts=30)
    assert retention.sweep() == 1, "the new transcript is over its time too"


def test_a_bulk_job_s_retry_passes_over_what_has_no_recording(store: Campaign):
    with db.writing() as session:
        job = bulk.create(session, COMMAND_LINE, store.slug, expected=1)
        call = stored_call(session, store, status=CallStatus.FAILED, error_code="worker", recording_gone_at=db.now())
        bulk.note_call(session, job.id or 0, "a.wav", call.id, duplicate=False)
    with pytest.raises(reruns.Busy):
        bulk_retry.retry(COMMAND_LINE, job.id or 0, "worker", lambda _look: None)
    assert now(call).status is CallStatus.FAILED


def test_a_deleted_call_takes_its_receipts_with_it(old: Call, store: Campaign):
    keep(store, recordings=30)
    retention.sweep()
    delete_call(COMMAND_LINE, old.id)
    assert rows(Removal) == []


# --- legal hold

CARLA = Identity(None, Role.COMPLIANCE_OFFICER, "carla@example.org")


def test_a_held_call_keeps_all_of_it_and_is_not_deleted(old: Call, store: Campaign):
    keep(store, recordings=30, transcripts=30)
    with db.writing() as session:
        keeping.hold(session, CARLA, old.id, why=" Matter\n12 ")
        keeping.hold(session, COMMAND_LINE, old.id, why="again changes nothing")
    assert retention.sweep() == 0
    assert not retention.remove(old.id, Kept.RECORDING)
    assert (now(old).held_by, now(old).held_why) == ("carla@example.org", "Matter 12")
    with pytest.raises(OnHold, match="legal hold"):
        delete_call(COMMAND_LINE, old.id)
    with db.writing() as session:
        keeping.end_hold(session, CARLA, old.id)
        keeping.end_hold(session, CARLA, old.id)
    assert retention.sweep() == 2
    assert [(each.act, each.by) for each in rows(AuditEntry) if "hold" in each.act] == [
        ("call.hold", "carla@example.org"),
        ("call.end_hold", "carla@example.org"),
    ]


@pytest.mark.parametrize("role", [Role.AGENT, Role.MANAGER, Role.SENIOR_MANAGER])
def test_nobody_else_holds_a_call_or_ends_a_hold(desk: Campaign, role: Role):
    call = call_of(enter(desk).run_id)
    somebody = Identity(None, role, "x", campaign_ids=frozenset({call.campaign_id}))
    for act in (keeping.hold, keeping.end_hold):
        with pytest.raises((NotFound, NotAllowed)), db.writing() as session:
            act(session, somebody, call.id)
    assert now(call).held_at is None


@pytest.mark.parametrize("days", [-1, 36_501])
def test_a_time_that_cannot_be_is_refused(days: int):
    with pytest.raises(NotUsable, match="keep recordings days"):
        campaigns.changes(keep_recordings_days=days)


def test_the_shelf_is_cleared_after_the_database_has_said_so(old: Call, store: Campaign, monkeypatch):
    monkeypatch.setattr(deletion, "storage", lambda: 1 / 0)
    monkeypatch.setattr(retention, "note", lambda *_args, **_facts: 1 / 0)
    keep(store, recordings=30)
    with pytest.raises(ZeroDivisionError):
        retention.sweep()
    assert len(there(old)) == 2
    assert now(old).recording_gone_at is None
