"""How right and how fast the local recogniser is: `python -m benchmarks.recogniser [RECORDING ...]`.

Prints the table of docs/local-recogniser.md, and keeps what it took beside the recogniser alone. Without arguments it
takes the recordings that come with the product. Each is also measured as a telephone would carry it: 300 to 3,400 Hz,
8 kHz, mu-law. What was really said stands beside a recording, as NAME.txt or NAME.tsv (channel, start, end, words on a
line), or in benchmarks/references/.
"""

import re
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from benchmarks import results
from benchmarks.results import ROOT, Result
from pipeline import children
from pipeline.sound.contract import RATE, Sound, Stretch
from pipeline.sound.decode import listen
from pipeline.sound.speech import segments
from pipeline.transcribers.contract import Order, Wishes, Word
from pipeline.transcribers.local import Local
from pipeline.transcribers.sphinx import recognise

REFERENCES = ROOT / "benchmarks" / "references"
OWN = ("tests/audio_data/*.opus", "samples/*.opus")  # recordings that come with the product
GOAL = 1.2  # times faster on all cores than the recogniser as it comes
LOW_HZ, HIGH_HZ, EDGE_HZ, MU = 300, 3_400, 200, 255  # a sharper edge would ring


@dataclass(frozen=True)
class Measured:
    """One recording, once."""

    name: str
    speech_s: float
    error_rate: float | None  # wrong, missing and added words by words said; None where nobody wrote them down
    confidence: float
    times_real_time: float  # seconds of speech recognised in a second of one core

    @property
    def row(self) -> str:
        rate = "" if self.error_rate is None else f"{self.error_rate:.0%}"
        return f"| {self.name} | {self.speech_s:.0f} s | {rate} | {self.confidence:.2f} | {self.times_real_time:.1f} |"


def main(arguments: Sequence[str]) -> None:
    recordings = [Path(argument) for argument in arguments] or [
        path for pattern in OWN for path in sorted(ROOT.glob(pattern))
    ]
    recognise(Path(), (), (), Path())  # loads the model, which is nobody's time
    print("| Recording | Speech | Word error rate | Mean word posterior | x real time a core |\n|---|---|---|---|---|")
    for path in recordings:
        print(measured(path, path.name).row, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            print(measured(by_telephone(path, Path(folder)), f"{path.name}, by telephone", said(path)).row, flush=True)
    results.keep(compared(ROOT / "tests" / "audio_data" / "speech.opus"))


def measured(path: Path, name: str, reference: list[str] | None = None) -> Measured:
    """Recognise a recording channel by channel in this process, as the product's children do."""
    reference = reference or said(path)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        sound = listen(path, scratch)
        begun, words = time.process_time(), list[Word]()
        for channel, speech in enumerate(sound.speech):
            words += recognise(scratch / f"channel_{channel}.s16", segments(speech), (), scratch).words
        took = time.process_time() - begun
    speech_s = sum(stretch.ms for channel in sound.speech for stretch in channel) / 1000
    return Measured(
        name,
        speech_s,
        error_rate(reference, [word.text for word in words]) if reference else None,
        fmean(word.confidence or 0 for word in words) if words else 0.0,
        speech_s / took,
    )


def error_rate(reference: Sequence[str], heard: Sequence[str]) -> float:
    """Insertions, deletions and substitutions of words, by the words really said."""
    return Levenshtein.distance(reference, heard) / len(reference)


def said(path: Path) -> list[str]:
    """What is said in a recording, channel after channel; nothing where it is not known."""
    lines = path.with_suffix(".tsv")
    if lines.exists():
        turns = [line.split("\t") for line in lines.read_text(encoding="utf-8").splitlines()]
        return [word for turn in sorted(turns, key=lambda turn: turn[0]) for word in plain(turn[3])]
    for text in (path.with_suffix(".txt"), REFERENCES / f"{path.stem}.txt"):
        if text.exists():
            return plain(text.read_text(encoding="utf-8"))
    return []


def plain(text: str) -> list[str]:
    return re.sub(r"[^\w']+", " ", text.lower()).split()


def by_telephone(path: Path, folder: Path) -> Path:
    """The recording as a telephone line would leave it, as a WAV in the folder."""
    sound = listen(path, folder)
    files = [folder / f"channel_{channel}.s16" for channel in range(len(sound.speech))]
    made = folder / f"{path.stem}.wav"
    with wave.open(str(made), "wb") as out:
        out.setnchannels(len(files))
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(np.stack([telephoned(np.fromfile(file, "<i2")) for file in files], axis=1).tobytes())
    return made


def telephoned(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """Band-passed and through 8-bit mu-law (ITU-T G.711's curve); at RATE, as a decoder would bring it back."""
    spectrum = np.fft.rfft(samples / 32_768)
    hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
    spectrum *= np.clip((hertz - LOW_HZ + EDGE_HZ) / EDGE_HZ, 0, 1) * np.clip(
        (HIGH_HZ + EDGE_HZ - hertz) / EDGE_HZ, 0, 1
    )
    sound = np.fft.irfft(spectrum, len(samples))
    curved = np.sign(sound) * np.log1p(MU * np.minimum(np.abs(sound), 1)) / np.log1p(MU)
    coarse = np.round(curved * 127) / 127
    back = np.sign(coarse) * np.expm1(np.abs(coarse) * np.log1p(MU)) / MU
    made: NDArray[np.int16] = (back * 32_767).astype("<i2")
    return made


def compared(path: Path) -> Result:
    """Seconds for the product on all cores, and for the recogniser given each channel whole."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        sound = listen(path, scratch)
        order = Order(lambda: nullcontext(path), sound, Wishes(), _Forgetful(), scratch)
        Local().transcribe(order)  # each child loads its model, once in its life
        ours = _seconds(lambda: Local().transcribe(order))
        children.close()
        baseline = _seconds(lambda: _whole(scratch, sound))
    return Result("local recogniser on all cores", ours, baseline, GOAL, "s")


def _whole(scratch: Path, sound: Sound) -> None:
    whole = (Stretch(start_ms=0, end_ms=sound.duration_ms),)
    for channel in range(len(sound.speech)):
        recognise(scratch / f"channel_{channel}.s16", whole, (), scratch)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return round(time.perf_counter() - begun, 2)


class _Forgetful:
    """A memory for orders that nobody resumes."""

    facts: Mapping[str, str] = {}

    def remember(self, **facts: str) -> None:
        """Nothing is kept."""


if __name__ == "__main__":
    main(sys.argv[1:])
