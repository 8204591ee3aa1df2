"""Kind of check -> who judges it; loaded only when a campaign uses it."""

from importlib import import_module
from typing import cast

from config import settings
from pipeline.evaluators.contract import Evaluator
from pipeline.transcribers.contract import Checkable
from records.statuses import CheckKind

EVALUATORS = {
    CheckKind.PHRASE: "pipeline.evaluators.phrases:Phrases",
    CheckKind.METRIC: "pipeline.evaluators.metrics:Metrics",
    CheckKind.AI: "pipeline.evaluators.claude:configured",
}
UNCONNECTED = "pipeline.evaluators.unconnected:Unconnected"  # answers for the model while there is none


def connected() -> bool:
    """Whether a model is there to judge AI checks: Claude by its key, or whatever speaks its API at another address."""
    return bool(settings().anthropic_api_key or settings().anthropic_base_url)


def model() -> Checkable:
    """The server of the model that judges AI checks, as one whose being there can be asked for."""
    return cast(Checkable, import_module("pipeline.evaluators.claude").server())


def evaluator(kind: CheckKind) -> Evaluator:
    """The judge of this kind of check."""
    judge = UNCONNECTED if kind is CheckKind.AI and not connected() else EVALUATORS[kind]
    module, _, name = judge.partition(":")
    return cast(Evaluator, getattr(import_module(module), name)())
