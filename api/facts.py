"""What a program says of a recording, in a form's fields or in an upload's metadata, becomes facts; or a refusal."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from api.caller import Caller
from api.problems import Problem
from pipeline.intake import Facts
from records import access, agents, bulk
from records.identity import NotFound
from records.lines import unshown
from records.roles import Permission

FIELDS = ("campaign_id", "agent", "called_at", "external_id", "metadata", "accept_truncated", "bulk_job_id")
LARGEST_METADATA = 64 << 10  # characters of JSON
_EXAMPLE = 'Send an object, such as {"team": "north"}.'
_YES_NO = {"true": True, "1": True, "false": False, "0": False, "": False}


def facts_of(session: Session, caller: Caller, given: Mapping[str, str]) -> Facts:
    """The facts in these fields; an empty field is one that was not given. Raises Problem with the field's name."""
    _expect_campaign(caller, given.get("campaign_id", ""))
    agent = _line("agent", given.get("agent", ""), agents.LONGEST_NAME)
    known = agents.named(session, agent)
    return Facts(
        called_at=_moment(session, caller, given.get("called_at", "")),
        external_id=given.get("external_id") or None,
        agent_id=known.id if known else None,
        agent_given=agent,
        details=_object(given.get("metadata", "")),
        accept_truncated=_yes_no("accept_truncated", given.get("accept_truncated", "")),
    )


def bulk_job_of(session: Session, caller: Caller, given: Mapping[str, str]) -> int | None:
    """The bulk job that these fields name, which takes recordings still; None where they name none."""
    number = given.get("bulk_job_id", "")
    if not number:
        return None
    try:
        job = bulk.job(session, caller.who, int(number), Permission.CALL_UPLOAD)
    except (ValueError, NotFound) as error:
        words = f"bulk_job_id: this campaign has no bulk job '{number}'. POST /bulk_jobs makes one."
        raise Problem("bad-metadata", words) from error
    if job.cancelled_at is not None:
        raise Problem("cancelled", f"Bulk job {job.id} was cancelled, so that it takes no recordings any more.")
    return job.id


def _expect_campaign(caller: Caller, named: str) -> None:
    """Another campaign is refused in the same words whether there is one or not."""
    if named not in {"", caller.campaign, str(caller.campaign_id)}:
        raise Problem("wrong-campaign", "This key is of another campaign. Leave campaign_id out, or use its key.")


def _line(field: str, text: str, most: int) -> str:
    kept = text.strip()
    if len(kept) > most or unshown(kept):
        raise Problem("bad-metadata", f"{field}: at most {most} characters, none of them control characters.")
    return kept


def _moment(session: Session, caller: Caller, text: str) -> datetime | None:
    """A time in ISO 8601; one without a zone is of the campaign's."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            campaign = access.campaign(session, caller.who, caller.campaign, Permission.CALL_UPLOAD)
            moment = moment.replace(tzinfo=ZoneInfo(campaign.time_zone))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        words = f"called_at: '{text[:60]}' is no time. Write it in ISO 8601, such as 2026-03-04T14:05:00+01:00."
        raise Problem("bad-metadata", words) from error


def _object(text: str) -> dict[str, Any]:
    if not text:
        return {}
    if len(text) > LARGEST_METADATA:
        raise Problem("bad-metadata", f"metadata: at most {LARGEST_METADATA:,} characters.")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Problem("bad-metadata", f"metadata: this is no JSON. {_EXAMPLE}") from error
    if not isinstance(found, dict):
        raise Problem("bad-metadata", f"metadata: this is JSON, but no object. {_EXAMPLE}")
    return found


def _yes_no(field: str, text: str) -> bool:
    found = _YES_NO.get(text.strip().lower())
    if found is None:
        raise Problem("bad-metadata", f"{field}: write true or false.")
    return found
