"""Changing a campaign's settings and checks, with what transcribers can do in view; calls that wait look anew."""

from collections.abc import Sequence

from config import settings
from pipeline import line
from pipeline.transcribers import registry
from records import access, campaigns, check_edits
from records.campaigns import Campaign, Changes, NotUsable
from records.check_edits import Difference, Kept
from records.db import stored_id, writing
from records.identity import Identity
from records.roles import Permission


def change(who: Identity, slug: str, changes: Changes) -> Campaign:
    """Change what is named. Raises NotUsable, NotAllowed, NotFound; then nothing is changed."""
    if changes.transcriber and changes.transcriber not in registry.names():
        raise NotUsable(f"There is no transcriber '{changes.transcriber}'. There are: {', '.join(registry.names())}.")
    with writing() as session:
        campaign = campaigns.edit(session, who, slug, changes)
        if changes.redact or (changes.transcriber is not None and campaign.redact):
            expect_redacting(campaign.transcriber)
        line.dissolve(session, stored_id(campaign.id))
    return campaign


def change_checks(who: Identity, slug: str, rows: Sequence[Kept], *, seen: str) -> Difference:
    """As check_edits.replace. Calls that wait for a judge that the new checks do not need go on."""
    with writing() as session:
        made = check_edits.replace(session, who, slug, rows, seen=seen)
        if made:
            line.dissolve(session, stored_id(access.campaign(session, who, slug, Permission.CAMPAIGN_EDIT).id))
    return made


def redacting() -> tuple[str, ...]:
    """The transcribers that can redact, whether this deployment has their keys or not."""
    return tuple(name for name in registry.names() if registry.redacts(name))


def expect_redacting(transcriber: str) -> None:
    """A campaign that redacts, and whose transcriber cannot, would let its calls wait for ever."""
    chosen = transcriber or registry.default(settings(), redact=True)
    if not registry.redacts(chosen):
        able = " or ".join(f"{registry.label(name)} ({registry.PROVIDERS[name].needs_key})" for name in redacting())
        who = registry.label(chosen) if transcriber else "None of the transcribers that are set up here"
        cannot = "cannot redact" if transcriber else "can redact"
        raise NotUsable(f"{who} {cannot}. Turn redaction off, or choose {able}.", field="redact")
