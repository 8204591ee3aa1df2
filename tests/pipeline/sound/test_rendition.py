"""A rendition sounds like its original: channels, length and samples."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.sound.contract import Layout
from pipeline.sound.decode import listen
from pipeline.sound.probe import probe
from pipeline.sound.rendition import render
from tests.audio import decode, encode, gsm, silence, speech, tone


def rendered(tmp_path: Path, data: bytes) -> Path:
    original, made = tmp_path / "original", tmp_path / "made.flac"
    original.write_bytes(data)
    render(original, made)
    return made


def test_two_channels_stay_two_sample_by_sample(tmp_path: Path):
    samples, rate, _ = speech()
    made = rendered(tmp_path, encode(samples, rate, "wav"))
    again, _ = decode(made.read_bytes(), rate=rate)
    assert np.array_equal(again, samples)
    found = probe(made)
    assert (found.container, found.codec, found.channels, found.sample_rate) == ("flac", "flac", 2, 16_000)


def test_what_is_heard_in_it_is_what_is_heard_in_the_original(tmp_path: Path):
    samples, rate, _ = speech()
    original = tmp_path / "call.mp3"
    original.write_bytes(encode(samples, rate, "mp3"))
    render(original, tmp_path / "made.flac")
    ours, theirs = listen(original, None), listen(tmp_path / "made.flac", None)
    assert (ours.duration_ms, ours.layout, ours.speech) == (theirs.duration_ms, Layout.DUAL, theirs.speech)


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (44_100, 2), (48_000, 6), (48_000, 8)])
def test_other_rates_and_channels(tmp_path: Path, rate, channels):
    made = rendered(tmp_path, encode(tone(2, rate=rate, channels=channels), rate, "wav"))
    found = probe(made)
    assert (found.channels, found.stated_ms) == (channels, 2000)


def test_gsm_which_few_read(tmp_path: Path):
    made = rendered(tmp_path, gsm())
    assert listen(made, None).duration_ms == pytest.approx(8000, abs=100)


def test_a_long_recording_is_written_piece_by_piece(tmp_path: Path):
    made = rendered(tmp_path, encode(silence(600, rate=8_000), 8_000, "wav_mulaw"))
    assert listen(made, None).duration_ms == 600_000
