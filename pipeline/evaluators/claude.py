"""The judge of AI checks: Claude, or any server that speaks its API."""

from pipeline.evaluators.contract import Evaluator
from pipeline.evaluators.unconnected import Unconnected


def configured() -> Evaluator:
    """The judge that the settings name."""
    return Unconnected()
