"""The full decode: true length, layout, speech, and the samples left for the recogniser."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline import children
from pipeline.sound.contract import RATE, Flaw, Layout, NotARecording, Sound
from pipeline.sound.decode import listen
from tests import audio, broken_audio

Store = Callable[[bytes], Path]


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def kept(scratch: Path) -> dict[str, np.ndarray]:
    return {file.name: np.frombuffer(file.read_bytes(), "<i2") for file in sorted(scratch.iterdir())}


def alike(heard: np.ndarray, meant: np.ndarray) -> float:
    """The best correlation within an encoder's delay of a tenth of a second."""
    count = min(len(heard), len(meant))
    one, other = (
        np.fft.rfft(samples[:count] / np.linalg.norm(samples[:count]), 2 * count) for samples in (heard, meant)
    )
    return float(np.abs(np.fft.irfft(one * other.conj())[: RATE // 10]).max())


@pytest.mark.parametrize("name", audio.FORMATS)
def test_every_format_is_heard_whole(stored: Store, scratch: Path, name: str) -> None:
    form = audio.FORMATS[name]
    speech = audio.speech()
    samples = audio.mono_speech()[0] if form.channels == 1 else speech.samples
    sound = listen(stored(audio.encode(samples, speech.rate, name)), scratch)
    assert sound.duration_ms == pytest.approx(19_380, abs=150)
    assert sound.layout == (Layout.MONO if form.channels == 1 else Layout.DUAL)
    assert len(sound.speech) == len(samples)
    assert sound.bad_packets == 0
    files = kept(scratch)
    assert list(files) == [f"channel_{number}.s16" for number in range(len(samples))]
    for channel in files.values():
        assert len(channel) * 1000 // RATE == pytest.approx(sound.duration_ms, abs=1)


@pytest.mark.parametrize("name", ["wav", "wav_float", "wav_mulaw", "flac", "opus", "m4a", "mp3", "webm"])
def test_channels_are_kept_apart_and_in_order(stored: Store, scratch: Path, name: str) -> None:
    speech = audio.speech()
    listen(stored(audio.encode(speech.samples, speech.rate, name)), scratch)
    files = kept(scratch)
    for channel in (0, 1):
        heard = files[f"channel_{channel}.s16"].astype(float)
        assert alike(heard, speech.samples[channel]) > 0.8
        assert alike(heard, speech.samples[1 - channel]) < 0.3


def test_gsm_is_heard(stored: Store) -> None:
    sound = listen(stored(audio.gsm()), None)
    assert (sound.duration_ms, sound.layout) == (8000, Layout.MONO)
    assert sound.speech[0]


@pytest.mark.parametrize("rate", [8000, 11_025, 44_100, 48_000])
def test_every_rate_is_brought_to_one(stored: Store, scratch: Path, rate: int) -> None:
    sound = listen(stored(audio.encode(audio.tone(5, rate=rate), rate)), scratch)
    samples = kept(scratch)["channel_0.s16"]
    assert sound.duration_ms == pytest.approx(5000, abs=5)
    loudest = np.argmax(np.abs(np.fft.rfft(samples[: 4 * RATE]))) / 4
    assert loudest == pytest.approx(440, abs=1)


def test_speech_stands_where_it_was_said(stored: Store) -> None:
    speech = audio.speech()
    sound = listen(stored(audio.encode(speech.samples, speech.rate, "opus")), None)
    for turn in speech.turns:
        own = [s for s in sound.speech[turn.channel] if s.start_ms < turn.end_ms and s.end_ms > turn.start_ms]
        others = [s for s in sound.speech[1 - turn.channel] if s.start_ms < turn.end_ms and s.end_ms > turn.start_ms]
        assert sum(stretch.ms for stretch in own) > 0.6 * (turn.end_ms - turn.start_ms)
        assert not others


def test_one_sound_on_both_channels_is_one_voice(stored: Store, scratch: Path) -> None:
    mono, rate = audio.mono_speech()
    sound = listen(stored(audio.encode(np.repeat(mono, 2, axis=0), rate, "mp3")), scratch)
    assert sound.layout == Layout.FALSE_STEREO
    assert len(sound.speech) == 1
    assert list(kept(scratch)) == ["channel_0.s16"]


@pytest.mark.parametrize("live", [0, 1])
def test_of_a_dead_channel_the_live_one_is_left(stored: Store, scratch: Path, live: int) -> None:
    mono, rate = audio.mono_speech()
    samples = np.zeros((2, mono.shape[1]), np.int16)
    samples[live] = mono[0]
    sound = listen(stored(audio.encode(samples, rate)), scratch)
    files = kept(scratch)
    assert sound.layout == Layout.DEAD_CHANNEL
    assert len(sound.speech) == 1
    assert sound.speech[0]
    assert list(files) == ["channel_0.s16"]
    assert np.array_equal(files["channel_0.s16"], mono[0])


@pytest.mark.parametrize("channels", [6, 8])
@pytest.mark.parametrize("name", ["wav", "wav_24bit", "wav_float", "flac"])
def test_many_channels_are_mixed_to_one(stored: Store, scratch: Path, name: str, channels: int) -> None:
    """As arrays of planar sound they end the process, in the decoding library."""
    sound = children.run(
        listen, stored(audio.encode(audio.noise(2, channels=channels), 16_000, name)), scratch, timeout_s=60
    )
    assert (sound.layout, sound.duration_ms, len(sound.speech)) == (Layout.MIXED, 2000, 1)
    assert list(kept(scratch)) == ["channel_0.s16"]


def test_a_mix_holds_every_channel(stored: Store, scratch: Path) -> None:
    samples = np.zeros((6, RATE * 3), np.int16)
    for channel in range(6):
        samples[channel, channel * RATE // 2 : (channel + 1) * RATE // 2] = 6000
    listen(stored(audio.encode(samples, RATE)), scratch)
    assert kept(scratch)["channel_0.s16"] == pytest.approx(1000, abs=2)


def test_without_scratch_nothing_is_written(stored: Store, tmp_path: Path) -> None:
    path = stored(audio.pcm_wav(audio.tone(1), 16_000))
    listen(path, None)
    assert list(tmp_path.iterdir()) == [path]


def test_a_change_of_rate_and_channels_in_the_middle_is_followed(stored: Store, scratch: Path) -> None:
    sound = listen(stored(broken_audio.changing_mp3()), scratch)
    assert sound.duration_ms == pytest.approx(6000, abs=250)
    assert sound.layout == Layout.MONO
    second_half = kept(scratch)["channel_0.s16"][4 * RATE : 5 * RATE]
    assert np.abs(second_half).max() > 2000


@pytest.mark.parametrize("name", ["wav", "mp3", "mp3_vbr_bare", "aac", "m4a", "opus", "flac", "wma", "webm", "amr"])
def test_damage_in_the_middle_costs_only_its_own_place(stored: Store, name: str) -> None:
    speech = audio.speech()
    samples = audio.mono_speech()[0] if name == "amr" else speech.samples
    data = audio.encode(samples, speech.rate, name)
    length = max(200, len(data) // 50)
    sound = listen(stored(broken_audio.spoilt(data, length=length)), None)
    assert sound.duration_ms == pytest.approx(19_380, abs=1500)


def test_damaged_pieces_are_counted_and_told(stored: Store) -> None:
    speech = audio.speech()
    sound = listen(stored(broken_audio.spoilt(audio.encode(speech.samples, speech.rate, "m4a"))), None)
    assert sound.bad_packets > 0
    assert f"left out: {sound.bad_packets}" in sound.notes[-1]


def test_a_vbr_mp3_without_its_header_has_its_decoded_length(stored: Store) -> None:
    """The estimate from the first frames is wrong: they are silence, and small."""
    samples = np.concatenate([audio.silence(30), audio.noise(10)], axis=1)
    sound = listen(stored(audio.encode(samples, 16_000, "mp3_vbr_bare")), None)
    assert sound.duration_ms == pytest.approx(40_000, abs=200)
    assert "40." in sound.notes[0]


def test_silence_is_a_recording(stored: Store) -> None:
    sound = listen(stored(audio.pcm_wav(audio.silence(3, channels=2), 16_000)), None)
    assert (sound.duration_ms, sound.layout, sound.speech) == (3000, Layout.FALSE_STEREO, ((),))


def test_a_tone_is_no_speech(stored: Store) -> None:
    sound = listen(stored(audio.pcm_wav(audio.tone(4), 16_000)), None)
    assert sound.speech == ((),)
    assert sum(tone.ms for tone in sound.tones) > 3000


def test_tones_of_both_channels_stand_on_one_line_of_time(stored: Store) -> None:
    samples = np.concatenate([audio.noise(1, channels=2, loud=600), audio.tone(3, channels=2)], axis=1)
    sound = listen(stored(audio.pcm_wav(samples, 16_000)), None)
    assert sound.layout == Layout.DUAL
    assert len(sound.tones) == 1


def test_a_recording_of_days_is_refused(stored: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.sound.decode.LONGEST_S", 60)
    listen(stored(audio.encode(audio.silence(60), 16_000, "flac")), None)
    with pytest.raises(NotARecording, match="longer than 1 min 00 s") as refused:
        listen(stored(audio.encode(audio.silence(63), 16_000, "flac")), None)
    assert refused.value.code == Flaw.IMPLAUSIBLE


def test_sound_without_a_header_is_heard_by_its_name(stored: Store) -> None:
    raw = audio.encode(audio.noise(3, rate=8000), 8000, "wav_mulaw")[-24_000:]
    sound = listen(stored(raw), None, name_hint="call.ulaw")
    assert sound.duration_ms == 3000
    assert ".ulaw" in sound.notes[0]


def test_the_second_of_two_tracks_is_told_of(stored: Store, tmp_path: Path) -> None:
    sound = listen(stored(audio.two_tracks()), None)
    assert sound.layout == Layout.MONO
    assert sound.notes[0] == "The file holds 2 audio tracks; the first that can be read is used."


def _sound_and_peak(path: Path, scratch: Path) -> tuple[Sound, int]:
    """The most memory that a fresh child ever held while it listened, in bytes."""
    sound = listen(path, scratch)
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return sound, int(lines["VmHWM"].split()[0]) * 1024


@pytest.mark.long
def test_memory_does_not_grow_with_the_recording(stored: Store, scratch: Path) -> None:
    """Five minutes more of stereo are 19 MB as they are kept."""
    peaks = []
    for minutes in (1, 6):
        samples = np.tile(audio.noise(60, channels=2, rate=8000), (1, minutes))
        path = stored(audio.encode(samples, 8000, "mp3"))
        children.configure(workers=1)
        sound, peak = children.run(_sound_and_peak, path, scratch, timeout_s=200)
        assert sound.duration_ms == pytest.approx(minutes * 60_000, abs=200)
        peaks.append(peak)
    children.configure()
    assert peaks[1] - peaks[0] < 9e6
    assert peaks[1] < 150e6
