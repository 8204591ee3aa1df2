"""The judge of AI checks: Claude, or any server that speaks its API."""

from config import settings
from pipeline.evaluators.claude.judge import Claude
from pipeline.evaluators.claude.requests import Server
from pipeline.evaluators.contract import Evaluator
from pipeline.evaluators.unconnected import Unconnected


def configured() -> Evaluator:
    """The judge that the settings name."""
    known = settings()
    if not known.anthropic_api_key and not known.anthropic_base_url:
        return Unconnected()
    return Claude(Server.of(known))
