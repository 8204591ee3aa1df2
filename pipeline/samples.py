"""The sample campaign: what a fresh installation shows, and judges by while nothing is set up."""

import logging
from collections.abc import Callable
from pathlib import Path

from sqlmodel import select

from pipeline import checksheet, intake
from pipeline.incoming import blocks_of
from pipeline.intake import Arrival
from records import campaigns
from records.access import COMMAND_LINE
from records.calls import Call
from records.campaigns import Campaign
from records.db import writing
from records.runs import Run
from records.statuses import Source

log = logging.getLogger(__name__)

FOLDER = Path(__file__).resolve().parents[1] / "samples"
SLUG = "sample"


def ensure_campaign() -> Campaign:
    """The sample campaign, made at the first call."""
    with writing() as session:
        found = session.exec(select(Campaign).where(Campaign.slug == SLUG)).first()
        if found is not None:
            return found
        checks = checksheet.read((FOLDER / "checks.yaml").read_text(encoding="utf-8"))
        return campaigns.create(session, COMMAND_LINE, "Sample campaign", checks, slug=SLUG)


def load(ask: Callable[[Call, Run], None]) -> None:
    """Take the bundled recordings in, through the same door as everybody's."""
    ensure_campaign()
    for path in sorted(FOLDER.glob("*.opus")):
        arrival = Arrival(SLUG, path.name, blocks_of(path), Source.BULK_JOB)
        intake.receive(COMMAND_LINE, arrival, ask)
