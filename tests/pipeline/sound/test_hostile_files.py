"""Whatever bytes arrive: a child answers with a recording or with NotARecording, and nothing else comes out."""

import functools
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline import children
from pipeline.sound.contract import Flaw, NotARecording, Probe, Sound
from pipeline.sound.decode import listen
from pipeline.sound.probe import probe
from tests import audio, broken_audio

Answer = TypeVar("Answer")

OTHERS = ("m4a_faststart", "flac", "wma", "webm", "amr", "aac", "caf")
BOUND_S = 60.0  # no file of these few bytes may take long

patiently = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.fixture(autouse=True, scope="module")
def _children() -> Iterator[None]:
    children.configure(workers=2)
    yield
    children.configure()


@functools.cache
def healthy(name: str) -> bytes:
    """Two seconds of sound in one of our formats."""
    if name == "gsm":
        return audio.gsm()
    return audio.encode(audio.noise(2, channels=audio.FORMATS[name].channels or 2), 16_000, name)


def answer(function: Callable[..., Answer], *args: object) -> Answer | NotARecording:
    """Anything but an answer or a refusal is raised."""
    try:
        return children.run(function, *args, timeout_s=BOUND_S)
    except NotARecording as refusal:
        return refusal


def looked_at(data: bytes, name_hint: str = "") -> list[Probe | Sound | NotARecording]:
    """What both looks say of these bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stored"
        path.write_bytes(data)
        answers = [answer(probe, path, False, name_hint), answer(listen, path, Path(folder), True, name_hint)]
    for refusal in answers:
        if isinstance(refusal, NotARecording):
            assert str(refusal).endswith(".")
            assert refusal.code in Flaw
    return answers


@patiently
@given(st.binary(max_size=4096), st.sampled_from(["", "call.mp3", "call.ulaw", "call.g722", "call.g729", "call.gsm"]))
@example(b"RIFF\xff\xff\xff\xffWAVE", "")
@example(b"OggS" + bytes(100), "")
@example(b"\0\0\0\x08ftyp" * 500, "")
@example(b"\0\0\0\x01ftyp" + b"\xff" * 8, "")
def test_bytes_by_chance(data: bytes, name_hint: str) -> None:
    looked_at(data, name_hint)


@patiently
@given(st.sampled_from([*audio.FORMATS, "gsm"]), st.data())
def test_healthy_files_with_bytes_changed(name: str, data: st.DataObject) -> None:
    """Mostly in the first kilobyte, where the headers stand and lies do most."""
    made = bytearray(healthy(name))
    places = st.one_of(st.integers(0, min(1024, len(made)) - 1), st.integers(0, len(made) - 1))
    for at, byte in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=20)):
        made[at] = byte
    looked_at(bytes(made))


@patiently
@given(st.sampled_from([*audio.FORMATS, "gsm"]), st.integers(0, 0xFFFFFFFF), st.integers(0, 300), st.booleans())
def test_healthy_files_with_a_number_in_the_header_changed(name: str, number: int, at: int, big: bool) -> None:
    made = bytearray(healthy(name))
    made[at : at + 4] = number.to_bytes(4, "big" if big else "little")
    looked_at(bytes(made))


@patiently
@given(st.sampled_from([*audio.FORMATS, "gsm"]), st.floats(0, 1), st.floats(0, 1))
def test_pieces_of_healthy_files(name: str, start: float, end: float) -> None:
    made = healthy(name)
    looked_at(made[int(start * len(made)) : int(end * len(made))])


@patiently
@given(st.lists(st.sampled_from(["mp3", "wav", "opus", "aac", "flac", "amr", "m4a_faststart"]), min_size=2, max_size=3))
def test_files_glued_together(names: list[str]) -> None:
    looked_at(b"".join(healthy(name) for name in names))


@pytest.mark.parametrize(
    "name",
    ["wav", "mp3", "opus", *(pytest.param(name, marks=pytest.mark.long) for name in OTHERS)],
)
def test_every_bad_rate_channel_and_length_in_the_header(name: str) -> None:
    """Each of the first places takes the numbers that break sums: 0, 1, all bits, the sign bit."""
    made = healthy(name)
    for at in range(0, min(160, len(made)), 4):
        for number in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\x80", b"\x80\0\0\0"):
            looked_at(made[:at] + number + made[at + 4 :])


def test_a_file_that_crashes_its_reader_fails_alone(tmp_path: Path) -> None:
    """Should a decoder ever crash, the next file is read by the next child."""
    path = tmp_path / "stored"
    path.write_bytes(healthy("wav"))
    with pytest.raises(children.ChildDied):
        children.run(os.abort, timeout_s=BOUND_S)
    assert children.run(probe, path, timeout_s=BOUND_S).codec == "pcm_s16le"


def test_a_long_playlist_of_itself_ends(tmp_path: Path) -> None:
    path = tmp_path / "stored"
    path.write_text("#EXTM3U\n" + f"#EXTINF:1,\n{path}\n" * 1000)
    with pytest.raises(NotARecording):
        children.run(probe, path, timeout_s=BOUND_S)


def test_broken_files_of_every_kind_are_answered() -> None:
    for data in (*broken_audio.foreign().values(), *broken_audio.soundless().values()):
        assert all(isinstance(refusal, NotARecording) for refusal in looked_at(data))
