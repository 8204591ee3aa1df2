"""An installation on what a contact centre runs: PostgreSQL, a Redis apart, S3, and three simulated providers."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlmodel import col, select

from config import settings
from jobs import enqueue
from jobs.connection import connect
from pipeline import intake
from pipeline.intake import Arrival
from records import db
from records.access import COMMAND_LINE
from records.calls import Call
from records.campaigns import changes, create, edit
from records.checks import AiRule, CheckSpec, MetricRule, PhraseRule
from records.results import Version
from records.runs import Run
from records.statuses import Source
from tests.audio import encode, mono_speech, speech
from tests.conftest import missing
from tests.installation import QUICK, Installation, answers, until
from tests.ports import free_port
from tests.simulators.assemblyai import AssemblyAISimulator
from tests.simulators.claude import ClaudeSimulator
from tests.simulators.deepgram import Deepgram
from tests.simulators.server import Simulator, serving

CHECKS = (
    CheckSpec(
        name="Greeting", weight=10, rule=PhraseRule(any=("thank you for calling",), speaker="agent", within_first_s=30)
    ),
    CheckSpec(name="Offers help", weight=20, rule=AiRule(criterion='The agent says "help you".')),
    CheckSpec(name="Says farewell", weight=5, critical=True, rule=AiRule(criterion='The agent says "good bye".')),
    CheckSpec(name="No long silence", weight=5, rule=MetricRule(metric="longest_silence_s", at_most=60)),
)
QUICKLY = {**QUICK, "TOTALVIEW_POLL_SECONDS": "0.2", "TOTALVIEW_OUTAGE_SECONDS": "1"}
CAMPAIGNS = ("assemblyai", "deepgram")


@dataclass
class Providers:
    """The simulated three, which keep their bills over everything that is killed around them."""

    assemblyai: AssemblyAISimulator = field(default_factory=AssemblyAISimulator)
    deepgram: Deepgram = field(default_factory=Deepgram)
    claude: ClaudeSimulator = field(default_factory=ClaudeSimulator)

    @property
    def all(self) -> dict[str, Simulator]:
        return {"ASSEMBLYAI": self.assemblyai, "DEEPGRAM": self.deepgram, "ANTHROPIC": self.claude}


@contextmanager
def providers(
    patch: pytest.MonkeyPatch, made: Providers | None = None, host: str = "127.0.0.1", **pace: str
) -> Iterator[Providers]:
    """All three, each with its key and address in the environment; everything goes quickly, or at another pace."""
    made = made or Providers()
    with ExitStack() as stack:
        for name, simulator in made.all.items():
            simulator.host = host
            stack.enter_context(serving(simulator))
            patch.setenv(f"{name}_BASE_URL", simulator.url)
            patch.setenv(f"{name}_API_KEY", simulator.key)
        for name, value in (pace or QUICKLY).items():
            patch.setenv(name, value)
        settings.cache_clear()
        yield made


def redis_apart(
    installation: Installation, patch: pytest.MonkeyPatch, host: str = "127.0.0.1"
) -> subprocess.Popen[bytes]:
    """A redis-server of its own, on a port, as REDIS_URL names it."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        missing("no redis-server is installed (apt-get install redis-server)")
    port = free_port()
    patch.setenv("REDIS_URL", f"redis://{host}:{port}/0")
    settings.cache_clear()
    folder = installation.home / "redis-apart"
    folder.mkdir(exist_ok=True)
    where = ["--port", str(port), "--bind", host, "--protected-mode", "no", "--dir", str(folder)]
    process = installation.start(str(program), *where, "--save", "", "--appendonly", "yes")
    until(answers, "Redis answers")
    return process


@contextmanager
def processes(home: Path) -> Iterator[Installation]:
    """Whatever is started in it ends with it."""
    installation = Installation(home)
    try:
        yield installation
    finally:
        installation.end()
        connect().close()


def campaigns() -> None:
    """One for each transcriber, with checks of every kind."""
    with db.writing() as session:
        for name in CAMPAIGNS:
            create(session, COMMAND_LINE, name.title(), CHECKS, slug=name)
            edit(session, COMMAND_LINE, name, changes(transcriber=name))


def recording(number: int = 0, *, channels: int = 2) -> bytes:
    """Four seconds of speech, unlike others by a click of their own."""
    samples, rate = (speech().samples, speech().rate) if channels == 2 else mono_speech()
    cut = samples[:, : rate * 4].copy()
    cut[0, number] = 1000
    return encode(cut, rate, "wav")


def take_in(campaign: str, number: int = 0) -> Call:
    """A recording, asked for as every source does."""
    arrival = Arrival(campaign, f"call {number}.wav", [recording(number)], Source.BULK_JOB)
    return intake.receive(COMMAND_LINE, arrival, enqueue.first).call


def call_now(call: Call) -> Call:
    with db.reading() as session:
        return session.get_one(Call, call.id)


def versions(call: Call) -> list[Version]:
    with db.reading() as session:
        return list(session.exec(select(Version).where(Version.call_id == call.id)))


def newest_run(call: Call) -> Run:
    with db.reading() as session:
        return session.exec(select(Run).where(Run.call_id == call.id).order_by(col(Run.number).desc())).first()  # type: ignore[return-value]  # a call has a run
