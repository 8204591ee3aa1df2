"""What a run remembers of its job at AssemblyAI, and when to look at it again."""

from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.transcribers.contract import Memory

LONGEST_PAUSE_S = 60.0
PART = 40  # a job takes about this part of the recording's length
GROWTH = 4  # the pause is this part of the time that has passed
RARELY, RAREST_PAUSE_S = 4, 300.0  # where AssemblyAI will tell us, looking is only for hints that were lost


def next_look(waited_s: float, audio_ms: int, first_s: float, *, told: bool = False) -> float:
    """Seconds until the next look, `waited_s` after submission. Pure.

    The first comes after a fortieth of the recording, or `first_s`; pauses grow with the time that has passed, up to a
    minute (or `first_s`, where that is longer). `told`: the provider brings word itself.
    """
    expected = audio_ms / 1000 / PART
    pause = max(first_s, expected - waited_s, waited_s / GROWTH)
    longest = max(LONGEST_PAUSE_S, first_s)
    return min(pause * RARELY, max(RAREST_PAUSE_S, first_s)) if told else min(pause, longest)


def now_s() -> float:
    """The time, in seconds since 1970."""
    return datetime.now(UTC).timestamp()


@dataclass(frozen=True)
class Job:
    """Facts of the memory. Each change is committed before anything else happens."""

    memory: Memory

    @property
    def audio_url(self) -> str:
        """Where the upload is; empty before there is one."""
        return self.memory.facts.get("audio_url", "")

    @property
    def id(self) -> str:
        """AssemblyAI's id of the job; empty before it is known."""
        return self.memory.facts.get("transcript_id", "")

    @property
    def redacted(self) -> bool:
        """Whether redaction was asked for."""
        return self.memory.facts.get("redacted") == "yes"

    @property
    def prompted(self) -> bool:
        """Whether it was told of phrases."""
        return self.memory.facts.get("prompted") == "yes"

    @property
    def told(self) -> bool:
        """Whether AssemblyAI will say that it is done."""
        return self.memory.facts.get("told") == "yes"

    @property
    def odd(self) -> bool:
        """Whether an answer of another length than the recording's was thrown away."""
        return self.memory.facts.get("odd_length") == "yes"

    @property
    def asked_again(self) -> int:
        """How often a job was begun in the place of one that may have been paid for."""
        given = self.memory.facts.get("asked_again", "")
        return int(given) if given.isdigit() else 0

    @property
    def uploaded_s(self) -> float:
        """When it was uploaded, in seconds since 1970."""
        return float(self.memory.facts.get("uploaded_at") or 0.0)

    @property
    def waited_s(self) -> float:
        """Seconds since it was submitted."""
        return max(now_s() - float(self.memory.facts.get("submitted_at") or now_s()), 0.0)

    def uploaded(self, audio_url: str, *, redacted: bool, prompted: bool) -> None:
        """Before submitting: by its upload, a job is found again whose id was lost."""
        self.memory.remember(
            audio_url=audio_url,
            uploaded_at=f"{now_s():.3f}",
            redacted="yes" if redacted else "no",
            prompted="yes" if prompted else "no",
        )

    def submitted(self, job_id: str, *, told: bool = False) -> None:
        """From here on it is only waited for. `told`: AssemblyAI was given an address to say that it is done."""
        self.memory.remember(transcript_id=job_id, submitted_at=f"{now_s():.3f}", told="yes" if told else "no")

    def again(self) -> None:
        """Another job is begun although there may be one."""
        self.memory.remember(asked_again=str(self.asked_again + 1))

    def forget(self, *, paid: bool, odd: bool = False) -> None:
        """Begin anew with a fresh upload, which no old job is found by. `paid`: the old one may have been billed."""
        again = self.asked_again + paid
        given = {"odd_length": "yes"} if odd else {}
        self.memory.remember(audio_url="", transcript_id="", submitted_at="", asked_again=str(again), **given)
