import hashlib
import logging
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, select

from pipeline import children
from pipeline.incoming import BLOCK, blocks_of
from pipeline.intake import Refused, megabytes
from pipeline.sound.contract import Flaw, NotARecording
from pipeline.storage import StorageAway, recording_key, storage
from records import access, db
from records.access import Identity, NotFound
from records.agents import AgentAlias
from records.calls import Call, CallEvent
from records.campaigns import Campaign
from records.roles import Role
from records.runs import Run
from records.statuses import CallStatus, RunReason, Source
from tests.pipeline.arriving import here, in_database, in_storage, nothing_left, receive, refusal, wav
from tests.records import made

pytestmark = pytest.mark.usefixtures("campaign")


@pytest.fixture(autouse=True)
def _close_children() -> Iterator[None]:
    yield
    children.close()


@pytest.fixture
def near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "run", here)


# --- what comes in


def test_an_agent_who_was_merged_away_meanwhile_goes_on_under_the_other_name(near):
    with db.writing() as session:
        ada = made.agent(session, "Ada Moss")
        session.add(AgentAlias(alias="ext-7", agent_id=ada.id))
    received = receive([wav(seconds=1)], agent_id=4711, agent_given="ext-7")
    assert received.call.agent_id == ada.id
    assert receive([wav(1, seconds=1)], agent_id=4711, agent_given="nobody").call.agent_id is None


def test_a_recording_becomes_a_pending_call_with_its_bytes_and_facts(near, home: Path):
    data = wav(seconds=1)
    moment = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    received = receive(
        [data[:100], b"", data[100:]],
        called_at=moment,
        external_id="x-1",
        details={"Service": "gold"},
        source=Source.SFTP,
    )
    assert not received.duplicate
    with db.reading() as session:
        call = session.get_one(Call, received.call.id)
        event = session.exec(select(CallEvent)).one()
        run = session.exec(select(Run)).one()
    assert (call.status, call.source, call.size) == (CallStatus.PENDING, Source.SFTP, len(data))
    assert call.sha256 == hashlib.sha256(data).hexdigest()
    assert (call.container, call.codec, call.channels, call.sample_rate) == ("wav", "pcm_s16le", 1, 8000)
    assert (call.called_at, call.external_id, call.details) == (moment, "x-1", {"Service": "gold"})
    assert (call.duration_ms, call.version_number, call.run_number, call.filename) == (None, 0, 1, "call.wav")
    assert (event.was, event.became, event.by) == (None, "pending", "command line")
    assert (run.number, run.reason, run.stage, run.claim, run.ticket) == (
        1,
        RunReason.FIRST_RUN,
        "transcription",
        None,
        1,
    )
    assert [path.relative_to(home / "storage").as_posix() for path in in_storage()] == [recording_key(call.id)]
    assert in_storage()[0].read_bytes() == data


def test_a_child_looks_at_the_file():
    assert receive(wav()).call.codec == "pcm_s16le"


def test_who_asks_sees_the_call_committed(near):
    seen = []

    def ask(call: Call, run: Run) -> None:
        with db.reading() as session:
            seen.append((session.get_one(Call, call.id).status, session.get_one(Run, run.id).number))

    receive(wav(), ask=ask)
    assert seen == [(CallStatus.PENDING, 1)]


def test_a_queue_that_breaks_loses_no_call(near, caplog: pytest.LogCaptureFixture):
    def ask(_call: Call, _run: Run) -> None:
        raise ConnectionError("no queue")

    with caplog.at_level(logging.WARNING):
        received = receive(wav(), ask=ask)
    assert in_database() == (1, 1, 1)
    assert len(in_storage()) == 1
    assert f"Call {received.call.id} is in, and no worker could be asked" in caplog.text


def test_an_agent_and_an_uploader_are_kept(near, campaign: Campaign):
    with db.writing() as session:
        agent = made.agent(session, "Ann")
        user = made.person(session, Role.MANAGER, campaign)
        who = access.identity(session, user)
    call = receive(wav(), who=who, agent_id=agent.id).call
    assert (call.agent_id, call.uploader_id) == (agent.id, user.id)
    with db.reading() as session:
        assert session.exec(select(CallEvent)).one().by == user.email


# --- what breaks in the middle


@pytest.mark.parametrize("error", [ConnectionResetError, RuntimeError, KeyboardInterrupt, GeneratorExit, OSError])
def test_a_sender_that_breaks_off_leaves_nothing(near, error: type[BaseException]):
    def broken() -> Iterator[bytes]:
        yield wav()[:1000]
        raise error

    with pytest.raises(error):
        receive(broken())
    assert nothing_left()


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_a_program_that_ends_while_the_file_is_looked_at_leaves_nothing(monkeypatch, error: type[BaseException]):
    def ends(*_args: object, **_kwargs: object) -> None:
        raise error

    monkeypatch.setattr(children, "run", ends)
    with pytest.raises(error):
        receive(wav())
    assert nothing_left()


def test_a_file_that_is_not_there_is_told_apart_from_storage_that_is_away(near, tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        receive(blocks_of(tmp_path / "nowhere.wav"))
    assert nothing_left()


def test_storage_away_is_said_and_leaves_nothing(near, home: Path):
    (home / "storage").write_bytes(b"in the way")
    with pytest.raises(StorageAway, match="could not be stored"):
        receive(wav())
    assert in_database() == (0, 0, 0)


def test_what_cannot_be_deleted_hides_no_refusal_and_is_left_to_the_sweep(near, monkeypatch, caplog):
    def stuck(_shelf: object, _key: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pipeline.storage.Folder.delete", stuck)
    with pytest.raises(Refused, match="This file is empty"):
        receive(b"")
    assert "could not be deleted; the sweep of orphans will" in caplog.text


@pytest.mark.parametrize("broken", ["pipeline.intake.arrive", "pipeline.runs.begin"])
def test_a_database_that_breaks_takes_the_bytes_with_it(near, monkeypatch, broken: str):
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("away")

    monkeypatch.setattr(broken, fail)
    with pytest.raises(RuntimeError):
        receive(wav())
    assert nothing_left()


def test_a_database_that_breaks_off_in_its_commit_may_have_the_call_and_keeps_its_bytes(near, monkeypatch):
    real = db.writing

    @contextmanager
    def unanswered() -> Iterator[Session]:
        with real() as session:
            yield session
        raise OperationalError("COMMIT", None, Exception("server closed the connection unexpectedly"))

    with monkeypatch.context() as patch:
        patch.setattr(db, "writing", unanswered)
        with pytest.raises(OperationalError):
            receive(wav())
    again = receive(wav())
    assert again.duplicate
    assert storage().size(recording_key(again.call.id)) == again.call.size


def test_an_agent_who_goes_in_the_very_moment_is_no_duplicate(near, monkeypatch):
    monkeypatch.setattr("pipeline.intake.agents.still", lambda _session, agent_id, _given: agent_id)
    with pytest.raises(IntegrityError):
        receive(wav(), agent_id=999)
    assert nothing_left()


def test_a_call_date_without_zone_is_refused_and_leaves_nothing(near):
    with pytest.raises(Exception, match=r"(?i)naive|timezone|tzinfo|aware"):
        receive(wav(), called_at=datetime(2026, 1, 1))  # noqa: DTZ001  the mistake under test
    assert nothing_left()


# --- whose campaign


@pytest.mark.parametrize("role", [Role.AGENT, Role.MANAGER])
@pytest.mark.parametrize("slug", ["support", "nowhere", "", "\x00"])
def test_a_campaign_that_is_not_yours_takes_no_byte(near, role: Role, slug: str):
    def unread() -> Iterator[bytes]:
        pytest.fail("a byte was read")
        yield b""

    who = Identity(user_id=None, role=role, label="somebody")
    with pytest.raises(NotFound, match="There is no campaign"):
        receive(unread(), who=who, campaign=slug)
    assert nothing_left()


# --- sizes


def test_memory_does_not_grow_with_the_stream(monkeypatch, capsys: pytest.CaptureFixture[str]):
    """300 MB pass through; what they are does not matter, so the probe is left out."""

    def no_look(*_args: object, **_kwargs: object) -> None:
        raise NotARecording(Flaw.NOT_AUDIO, "Only the streaming is looked at.")

    monkeypatch.setattr(children, "run", no_look)
    tracemalloc.start()
    refusal(lambda: receive(bytes(1 << 20) for _ in range(300)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    with capsys.disabled():
        print(f" [300 MB taken in within {peak / 1e6:.1f} MB]", end="")  # noqa: T201  a figure to read
    assert peak < 20e6


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (99_999, "99,999 bytes"), (100_000, "0.1 MB"), (5_250_000, "5.2 MB"), (2_000_000_000, "2.0 GB")],
)
def test_sizes_in_words(size: int, words: str):
    assert megabytes(size) == words


def test_blocks_are_a_megabyte_at_most(tmp_path: Path):
    (tmp_path / "f").write_bytes(bytes(2_500_000))
    assert [len(block) for block in blocks_of(tmp_path / "f")] == [BLOCK, BLOCK, 402_848]
