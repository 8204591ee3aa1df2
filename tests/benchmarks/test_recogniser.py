"""What the recogniser's benchmark measures with."""

import numpy as np
import pytest

from benchmarks import recogniser
from benchmarks.recogniser import by_telephone, error_rate, said, telephoned
from tests import audio


@pytest.mark.parametrize(
    ("heard", "rate"),
    [("a b c d", 0), ("a b d", 0.25), ("a x c d", 0.25), ("a b c d e f", 0.5), ("", 1), ("w x y z q", 1.25)],
)
def test_an_error_is_a_word_too_many_too_few_or_wrong(heard, rate):
    assert error_rate(["a", "b", "c", "d"], heard.split()) == rate


def test_what_was_said_stands_beside_a_recording_or_among_the_references(tmp_path, monkeypatch):
    (tmp_path / "one.txt").write_text("Hello, World! It's me.")
    (tmp_path / "two.tsv").write_text("1\t5\t9\tyes please\n0\t0\t4\tgood day\n")
    monkeypatch.setattr(recogniser, "REFERENCES", tmp_path)
    assert said(tmp_path / "elsewhere" / "one.wav") == ["hello", "world", "it's", "me"]
    assert said(tmp_path / "two.opus") == ["good", "day", "yes", "please"]
    assert said(tmp_path / "three.wav") == []


def test_a_telephone_keeps_the_voice_band_and_nothing_else():
    low, voice, high = (audio.tone(1, hertz=hertz)[0] for hertz in (100, 1000, 5000))
    loud = [np.abs(telephoned(sound)[2000:-2000].astype(int)).max() for sound in (low, voice, high)]
    assert loud[0] < 200
    assert loud[2] < 200
    assert 0.9 < loud[1] / 9000 < 1.1


def test_a_telephone_is_coarse():
    assert len(np.unique(telephoned(audio.noise(1)[0]))) <= 255


def test_a_telephoned_recording_keeps_its_channels(tmp_path):
    path = tmp_path / "call.wav"
    path.write_bytes(audio.pcm_wav(audio.speech().samples, 16_000))
    folder = tmp_path / "made"
    folder.mkdir()
    samples, _ = audio.decode(by_telephone(path, folder).read_bytes(), rate=16_000)
    assert samples.shape == audio.speech().samples.shape


def test_it_measures_each_recording_twice(tmp_path, monkeypatch, capsys):
    path = tmp_path / "short.wav"
    path.write_bytes(audio.pcm_wav(audio.speech().samples[:1, 16 * 16_000 :], 16_000))
    (tmp_path / "short.txt").write_text("is there anything else i can help you with")
    kept = []
    monkeypatch.setattr(recogniser.results, "keep", kept.append)
    monkeypatch.setattr(recogniser, "compared", lambda _path: "compared")
    recogniser.main([str(path)])
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| short.wav")]
    assert rows[0].startswith("| short.wav | 2 s | 0% | 0.8")
    assert rows[1].startswith("| short.wav, by telephone | 2 s |")
    assert kept == ["compared"]
