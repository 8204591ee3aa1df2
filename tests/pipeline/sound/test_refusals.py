"""What is no recording is refused with its code, and with words that say what to do."""

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.sound.contract import Flaw, NotARecording
from pipeline.sound.decode import listen
from pipeline.sound.probe import probe
from tests import audio, broken_audio

Store = Callable[[bytes], Path]


def refused(path: Path, name_hint: str = "") -> NotARecording:
    """Both looks must refuse it, and for the same reason."""
    with pytest.raises(NotARecording) as first:
        probe(path, name_hint=name_hint)
    with pytest.raises(NotARecording) as second:
        listen(path, None, name_hint=name_hint)
    assert first.value.code == second.value.code
    return first.value


def test_an_empty_file(stored: Store) -> None:
    error = refused(stored(b""))
    assert error.code == Flaw.EMPTY
    assert str(error) == "This file is empty (0 bytes). Export it again from the recording system."


@pytest.mark.parametrize("name", [n for n in broken_audio.foreign() if n != "m4a without its index"])
@pytest.mark.parametrize("hint", ["", "call.mp3", "call.wav"])
def test_what_is_no_sound_is_refused_whatever_its_name(stored: Store, name: str, hint: str) -> None:
    error = refused(stored(broken_audio.foreign()[name]), hint)
    assert error.code == Flaw.NOT_AUDIO
    assert str(error).startswith("This file is not a recording: it ")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("html", "is a web page; perhaps the download that made it asked for a sign-in"),
        ("text", "is text"),
        ("csv", "is text"),
        ("zip", "unpack it and upload the recordings in it"),
        ("pdf", "is a PDF document"),
        ("noise", "holds nothing that can be decoded as sound"),
    ],
)
def test_the_words_say_what_the_file_is(stored: Store, name: str, words: str) -> None:
    assert words in str(refused(stored(broken_audio.foreign()[name])))


def test_a_picture(stored: Store) -> None:
    error = refused(stored(audio.picture()))
    assert error.code == Flaw.NOT_AUDIO
    assert "picture (PNG)" in str(error)


@pytest.mark.parametrize("name", ["mp4_video", "webm_video"])
def test_a_film_without_sound(stored: Store, name: str) -> None:
    error = refused(stored(audio.film(name)))
    assert error.code == Flaw.NO_AUDIO_TRACK
    assert "no audio track" in str(error)
    assert "Export it with its sound" in str(error)


@pytest.mark.parametrize("name", ["wav", "wav_mulaw", "aiff", "flac"])
def test_a_recording_of_no_samples(stored: Store, name: str) -> None:
    error = refused(stored(audio.encode(audio.silence(0), 16_000, name)))
    assert error.code == Flaw.ZERO_DURATION
    assert "no sound at all (0 seconds)" in str(error)


def test_a_plain_wav_of_no_samples(stored: Store) -> None:
    assert refused(stored(broken_audio.zero_wav())).code == Flaw.ZERO_DURATION


@pytest.mark.parametrize("rate", [1, 100, 3_999, 768_001, 2_000_000_000])
def test_a_sample_rate_that_no_call_has(stored: Store, rate: int) -> None:
    error = refused(stored(broken_audio.wav_with(rate=rate)))
    assert error.code == Flaw.IMPLAUSIBLE
    assert f"{rate:,} Hz" in str(error)


def test_more_channels_than_any_recorder_has(stored: Store) -> None:
    wav = bytearray(audio.pcm_wav(audio.tone(3), 16_000))
    wav[22:24] = (200).to_bytes(2, "little")
    wav[32:34] = (400).to_bytes(2, "little")
    error = refused(stored(bytes(wav)))
    assert error.code in (Flaw.IMPLAUSIBLE, Flaw.NOT_AUDIO)


def test_a_few_bytes_that_happen_to_look_like_mpeg_sound(stored: Store) -> None:
    """Terminal descriptions do; without a header, nothing under a tenth of a second is believed."""
    frame = b"\xff\xff\x10\x00" + bytes(28)  # layer I, 8 ms
    with pytest.raises(NotARecording) as refused_at_once:
        probe(stored(3 * frame))
    assert refused_at_once.value.code == Flaw.NOT_AUDIO
    assert probe(stored(40 * frame)).codec == "mp1"


def test_a_codec_that_nobody_can_decode(stored: Store) -> None:
    wav = bytearray(audio.pcm_wav(audio.tone(3), 16_000))
    wav[20:22] = b"\xee\xee"  # a format tag that means nothing
    error = refused(stored(bytes(wav)))
    assert error.code == Flaw.NOT_AUDIO
    assert "Export it as WAV or MP3" in str(error)


def test_a_playlist_cannot_make_another_file_be_read(stored: Store) -> None:
    """Each names a real recording of this machine by its absolute path."""
    secret = stored(audio.pcm_wav(audio.tone(3), 16_000))
    for name, data in broken_audio.playlist(secret).items():
        error = refused(stored(data), f"call.{name}")
        assert error.code == Flaw.NOT_AUDIO, name


@pytest.mark.parametrize("name", ["m3u8", "concat"])
def test_a_playlist_is_called_one(stored: Store, name: str) -> None:
    error = refused(stored(broken_audio.playlist(Path("/calls/1.wav"))[name]))
    assert "playlist, which only names recordings; upload the recordings themselves" in str(error)


@pytest.mark.parametrize("name", ["wav", "flac", "opus", "mp3", "wma", "webm"])
@pytest.mark.parametrize("size", [3, 5, 11, 20, 37])
def test_a_file_that_breaks_off_in_its_header(stored: Store, name: str, size: int) -> None:
    channels = audio.FORMATS[name].channels or 2
    error = refused(stored(audio.encode(audio.tone(1, channels=channels), 16_000, name)[:size]))
    assert error.code in (Flaw.NOT_AUDIO, Flaw.ZERO_DURATION, Flaw.CUT_SHORT)


def test_a_header_alone_is_called_by_its_format(stored: Store) -> None:
    assert "begins like a FLAC recording, but is damaged" in str(refused(stored(b"fLaC\0\0\0")))


def test_a_refusal_survives_the_way_out_of_a_child() -> None:
    error = pickle.loads(pickle.dumps(NotARecording(Flaw.EMPTY, "This file is empty.")))  # noqa: S301  our own
    assert (error.code, str(error)) == (Flaw.EMPTY, "This file is empty.")


def test_no_words_name_a_path_or_a_library(stored: Store) -> None:
    samples = [b"", *broken_audio.foreign().values(), audio.picture(), audio.film(), broken_audio.zero_wav()]
    for data in samples:
        path = stored(data)
        words = str(refused(path))
        assert str(path.parent) not in words
        assert path.name not in words
        assert "Error" not in words
        assert "ffmpeg" not in words.lower()
        assert words.endswith(".")
