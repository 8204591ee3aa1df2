"""The judge of AI checks: Claude, or any server that speaks its API."""

from config import settings
from pipeline.evaluators.claude.judge import Claude
from pipeline.evaluators.claude.requests import Server
from pipeline.evaluators.contract import Evaluator
from pipeline.evaluators.registry import connected
from pipeline.evaluators.unconnected import Unconnected


def configured() -> Evaluator:
    """The judge that the settings name."""
    return Claude(server()) if connected() else Unconnected()


def server() -> Server:
    """Where its model is."""
    return Server.of(settings())
