"""What comes back from Claude's API, read tolerantly: other servers leave fields out and add their own. Pure."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from pipeline import prices
from pipeline.evaluators.claude.groups import Reply

Tokens = Annotated[int, Field(ge=0), BeforeValidator(lambda told: 0 if told is None else told)]


class Written(BaseModel):
    """Tokens written to the cache, by how long it is kept."""

    ephemeral_5m_input_tokens: Tokens = 0


class Used(BaseModel):
    """Tokens of one request; other servers leave some or all out."""

    input_tokens: Tokens = 0  # read anew
    output_tokens: Tokens = 0
    cache_creation_input_tokens: Tokens = 0
    cache_read_input_tokens: Tokens = 0
    cache_creation: Written | None = None

    @property
    def all_input(self) -> int:
        """Every token of the prompt, wherever it came from."""
        return self.input_tokens + self.cache_creation_input_tokens + self.cache_read_input_tokens

    def cost(self, model: str) -> float | None:
        """In dollars; None where the model's price or the tokens are not known."""
        if not self.all_input:
            return None
        short = min(
            self.cache_creation.ephemeral_5m_input_tokens if self.cache_creation else 0,
            self.cache_creation_input_tokens,
        )
        return prices.judging(
            model,
            fresh=self.input_tokens,
            cache_write=self.cache_creation_input_tokens - short,
            cache_write_short=short,
            cache_read=self.cache_read_input_tokens,
            output=self.output_tokens,
        )


class Block(BaseModel):
    """A piece of an answer; thinking and kinds yet unknown have no text that counts."""

    type: str = ""
    text: str | None = None


class Message(BaseModel):
    """An answer as far as it matters; everything else in it is ignored."""

    model: str = ""
    content: list[Block]
    stop_reason: str | None = None
    usage: Annotated[Used, BeforeValidator(lambda told: {} if told is None else told)] = Field(default_factory=Used)

    @property
    def reply(self) -> Reply:
        """Why it stopped, and its text."""
        return Reply(self.stop_reason, "".join(block.text or "" for block in self.content if block.type == "text"))
