"""The judge of AI checks for a person who waits: one request at most, and a minute at most."""

from dataclasses import dataclass, field, replace

from pipeline.evaluators.claude import server
from pipeline.evaluators.claude.judge import Asked, Claude
from pipeline.evaluators.claude.messages import Message
from pipeline.evaluators.claude.prompt import Prompt
from pipeline.evaluators.contract import Evaluator
from pipeline.outcome import ProviderError

MOST_S = 60.0
ONLY_ONE = (
    "Claude could not judge this check by one request: the call is too long for it, or its answer could not be used. "
    "Choose a shorter call, or try again."
)


def configured() -> Evaluator:
    """The judge with the model that the settings name."""
    there = server()
    return Claude(Sole(replace(there, seconds=min(there.seconds, MOST_S))))


@dataclass
class Sole:
    """A server that is asked once: whatever the judge would ask further costs nothing, and is refused in words."""

    server: Asked
    asked: bool = field(default=False)

    @property
    def model(self) -> str:
        """The model's name in the settings."""
        return self.server.model

    def ask(self, prompt: Prompt, room: int) -> Message:
        """The request, the first time."""
        if self.asked:
            raise ProviderError(ONLY_ONE)
        self.asked = True
        return self.server.ask(prompt, room)
