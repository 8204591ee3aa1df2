"""The pipeline, in order. (Intake is no stage: it runs where the bytes arrive.)"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from pipeline import analysis, transcription, verdict
from pipeline.line import Need
from pipeline.outcome import Done, Wait
from pipeline.work import Work
from records.campaigns import Campaign
from records.runs import Run
from records.statuses import CallStatus

Store = Callable[[Session, Run], None]
"""Writes what a stage made; runs in the transaction that also moves the run on, or not at all."""


@dataclass(frozen=True)
class Stage:
    """One step of a run."""

    name: str
    shows: CallStatus  # the status that a call wears while the stage runs
    run: Callable[[Work], Done[Store] | Wait]
    needs: Callable[[Session, Run, Campaign], Need | None] = lambda *_: None  # with whom it needs a place


STAGES = (
    Stage("transcription", CallStatus.TRANSCRIBING, transcription.run, transcription.needs),
    Stage("analysis", CallStatus.ANALYZING, analysis.run, analysis.needs),
    Stage("verdict", CallStatus.ANALYZING, verdict.run),  # score and flag
)
BY_NAME = {stage.name: stage for stage in STAGES}


def after(stage: Stage) -> Stage | None:
    """The stage that follows, or None at the end."""
    place = STAGES.index(stage) + 1
    return STAGES[place] if place < len(STAGES) else None
