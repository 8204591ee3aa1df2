"""The outbox: what happened to a call is written down for its campaign's webhooks, in the same transaction."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, select

from config import settings
from pipeline.report import rounded
from records.agents import Agent
from records.calls import Call
from records.campaigns import Campaign
from records.db import now, stored_id
from records.deliveries import Delivery, new_event_id
from records.results import Version
from records.webhooks import Event, Webhook

CANCELLED = "cancelled"  # the error code of calls that a person called off; nobody is told


def completed(session: Session, call: Call) -> None:
    """The call has a new version. The caller commits."""
    _write_down(session, call, [Event.COMPLETED, *([Event.FLAGGED] if call.flagged else [])])


def failed(session: Session, call: Call, code: str) -> None:
    """The call's run has failed with this code. The caller commits."""
    if code != CANCELLED:
        _write_down(session, call, [Event.FAILED])


def message(kind: str, data: dict[str, Any], moment: datetime) -> str:
    """A message's body as Standard Webhooks recommends it; in ASCII, so that no reader can get it wrong."""
    return json.dumps({"type": kind, "timestamp": _iso(moment), "data": data}, separators=(",", ":"))


def _write_down(session: Session, call: Call, events: list[Event]) -> None:
    # Locked, so that none of them is deleted before its deliveries are in.
    theirs = select(Webhook).where(Webhook.campaign_id == call.campaign_id).with_for_update(read=True, key_share=True)
    webhooks = [webhook for webhook in session.exec(theirs) if webhook.active]
    if not webhooks:
        return
    moment, data = now(), _data(session, call)
    for event in events:
        wanting = [webhook for webhook in webhooks if event in webhook.events]
        event_id, payload = new_event_id(), message(event, data, moment)
        for webhook in wanting:
            delivery = Delivery(
                webhook_id=stored_id(webhook.id),
                event_id=event_id,
                type=event.value,
                call_id=call.id,
                payload=payload,
                next_at=moment,
                created_at=moment,
            )
            session.add(delivery)
            session.flush()  # one by one, so that ids follow the order of the events


def _data(session: Session, call: Call) -> dict[str, Any]:
    """The call as it stands at this moment, with what its newest version found; no transcript."""
    session.refresh(call)
    campaign = session.get_one(Campaign, call.campaign_id)
    agent = session.get(Agent, call.agent_id) if call.agent_id else None
    newest = select(Version).where(Version.call_id == call.id, Version.number == call.version_number)
    version = session.exec(newest).first()
    return {
        "id": call.id,
        "campaign": campaign.slug,
        "status": call.status.value,
        "source": call.source.value,
        "filename": call.filename,
        "external_id": call.external_id,
        "agent": agent.name if agent else None,
        "called_at": _iso(call.called_at) if call.called_at else None,
        "duration_s": None if call.duration_ms is None else call.duration_ms / 1000,
        "score": rounded(call.score),
        "flagged": call.flagged,
        "flag_reasons": [reason["words"] for reason in version.flag_reasons] if version else [],
        "version": version.number if version else None,
        "error": {"code": call.error_code, "words": call.error} if call.error_code else None,
        "metadata": call.details,
        "url": f"{settings().address}/call?id={call.id}",
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
