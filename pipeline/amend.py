"""What is known of a call besides its recording, changed afterwards: its agent, its metadata."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from pipeline.details import DEEPEST, deeper, trouble
from pipeline.intake import Facts, Refused, check
from pipeline.reruns import lock
from records import access, agents, audit
from records.agents import Agent
from records.calls import Call
from records.db import now, writing
from records.identity import Identity
from records.moves import note
from records.roles import Permission

UNLINKED = "No agent is linked any more."


class NobodyGoesByIt(Exception):  # noqa: N818  what it is
    """No active agent has this name or alias, or several have the name; the message is a sentence."""


def amend(who: Identity, call_id: str, changes: Mapping[str, Any]) -> Call:
    """Change what `changes` holds: `agent` (a name or alias; None unlinks), `metadata` (a merge patch; None empties).

    Raises NotFound, NobodyGoesByIt, Refused for metadata that cannot be kept. All of it changes, or nothing.
    """
    with writing() as session:
        call = access.call(session, who, call_id, Permission.CALL_REPROCESS)
        lock(session, call)  # two merges at once would each lose the other's keys
        words, before = [], call.agent_id
        if "agent" in changes:
            words.append(_link(session, call, changes["agent"]))
            _log(session, who, call, before)
        if "metadata" in changes:
            call.details = _merged(call.details, changes["metadata"])
            words.append("Metadata changed.")
        if words:
            call.updated_at = now()
            session.add(call)
            note(session, call, was=call.status, to=call.status, words=" ".join(words), by=who.label)
        return call


def link(who: Identity, call_id: str, agent_id: int | None) -> Call:
    """Link an agent whom this person knows; None unlinks. What the source called them stays. Raises NotFound."""
    with writing() as session:
        call = access.call(session, who, call_id, Permission.CALL_REPROCESS)
        lock(session, call)
        before = call.agent_id
        agent = access.agent(session, who, agent_id, Permission.CALL_REPROCESS) if agent_id is not None else None
        if before == agent_id:
            return call
        call.agent_id, call.updated_at = agent_id, now()
        session.add(call)
        words = f"The agent is {agent.name}." if agent else UNLINKED
        note(session, call, was=call.status, to=call.status, words=words, by=who.label)
        _log(session, who, call, before)
        return call


def merge(into: Any, patch: Any) -> Any:  # noqa: ANN401  JSON
    """RFC 7396: objects are merged, null takes a key away, anything else takes the place of what was there."""
    if not isinstance(patch, Mapping):
        return patch
    kept = dict(into) if isinstance(into, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = merge(kept.get(name), value)
    return kept


def _log(session: Session, who: Identity, call: Call, before: int | None) -> None:
    """Who may see the call has changed, where its agent has; by a key as on a page."""
    if call.agent_id != before:
        was, now_is = (session.get_one(Agent, number).name if number else None for number in (before, call.agent_id))
        audit.log(
            session,
            who,
            "call.link_agent",
            f"call {call.id}",
            campaign_id=call.campaign_id,
            before=was,
            after=now_is,
        )


def _link(session: Session, call: Call, given: str | None) -> str:
    if given is None:
        call.agent_id, call.agent_given = None, ""
        return UNLINKED
    agent = _known(session, given)
    call.agent_id, call.agent_given = agent.id, given.strip()
    return f"The agent is {agent.name}."


def _known(session: Session, given: str) -> Agent:
    agent = agents.named(session, given)
    if agent is None:
        words = f"No active agent goes by '{given}', or several do. Give an alias, or a name that only one has."
        raise NobodyGoesByIt(words)
    return agent


def _merged(details: dict[str, Any], patch: dict[str, Any] | None) -> dict[str, Any]:
    if patch is None:
        return {}
    if deeper(patch, DEEPEST):  # before it is walked through
        raise Refused("bad_metadata", trouble(patch))
    merged: dict[str, Any] = merge(details, patch)
    check(Facts(details=merged))
    return merged
