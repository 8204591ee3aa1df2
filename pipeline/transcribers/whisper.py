"""Whisper, offline, by faster-whisper: the extra totalview[whisper], for those who stay off the cloud."""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from config import settings
from pipeline import children
from pipeline.outcome import Done, Fault, ProviderError
from pipeline.sound.contract import Stretch
from pipeline.sound.speech import segments
from pipeline.transcribers.contract import Order, Transcript
from pipeline.transcribers.listening import voices
from pipeline.transcribers.turns import Spoken, mean_confidence, turns
from pipeline.transcribers.whisper_model import Heard, transcribe

WINDOW_MS = 120_000  # the model's features of a whole call would need gigabytes
LEAST_S, SECONDS_A_SECOND = 600.0, 40.0  # loading (and perhaps fetching) a model; a large one on few cores
DETECT = ("", "auto", "detect", "multi")
SEPARATORS = ("/", "\\", ".", "~")  # a name that begins with one of these is meant as a folder


def configured() -> "Whisper":
    """With the model that the deployment set."""
    return Whisper(settings().whisper_model)


class Whisper:
    """One model for all campaigns; `model` is a folder, or a name that faster-whisper can fetch."""

    name = "whisper"

    def __init__(self, model: str) -> None:
        self.model = model

    def transcribe(self, order: Order) -> Done[Transcript]:
        """Channel after channel in one child, which uses all cores."""
        self._check()
        try:
            return Done(self._heard(order))
        except children.ChildFailed as error:
            raise ProviderError(f"Whisper did not finish. {error}") from error
        except (OSError, RuntimeError) as error:
            raise ProviderError("Whisper failed; the log says how. Use Rerun Transcription.") from error

    def _check(self) -> None:
        if not self.model:
            words = "No Whisper model is set. Set WHISPER_MODEL to a folder or a model's name, and start again."
            raise ProviderError(words, fault=Fault.ACCOUNT)
        if find_spec("faster_whisper") is None:
            words = "Whisper is not installed here. Run: pip install 'totalview[whisper]', and start again."
            raise ProviderError(words, fault=Fault.ACCOUNT)
        if self.model.startswith(SEPARATORS) and not Path(self.model).is_dir():
            words = "WHISPER_MODEL names a folder that is not there. Give a folder that holds a model.bin."
            raise ProviderError(words, fault=Fault.ACCOUNT)

    def _heard(self, order: Order) -> Transcript:
        language = order.wishes.language.lower().replace("_", "-").split("-")[0]
        language = "" if language in DETECT else language
        spoken: list[Spoken] = []
        heard_voices = voices(order)
        for voice in heard_voices:
            windows = tuple(_windows(segments(voice.speech, cut=voice.quietest)))
            if not windows:
                continue
            seconds = LEAST_S + SECONDS_A_SECOND * sum(window.ms for window in windows) / 1000
            heard: Heard = children.run(transcribe, self.model, voice.file, windows, language, timeout_s=seconds)
            language = heard.language
            spoken += [Spoken(voice.speaker(word.start_ms, word.end_ms), voice.channel, word) for word in heard.words]
        return Transcript(
            provider=self.name,
            model=Path(self.model).name,
            language=language,
            utterances=turns(spoken),
            confidence=mean_confidence(one.word for one in spoken),
            speakers_by="estimate" if any(voice.channel is None for voice in heard_voices) else "channels",
            audio_seconds=order.sound.duration_ms / 1000,
            cost_usd=0.0,
            notes=() if spoken else ("Whisper made out no word in this recording.",),
        )


def _windows(pieces: Sequence[Stretch]) -> Iterator[Stretch]:
    """From one piece's beginning to another's end, none longer than WINDOW_MS."""
    start = end = None
    for piece in pieces:
        if start is not None and end is not None and piece.end_ms - start > WINDOW_MS:
            yield Stretch(start_ms=start, end_ms=end)
            start = None
        start = piece.start_ms if start is None else start
        end = piece.end_ms
    if start is not None and end is not None:
        yield Stretch(start_ms=start, end_ms=end)
