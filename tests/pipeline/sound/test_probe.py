"""What the first look finds in every format, whatever the file is called."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.sound.contract import NotARecording
from pipeline.sound.probe import probe
from tests import audio, broken_audio

Store = Callable[[bytes], Path]

TWO_WAYS = [name for name, form in audio.FORMATS.items() if form.channels is None]
STATES_NO_LENGTH_RIGHT = {"vorbis", "mp3_vbr_bare"}  # the first encoder is an experiment, the second has no header


@pytest.mark.parametrize("name", audio.FORMATS)
def test_every_format_is_recognised_by_its_bytes(stored: Store, name: str) -> None:
    form = audio.FORMATS[name]
    channels = form.channels or 2
    found = probe(stored(audio.encode(audio.tone(3, channels=channels), 16_000, name)))
    assert found.codec == form.codec
    assert found.channels == channels
    assert found.exact == form.exact
    assert found.notes == ()


@pytest.mark.parametrize("name", TWO_WAYS)
def test_one_channel_is_seen_as_one(stored: Store, name: str) -> None:
    assert probe(stored(audio.encode(audio.tone(2), 16_000, name))).channels == 1


@pytest.mark.parametrize("name", sorted(audio.FORMATS.keys() - STATES_NO_LENGTH_RIGHT))
def test_the_stated_length_is_read(stored: Store, name: str) -> None:
    channels = audio.FORMATS[name].channels or 1
    found = probe(stored(audio.encode(audio.noise(4, channels=channels), 16_000, name)))
    assert found.stated_ms == pytest.approx(4000, abs=100 if name != "aac" else 400)


def test_gsm_is_recognised(stored: Store) -> None:
    found = probe(stored(audio.gsm()))
    assert (found.codec, found.channels, found.sample_rate, found.stated_ms) == ("gsm_ms", 1, 8000, 8000)


@pytest.mark.parametrize("rate", [8000, 11_025, 22_050, 44_100, 48_000, 96_000])
def test_the_rate_is_the_decoded_one(stored: Store, rate: int) -> None:
    assert probe(stored(audio.encode(audio.tone(1, rate=rate), rate, "flac"))).sample_rate == rate


@pytest.mark.parametrize("name", ["call.mp3", "call.txt", "call", "", "📞 rückruf %41:+.wav", "x" * 255])
def test_the_name_decides_nothing(stored: Store, name: str) -> None:
    wav = stored(audio.pcm_wav(audio.tone(1), 16_000))
    assert probe(wav, name_hint=name).codec == "pcm_s16le"


@pytest.mark.parametrize("name", ["a:b.wav", "%00.mp3", "конференция 📞.wav", "concat:a|b", "-i", "data:audio"])
def test_the_path_decides_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(audio.encode(audio.tone(1), 16_000, "flac"))
    assert probe(path).codec == "flac"


@pytest.mark.parametrize("channels", [6, 8])
@pytest.mark.parametrize("name", ["wav", "wav_float", "flac"])
def test_many_channels_are_counted(stored: Store, name: str, channels: int) -> None:
    assert probe(stored(audio.encode(audio.noise(1, channels=channels), 16_000, name))).channels == channels


@pytest.mark.parametrize("make", [broken_audio.piped_wav, broken_audio.unfilled_wav])
def test_a_recorder_that_never_filled_in_the_length_is_accepted(stored: Store, make: Callable[[], bytes]) -> None:
    found = probe(stored(make()))
    assert found.codec == "pcm_s16le"
    assert not found.exact


@pytest.mark.parametrize(
    ("ending", "container", "codec", "rate"),
    [("ulaw", "mulaw", "pcm_mulaw", 8000), ("alaw", "alaw", "pcm_alaw", 8000), ("sln", "s16le", "pcm_s16le", 8000)],
)
def test_sound_without_a_header_is_taken_by_its_name(
    stored: Store, ending: str, container: str, codec: str, rate: int
) -> None:
    wav = {"ulaw": "wav_mulaw", "alaw": "wav_alaw", "sln": "wav"}[ending]
    samples = audio.encode(audio.noise(3, rate=rate), rate, wav)[-3 * rate * (2 if ending == "sln" else 1) :]
    found = probe(stored(samples), name_hint=f"out-4165551234.{ending.upper()}")
    assert (found.container, found.codec, found.sample_rate, found.channels) == (container, codec, rate, 1)
    assert ending in found.notes[0]
    with pytest.raises(NotARecording):
        probe(stored(samples), name_hint="out-4165551234")


@pytest.mark.parametrize("ending", ["ulaw", "alaw", "sln", "g722", "g729"])
def test_other_files_are_not_taken_for_sound_without_a_header(stored: Store, ending: str) -> None:
    """Any bytes at all would decode as such."""
    foreign = broken_audio.foreign()
    others = [foreign["html"] * 100, foreign["zip"], foreign["pdf"], foreign["m4a without its index"], audio.picture()]
    for data in [*others, audio.encode(audio.tone(1), 16_000, "flac")[:30]]:
        with pytest.raises(NotARecording):
            probe(stored(data), name_hint=f"call.{ending}")


def test_a_film_with_sound_is_taken_for_its_sound(stored: Store) -> None:
    found = probe(stored(audio.encode(audio.tone(2), 16_000, "mp4_video")))
    assert (found.codec, found.channels) == ("aac", 1)


def bytes_read() -> int:
    counters = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(counters["rchar"])


def test_of_a_large_file_only_little_is_read(stored: Store) -> None:
    path = stored(audio.pcm_wav(audio.silence(0, channels=2), 48_000)[:40] + (1_920_000_000).to_bytes(4, "little"))
    with path.open("rb+") as file:
        file.truncate(44 + 1_920_000_000)  # 10,000 s; a sparse file, which takes no room
    before = bytes_read()
    assert probe(path).stated_ms == 10_000_000
    assert bytes_read() - before < 20e6


def test_a_file_that_is_not_there_is_no_bad_recording(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probe(tmp_path / "nothing")
