"""Renditions are made once, kept beside the original, and used where the original could not be read."""

from datetime import timedelta
from pathlib import Path

import pytest

from pipeline import children, intake, orphans, renditions, transcription
from pipeline.intake import Arrival
from pipeline.storage import recording_key, rendition_key, storage
from records.access import COMMAND_LINE
from records.calls import Call
from records.statuses import Source
from tests.audio import encode, gsm, speech
from tests.pipeline.arriving import here


@pytest.fixture(autouse=True)
def _here(campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "run", here)


def arrived(data: bytes, name: str = "call.wav") -> Call:
    return intake.receive(COMMAND_LINE, Arrival("support", name, [data], Source.BULK_JOB), lambda *_: None).call


def plain() -> bytes:
    samples, rate, _ = speech()
    return encode(samples[:, : 4 * rate], rate, "wav")


def sent(call: Call, to: str) -> bytes:
    """What a transcriber would be sent."""
    with transcription.recording(call, to)() as path:
        return path.read_bytes()


@pytest.mark.parametrize("to", ["assemblyai", "deepgram", "local"])
def test_a_common_recording_goes_as_it_came(to):
    call = arrived(plain())
    assert sent(call, to) == plain()


@pytest.mark.parametrize(("to", "flac"), [("assemblyai", True), ("deepgram", True), ("local", False)])
def test_one_that_few_read_goes_as_flac_to_others(to, flac):
    assert (sent(arrived(gsm()), to)[:4] == b"fLaC") is flac


def test_one_that_is_too_large_for_a_provider_goes_as_flac():
    call = arrived(plain())
    call.size = 2_200_000_001
    assert sent(call, "assemblyai")[:4] == b"fLaC"


def test_it_is_made_once(monkeypatch: pytest.MonkeyPatch):
    call, made = arrived(gsm()), []
    real = renditions.render
    monkeypatch.setattr(renditions, "render", lambda *args: made.append(args) or real(*args))
    first, second = sent(call, "deepgram"), sent(call, "assemblyai")
    assert (len(made), first == second) == (1, True)
    assert storage().size(rendition_key(call.id)) == len(first)


def test_nothing_is_left_in_scratch(home: Path):
    sent(arrived(gsm()), "deepgram")
    assert list((home / "scratch").iterdir()) == []


def test_a_rendition_that_cannot_be_made_leaves_none(monkeypatch: pytest.MonkeyPatch):
    call = arrived(gsm())
    monkeypatch.setattr(renditions, "render", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        sent(call, "deepgram")
    with pytest.raises(FileNotFoundError):
        storage().size(rendition_key(call.id))


def test_a_rendition_whose_call_is_gone_is_swept_and_others_stay(monkeypatch: pytest.MonkeyPatch):
    call = arrived(gsm())
    sent(call, "deepgram")
    lonely = rendition_key("f" * 32)
    with storage().write(lonely) as sink:
        sink.write(b"x")
    monkeypatch.setattr(orphans, "AGE", timedelta(seconds=-5))
    assert orphans.sweep(storage()) == 1
    assert [storage().size(key) > 0 for key in (recording_key(call.id), rendition_key(call.id))] == [True, True]
    with pytest.raises(FileNotFoundError):
        storage().size(lonely)
