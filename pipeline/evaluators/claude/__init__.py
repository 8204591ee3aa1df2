"""The judge of AI checks: Claude, or any server that speaks its API."""

from config import settings
from pipeline.evaluators.claude.judge import Claude
from pipeline.evaluators.claude.requests import Server
from pipeline.evaluators.contract import Evaluator


def configured() -> Evaluator:
    """The judge with the model that the settings name."""
    return Claude(server())


def server() -> Server:
    """Where its model is."""
    return Server.of(settings())
