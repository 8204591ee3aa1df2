"""Transcribers by name: where each lives, loaded only when used. A new one is one more line here."""

from collections.abc import Callable, Mapping
from importlib import import_module
from operator import attrgetter
from typing import NamedTuple, cast

from config import Settings
from pipeline.outcome import Fault, ProviderError
from pipeline.transcribers.contract import Transcriber

DRAFT, OFFLINE = "local", "whisper"


class Provider(NamedTuple):
    """What is known of a transcriber without loading it."""

    maker: str  # module:callable, which makes the Transcriber of no arguments
    label: str  # on the screen
    needs_samples: bool  # works on the decoded channels in Order.scratch
    needs_key: str  # the variable that must be set; empty when none
    places: Callable[[Settings], int]  # calls at once, over all workers


PROVIDERS: Mapping[str, Provider] = {
    DRAFT: Provider(
        "pipeline.transcribers.local:Local", "Offline draft (English)", True, "", attrgetter("local_calls")
    ),
    OFFLINE: Provider(
        "pipeline.transcribers.whisper:configured", "Whisper, offline", True, "WHISPER_MODEL", attrgetter("local_calls")
    ),
}


def names() -> tuple[str, ...]:
    """In the order in which a choice shows them."""
    return tuple(PROVIDERS)


def transcriber(name: str) -> Transcriber:
    """The transcriber of this name. Raises ProviderError where this deployment has none."""
    module, _, maker = _provider(name).maker.partition(":")
    return cast("Transcriber", getattr(import_module(module), maker)())


def default(settings: Settings) -> str:
    """The transcriber of a campaign that names none: the best one that needs nobody outside."""
    return OFFLINE if settings.whisper_model else DRAFT


def needs_samples(name: str) -> bool:
    """Whether the decoder must leave each channel's samples in the order's scratch folder."""
    return _provider(name).needs_samples


def places(name: str, settings: Settings) -> int:
    """How many calls it may work on at once, over all workers."""
    return _provider(name).places(settings)


def _provider(name: str) -> Provider:
    if name not in PROVIDERS:
        words = f"There is no transcriber '{name}' here. Choose {', '.join(PROVIDERS)} in the campaign's settings."
        raise ProviderError(words, fault=Fault.ACCOUNT)
    return PROVIDERS[name]
