"""Transcribers by name: where each lives, loaded only when used. A new one is one more line here."""

from collections.abc import Callable, Mapping
from importlib import import_module
from operator import attrgetter
from typing import NamedTuple, cast

from config import Settings
from pipeline.outcome import Fault, ProviderError
from pipeline.transcribers.contract import Checkable, Transcriber

DRAFT, OFFLINE = "local", "whisper"


class Provider(NamedTuple):
    """What is known of a transcriber without loading it."""

    maker: str  # module:callable, which makes the Transcriber of no arguments
    label: str  # on the screen
    places: Callable[[Settings], int]  # calls at once, over all workers
    needs_key: str = ""  # the variable that must be set; empty when none
    key: Callable[[Settings], str] = lambda _: "not needed"  # what it is set to
    needs_samples: bool = False  # works on the decoded channels in Order.scratch
    redacts: bool = False  # can leave names and numbers out of what it writes
    most_bytes: int = 0  # of a recording; 0: no bound
    models: tuple[str, ...] = ()  # those that a campaign may name, the default first; empty: no choice


PROVIDERS: Mapping[str, Provider] = {  # in the order in which a campaign that names none gets one
    "assemblyai": Provider(
        "pipeline.transcribers.assemblyai:configured",
        "AssemblyAI",
        attrgetter("assemblyai_calls"),
        needs_key="ASSEMBLYAI_API_KEY",
        key=attrgetter("assemblyai_api_key"),
        redacts=True,
        most_bytes=2_200_000_000,
        models=("universal-3-pro", "universal-3-5-pro", "universal-2", "universal"),
    ),
    "deepgram": Provider(
        "pipeline.transcribers.deepgram:configured",
        "Deepgram",
        attrgetter("deepgram_calls"),
        needs_key="DEEPGRAM_API_KEY",
        key=attrgetter("deepgram_api_key"),
        redacts=True,
        most_bytes=2_000_000_000,
        models=("nova-3", "nova-2"),
    ),
    OFFLINE: Provider(
        "pipeline.transcribers.whisper:configured",
        "Whisper, offline",
        attrgetter("local_calls"),
        needs_key="WHISPER_MODEL",
        key=attrgetter("whisper_model"),
        needs_samples=True,
    ),
    DRAFT: Provider(
        "pipeline.transcribers.local:Local", "Offline draft (English)", attrgetter("local_calls"), needs_samples=True
    ),
}


def names() -> tuple[str, ...]:
    """In the order in which a choice shows them."""
    return tuple(PROVIDERS)


def transcriber(name: str) -> Transcriber:
    """The transcriber of this name. Raises ProviderError where this deployment has none."""
    module, _, maker = _provider(name).maker.partition(":")
    return cast("Transcriber", getattr(import_module(module), maker)())


def outside(name: str) -> Checkable:
    """A remote transcriber, as one whose being there can be asked for."""
    return cast("Checkable", transcriber(name))


def usable(settings: Settings) -> tuple[str, ...]:
    """Those that this deployment has what they need for: a key, a model, or nothing."""
    return tuple(name for name, provider in PROVIDERS.items() if provider.key(settings))


def default(settings: Settings, *, redact: bool = False) -> str:
    """The transcriber of a campaign that names none: the best one that the keys allow.

    Where the campaign redacts, it is the best one that can; the draft, which will be refused, where none can.
    """
    return next((name for name in usable(settings) if redacts(name) or not redact), DRAFT)


def remote(name: str) -> bool:
    """Whether somebody else's machines do the work, so that it can be out of our reach."""
    return not needs_samples(name)


def label(name: str) -> str:
    """What it is called on the screen."""
    return PROVIDERS[name].label if name in PROVIDERS else name


def redacts(name: str) -> bool:
    """Whether it can leave names and numbers out of what it writes."""
    return _provider(name).redacts


def needs_samples(name: str) -> bool:
    """Whether the decoder must leave each channel's samples in the order's scratch folder."""
    return _provider(name).needs_samples


def places(name: str, settings: Settings) -> int:
    """How many calls it may work on at once, over all workers."""
    return _provider(name).places(settings)


def takes(name: str, size: int) -> bool:
    """Whether it takes a recording of this many bytes."""
    most = _provider(name).most_bytes
    return not most or size <= most


def _provider(name: str) -> Provider:
    if name not in PROVIDERS:
        words = f"There is no transcriber '{name}' here. Choose {', '.join(PROVIDERS)} in the campaign's settings."
        raise ProviderError(words, fault=Fault.SETTINGS)
    return PROVIDERS[name]
