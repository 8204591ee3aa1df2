"""What every transcriber takes and gives, whoever it is: the house's own words for a transcript."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from pipeline.outcome import Done, Wait
from pipeline.sound.contract import Sound

SOUND = "sound"  # what a run remembers besides the transcriber's own facts: the decode
AGENT, CUSTOMER, UNKNOWN = "agent", "customer", "unknown"  # else speaker_1, speaker_2, ...


class Word(BaseModel):
    """One recognised word; `confidence` is 0 to 1, None where the provider gives none."""

    model_config = ConfigDict(frozen=True)

    text: str
    start_ms: int
    end_ms: int
    confidence: float | None = None


class Utterance(BaseModel):
    """One turn: what one speaker said without the other's coming between."""

    model_config = ConfigDict(frozen=True)

    speaker: str  # agent, customer, speaker_1..., unknown
    channel: int | None = None  # from 0, where the recording's channels are its speakers
    start_ms: int
    end_ms: int
    text: str
    confidence: float | None = None  # 0 to 1
    words: tuple[Word, ...] = ()


class Spotted(BaseModel):
    """A wished-for phrase that was heard in the sound itself, whatever the text says."""

    model_config = ConfigDict(frozen=True)

    phrase: str  # as it stood in Wishes.keyterms
    speaker: str
    channel: int | None = None
    start_ms: int
    end_ms: int


class Transcript(BaseModel):
    """What a transcriber made of a recording. Utterances are in order of start_ms."""

    model_config = ConfigDict(frozen=True)

    provider: str
    model: str
    language: str
    utterances: tuple[Utterance, ...] = ()
    spotted: tuple[Spotted, ...] = ()
    confidence: float | None = None  # mean over words, 0 to 1
    speakers_by: str = "channels"  # channels | labels | estimate: how sure the speakers are
    channels: tuple[str, ...] = ()  # whose each channel is, where channels are speakers: pipeline.speakers names them
    roles_confidence: float | None = None  # how sure agent and customer are told apart, 0 to 1
    redacted: bool = Field(default=False, exclude=True)  # stored beside it: whether names and numbers were left out
    draft: bool = False  # True: 'offline draft transcript, low confidence' is shown
    audio_seconds: float = 0.0  # what a provider bills
    cost_usd: float | None = None  # None: the price is not known
    asked_again: int = 0  # requests whose answer was lost with their process, and that may have been paid once more
    notes: tuple[str, ...] = ()  # sentences for the call's page


class Wishes(BaseModel):
    """What the campaign wants of a transcription."""

    model_config = ConfigDict(frozen=True)

    language: str = "en"
    model: str = ""  # the provider's default when empty
    keyterms: tuple[str, ...] = ()  # phrases that the campaign's checks listen for
    channel_map: str = "detect"  # agent_left | agent_right | detect
    redact: bool = False


class Memory(Protocol):
    """What a run remembers of a provider's job between looks, kept in the database."""

    @property
    def facts(self) -> Mapping[str, str]:
        """What was remembered so far."""

    def remember(self, **facts: str) -> None:
        """Commit these facts before anything else happens, so that a crash after it finds the job again."""


class Callback(Protocol):
    """A way for a provider to bring its answer; there is one only where the provider can reach us."""

    def open(self) -> str:
        """A fresh address, with a secret in it, for one answer. Earlier addresses of this run are closed."""

    @property
    def answer(self) -> bytes | None:
        """What was brought to the newest address, as it came; None while nothing was. Trust none of it."""

    def missed(self) -> None:
        """The answer did not come in time: for an hour, this provider is given no address to bring answers to."""


@dataclass(frozen=True)
class Order:
    """One recording to transcribe."""

    recording: Callable[[], AbstractContextManager[Path]]  # on this machine's disk, fetched when asked for
    sound: Sound  # what the full decode found
    wishes: Wishes
    memory: Memory
    scratch: Path  # a folder of this order's own: channel_0.s16 ... as Sound describes; removed afterwards
    callback: Callback | None = None


class Checkable(Protocol):
    """Somebody else's machines, of which one can ask whether they are there for us."""

    def check(self) -> str:
        """What was found, in a sentence. Costs nothing. Raises ProviderError in words that say what to do."""


class Transcriber(Protocol):
    """A transcription provider. Errors are ProviderError, and nothing else."""

    name: str

    def transcribe(self, order: Order) -> Done[Transcript] | Wait:
        """Submit, or look again at what was submitted; never sleeps for a remote job."""
