"""What every piece of pipeline work answers: Done, or Wait; and the one error a provider raises."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

Value_co = TypeVar("Value_co", covariant=True)


@dataclass(frozen=True)
class Done(Generic[Value_co]):
    """The work is finished; `value` is what it made."""

    value: Value_co
    heard: bool = True  # from whom the work was asked of; else it says nothing about how it stands there


@dataclass(frozen=True)
class Wait:
    """Somebody else is still at work: look again in `seconds`. Waiting holds no worker."""

    seconds: float
    words: str = ""  # why, for the call's page
    heard: bool = True  # from whom is waited for; else nobody was asked, and it may be out of order


@dataclass(frozen=True)
class Again:
    """A run wants another look in `seconds`; an older ticket than the run's newest is worth nothing."""

    run_id: int
    ticket: int
    stage: str
    seconds: float = 0.0


class Fault(StrEnum):
    """Whose fault an error is, which decides what happens next."""

    PASSING = "passing"  # timeouts, 429, 5xx: try again with backoff
    AWAY = "away"  # nobody answers there at all: tried again like a passing one, then waited out like an outage
    RECORDING = "recording"  # this recording cannot be processed: fail at once
    ACCOUNT = "account"  # refused key, no quota: an outage, the provider's calls wait
    SETTINGS = "settings"  # the campaign asks for what cannot be had here: its calls wait until that is changed


class ProviderError(Exception):
    """A provider failed. The message is a sentence for a person: what is wrong and what to do.

    `retry_after` is the provider's own wish in seconds, where it stated one.
    """

    def __init__(self, words: str, *, fault: Fault = Fault.PASSING, retry_after: float | None = None) -> None:
        super().__init__(words)
        self.fault = fault
        self.retry_after = retry_after

    @property
    def permanent(self) -> bool:
        """True when trying again will not help."""
        return self.fault is Fault.RECORDING
