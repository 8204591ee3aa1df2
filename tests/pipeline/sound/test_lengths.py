"""What a file says of its length, against what is there."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.sound.contract import Flaw, NotARecording
from pipeline.sound.decode import listen
from pipeline.sound.lengths import in_words
from pipeline.sound.probe import probe
from tests import audio, broken_audio

Store = Callable[[bytes], Path]

INDEX_AT_THE_END = {"m4a", "m4a_alac", "3gp", "mp4_video"}
EXACT = sorted(name for name, form in audio.FORMATS.items() if form.exact and name not in INDEX_AT_THE_END)
BY_BYTES = [*EXACT, "wav_adpcm"]  # its samples are not counted, but its bytes are
ESTIMATED = ["mp3", "mp3_vbr_bare", "aac", "opus", "wma", "amr", "webm", "m4a_fragmented"]


def encoded(name: str) -> bytes:
    """Twelve seconds of noise, which no encoder makes shorter in one place than in another."""
    return audio.encode(audio.noise(12, channels=audio.FORMATS[name].channels or 1), 16_000, name)


@pytest.mark.parametrize("name", BY_BYTES)
@pytest.mark.parametrize("share", [0.2, 0.6, 0.87])
def test_a_cut_recording_is_refused_with_both_lengths(stored: Store, name: str, share: float) -> None:
    path = stored(broken_audio.cut(encoded(name), share))
    for look in (probe, lambda path: listen(path, None)):
        with pytest.raises(NotARecording) as refused:
            look(path)
        words = str(refused.value)
        assert refused.value.code == Flaw.CUT_SHORT
        assert re.search(r"says that it is 12\.[01] s long", words)
        there = float(words.partition("and only ")[2].partition(" s")[0])
        assert there == pytest.approx(12 * share, abs=0.5)
        assert "accept_truncated" in words


@pytest.mark.parametrize("name", BY_BYTES)
def test_a_cut_recording_is_taken_all_the_same_when_asked(stored: Store, name: str) -> None:
    path = stored(broken_audio.cut(encoded(name), 0.6))
    assert probe(path, accept_truncated=True).stated_ms == pytest.approx(12_000, abs=150)
    heard = listen(path, None, accept_truncated=True)
    assert heard.duration_ms == pytest.approx(7200, abs=500)
    assert any(re.search(r"12\.[01] s long", note) for note in heard.notes)


@pytest.mark.parametrize("name", BY_BYTES)
def test_a_recording_that_lacks_its_last_twentieth_is_taken(stored: Store, name: str) -> None:
    path = stored(broken_audio.cut(encoded(name), 0.95))
    probe(path)
    assert listen(path, None).duration_ms == pytest.approx(11_400, abs=300)


@pytest.mark.parametrize("name", sorted({*BY_BYTES, *ESTIMATED, *INDEX_AT_THE_END, "caf", "w64", "vorbis"}))
def test_a_whole_recording_is_never_called_cut(stored: Store, name: str) -> None:
    path = stored(encoded(name))
    probe(path)
    assert listen(path, None).duration_ms == pytest.approx(12_000, abs=150)


@pytest.mark.parametrize("seconds", [0.02, 0.1, 0.5, 1])
@pytest.mark.parametrize("name", EXACT)
def test_a_short_recording_is_never_called_cut(stored: Store, name: str, seconds: float) -> None:
    path = stored(audio.encode(audio.noise(seconds), 16_000, name))
    probe(path)
    listen(path, None)


@pytest.mark.parametrize("name", ESTIMATED)
def test_an_estimated_length_is_a_note_and_no_reason(stored: Store, name: str) -> None:
    path = stored(broken_audio.cut(encoded(name), 0.6))
    assert not probe(path).exact
    assert listen(path, None).duration_ms == pytest.approx(7200, abs=400)


def test_the_note_on_a_wrong_estimate_names_both_lengths(stored: Store) -> None:
    note = listen(stored(broken_audio.cut(encoded("mp3"), 0.6)), None).notes[0]
    assert note.startswith("The file says that it is 12.0 s long; 7.")


@pytest.mark.parametrize("name", sorted(INDEX_AT_THE_END))
def test_an_mp4_without_its_index_is_cut_short(stored: Store, name: str) -> None:
    path = stored(broken_audio.cut(encoded(name), 0.6))
    for accept in (False, True):
        with pytest.raises(NotARecording, match="index, which stands at the end, is missing") as refused:
            probe(path, accept_truncated=accept)
        assert refused.value.code == Flaw.CUT_SHORT
        assert "bytes are there" in str(refused.value)


def test_a_header_that_states_nine_hours_is_held_against_the_bytes(stored: Store) -> None:
    with pytest.raises(NotARecording, match=r"it is 9 h 19 min long, and only 3\.0 s are there"):
        probe(stored(broken_audio.wav_with(data_bytes=1 << 30)))


@pytest.mark.parametrize("placeholder", [0, 0x7FFFFFFF, 0x7FFFF000, 0x80000000, 0xFFFFFFFF, 0xFFFFFFDB, 0xFFFF0000])
def test_lengths_that_recorders_write_into_pipes_say_nothing(stored: Store, placeholder: int) -> None:
    path = stored(broken_audio.wav_with(data_bytes=placeholder))
    assert not probe(path).exact
    assert listen(path, None).duration_ms == 3000


def test_chunks_before_the_samples_do_not_count_as_samples(stored: Store) -> None:
    wav = audio.pcm_wav(audio.noise(4), 16_000)
    chunk = b"bext" + (40_001).to_bytes(4, "little") + bytes(40_002)  # odd: padded by one
    long_header = wav[:12] + chunk + wav[12:]
    assert probe(stored(long_header)).stated_ms == 4000
    with pytest.raises(NotARecording, match=r"only 3\.4 s are there"):
        probe(stored(long_header[: len(long_header) - 19_200]))


def test_a_fast_start_film_is_measured_by_its_sound(stored: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        audio.FORMATS, "film", audio.Format(".mp4", "mp4", "aac", "aac", {"movflags": "faststart"}, video="mpeg4")
    )
    film = audio.encode(audio.noise(12), 16_000, "film")
    assert probe(stored(film)).exact
    with pytest.raises(NotARecording, match=r"is 12\.1 s long"):
        probe(stored(broken_audio.cut(film, 0.5)))


def test_a_chain_of_chunks_that_never_ends_is_given_up(stored: Store) -> None:
    wav = audio.pcm_wav(audio.noise(1), 16_000)
    assert probe(stored(wav[:12] + b"JUNK\0\0\0\0" * 5000 + wav[12:])).stated_ms == 1000


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [(0, "0.0 s"), (45_345, "45.3 s"), (59_940, "59.9 s"), (60_000, "1 min 00 s"), (759_600, "12 min 40 s")],
)
def test_lengths_in_words(milliseconds: int, words: str) -> None:
    assert in_words(milliseconds) == words


def test_hours_in_words() -> None:
    assert in_words(2 * 3_600_000 + 185_000) == "2 h 03 min"
