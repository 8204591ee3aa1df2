"""What intake refuses, in words, and leaves no trace of."""

from collections.abc import Iterator

import pytest

from config import settings
from pipeline import children
from pipeline.sound.contract import Flaw
from pipeline.storage import StorageAway
from records import db
from records.calls import Call
from tests.broken_audio import foreign, soundless
from tests.pipeline.arriving import here, nothing_left, receive, refusal, wav

pytestmark = pytest.mark.usefixtures("campaign")


@pytest.fixture
def near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "run", here)


@pytest.mark.parametrize("name", foreign())
def test_what_is_no_recording_is_refused_and_leaves_nothing(near, name: str):
    assert refusal(lambda: receive(foreign()[name], filename=f"{name}.wav")).code in {Flaw.NOT_AUDIO, Flaw.CUT_SHORT}


@pytest.mark.parametrize("name", soundless())
def test_what_has_no_sound_is_refused_and_leaves_nothing(near, name: str):
    assert refusal(lambda: receive(soundless()[name])).code in {Flaw.NO_AUDIO_TRACK, Flaw.NOT_AUDIO}


@pytest.mark.parametrize("blocks", [[], [b""], [b"", b""]])
def test_no_bytes_are_refused(near, blocks: list[bytes]):
    error = refusal(lambda: receive(iter(blocks)))
    assert (error.code, str(error)) == (
        "empty",
        "This file is empty (0 bytes). Export it again from the recording system.",
    )


def test_a_cut_recording_is_refused_unless_the_sender_knows(near):
    cut = wav(seconds=2)[:20_000]
    assert refusal(lambda: receive(cut)).code == Flaw.CUT_SHORT
    assert receive(cut, accept_truncated=True).call.accept_truncated


@pytest.mark.parametrize(("over", "taken"), [(0, True), (1, False)])
def test_the_limit_is_the_largest_that_is_taken(near, monkeypatch, over: int, taken: bool):
    data = wav()
    monkeypatch.setenv("TOTALVIEW_MAX_UPLOAD_BYTES", str(len(data) - over))
    settings.cache_clear()
    if taken:
        assert receive(data).call.size == len(data)
    else:
        error = refusal(lambda: receive(data))
        assert (error.code, str(error)) == ("too_large", "This file is larger than the limit of 8,077 bytes set here.")


def test_a_stream_over_the_limit_is_not_read_to_its_end(near, monkeypatch):
    monkeypatch.setenv("TOTALVIEW_MAX_UPLOAD_BYTES", "1000000")
    settings.cache_clear()
    read = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(1)
            yield bytes(100_000)

    assert refusal(lambda: receive(endless())).code == "too_large"
    assert len(read) == 11


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"external_id": "x" * 256}, "The external id may have at most 255 characters"),
        ({"external_id": "a\x00b"}, "none of them control characters"),
        ({"details": {"a": float("nan")}}, "The metadata cannot be kept as JSON"),
        ({"details": {"a": float("inf")}}, "The metadata cannot be kept as JSON"),
        ({"details": {"a": b"bytes"}}, "The metadata cannot be kept as JSON"),
        ({"details": {"a": "\ud800"}}, "The metadata cannot be kept as JSON"),
    ],
    ids=repr,
)
def test_facts_that_no_database_takes_are_refused_before_the_first_byte(near, facts: dict, words: str):
    def unread() -> Iterator[bytes]:
        pytest.fail("a byte was read")
        yield b""

    error = refusal(lambda: receive(unread(), **facts))
    assert error.code == "bad_metadata"
    assert words in str(error)


def test_facts_at_their_limits_are_taken_by_both_databases(database: str, near):
    call = receive(wav(), external_id="x" * 255, details={"a\x00": ["\x00", "🎧"]}, filename="🎧" * 300).call
    with db.reading() as session:
        assert session.get_one(Call, call.id).details == {"a\x00": ["\x00", "🎧"]}


@pytest.mark.parametrize("error", [children.ChildDied("killed"), children.ChildTimedOut("too slow")])
def test_a_file_that_kills_its_reader_is_refused(monkeypatch, error: Exception):
    def broken(*_args: object, **_kwargs: object) -> None:
        raise error

    monkeypatch.setattr(children, "run", broken)
    refused = refusal(lambda: receive(wav()))
    assert (refused.code, "reading it broke off" in str(refused)) == ("not_audio", True)


def test_a_machine_that_can_start_no_reader_blames_no_file(monkeypatch):
    def broken(*_args: object, **_kwargs: object) -> None:
        raise children.ChildNotStarted("No process could be started for the work.")

    monkeypatch.setattr(children, "run", broken)
    with pytest.raises(StorageAway, match=r"could not be looked at just now.*Try again later"):
        receive(wav())
    assert nothing_left()
