"""Two agents who are one person become one: the calls, names, campaigns and accounts of the other pass to the one kept.

It takes several transactions, since a hundred thousand calls in one would keep every other writer waiting. The
first moves all but the calls, and deactivates the other, so that no new call finds them; the last deletes them.
Whoever repeats a merge that broke off in between finishes it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import sleep

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, func, select, update
from sqlmodel.sql.expression import SelectOfScalar

from records import access, agent_rights, audit
from records.agent_calls import PAUSE_S, hand_over
from records.agent_edits import locked
from records.agents import Agent, AgentAlias, AgentCampaign, all_named, folded
from records.call_list import COUNTED
from records.calls import Call
from records.campaigns import Campaign, NotUsable
from records.db import stored_id, writing
from records.identity import Identity, NotAllowed, require
from records.people import User
from records.roles import Permission, Scope

TRIES = 5  # at deleting: a call may come in that had found the other before


@dataclass(frozen=True)
class Outlook:
    """What a merge would do, before it is done."""

    kept: Agent
    other: Agent
    calls: int  # of the other; more than COUNTED means only 'more than that'
    aliases: tuple[str, ...]
    campaigns: tuple[str, ...]  # names
    people: tuple[str, ...]  # e-mail addresses of linked accounts


def outlook(session: Session, who: Identity, kept_id: int, other_id: int) -> Outlook:
    """What would be done. Raises NotUsable, NotAllowed, NotFound as `merge` would."""
    kept, other = _both(session, who, kept_id, other_id, access.agent)
    some = _calls_of(other_id).with_only_columns(col(Call.id)).limit(COUNTED + 1).subquery()
    works = select(AgentCampaign.campaign_id).where(AgentCampaign.agent_id == other_id)
    names = select(Campaign.name).where(col(Campaign.id).in_(works)).order_by(col(Campaign.name))
    aliases = select(AgentAlias.alias).where(AgentAlias.agent_id == other_id).order_by(col(AgentAlias.alias))
    return Outlook(
        kept,
        other,
        calls=session.exec(select(func.count()).select_from(some)).one(),
        aliases=tuple(session.exec(aliases)),
        campaigns=tuple(session.exec(names)),
        people=tuple(session.exec(select(User.email).where(User.agent_id == other_id).order_by(col(User.email)))),
    )


def merge(who: Identity, kept_id: int, other_id: int) -> int:
    """Do it; how many calls passed over. Raises NotUsable, NotAllowed, NotFound. It may be repeated after a crash."""
    with writing() as session:
        kept, other = _both(session, who, kept_id, other_id, locked)
        words = f"The agent is {kept.name}: {other.name} was merged into them."
        other.active = False
        session.add(other)
        aliases = _pass_names(session, who, kept, other)
        people = _pass_rest(session, kept_id, other_id)
        count = session.exec(select(func.count()).select_from(_calls_of(other_id).subquery())).one()
        audit.log(session, who, "agent.merge", other.name, into=kept.name, aliases=aliases, people=people, calls=count)
    moved = 0
    while True:
        with writing() as session:
            some = hand_over(session, _calls_of(other_id), kept_id, words=words, by=who.label)
        if not some:
            break
        moved += some
        sleep(PAUSE_S)
    return moved + _end(who, kept_id, other_id, words)


def _end(who: Identity, kept_id: int, other_id: int, words: str) -> int:
    """Move what came in meanwhile, and delete the other in the same transaction; somebody else may have done so."""
    for left in reversed(range(TRIES)):
        try:
            with writing() as session:
                return _last(session, who, kept_id, other_id, words)
        except IntegrityError:
            if not left:
                raise
    return 0


def _last(session: Session, who: Identity, kept_id: int, other_id: int, words: str) -> int:
    both = select(Agent.id).where(col(Agent.id).in_((kept_id, other_id))).order_by(col(Agent.id))
    if other_id not in session.exec(both.with_for_update()).all():
        return 0
    moved = 0
    while some := hand_over(session, _calls_of(other_id), kept_id, words=words, by=who.label):
        moved += some
    session.exec(update(AgentAlias).where(col(AgentAlias.agent_id) == other_id).values(agent_id=kept_id))
    for email in _pass_rest(session, kept_id, other_id):  # linked meanwhile, so that no line names them yet
        audit.log(session, who, "agent.link_person", session.get_one(Agent, kept_id).name, person=email)
    session.exec(delete(AgentCampaign).where(col(AgentCampaign.agent_id) == other_id))
    session.exec(delete(Agent).where(col(Agent.id) == other_id))
    return moved


def _both(
    session: Session, who: Identity, kept_id: int, other_id: int, find: Callable[[Session, Identity, int], Agent]
) -> tuple[Agent, Agent]:
    """The two, found in one order, whoever merges whom; only if this person may merge them."""
    require(who, Permission.AGENT_MANAGE)
    if kept_id == other_id:
        raise NotUsable("Choose two different agents.")
    found = {number: find(session, who, number) for number in sorted((kept_id, other_id))}
    kept, other = found[kept_id], found[other_id]
    if not kept.active:
        raise NotUsable(f"{kept.name} is deactivated. Merge the other way round, or reactivate them first.")
    for agent in (kept, other):
        words = agent_rights.hindrance(session, who, agent) or _calls_elsewhere(session, who, agent)
        if words:
            raise NotAllowed(words)
    return kept, other


def _calls_elsewhere(session: Session, who: Identity, agent: Agent) -> str:
    """Why a Manager may not merge an agent whose calls are not all theirs: a merge writes to each."""
    if require(who, Permission.AGENT_MANAGE) is not Scope.ASSIGNED:
        return ""
    calls = select(Call.id).where(Call.agent_id == agent.id, col(Call.campaign_id).not_in(who.campaign_ids)).limit(1)
    found = session.exec(calls).first() is not None
    return f"{agent.name} has calls in campaigns that are not yours too. {agent_rights.ASK}" if found else ""


def _calls_of(agent_id: int) -> SelectOfScalar[Call]:
    return select(Call).where(Call.agent_id == agent_id)


def _pass_names(session: Session, who: Identity, kept: Agent, other: Agent) -> list[str]:
    """The other's names go to the one kept; and their own, unless a third agent goes by it."""
    session.flush()  # the other is no longer active, so that they are not found by their own name
    own = folded(other.name)
    session.exec(update(AgentAlias).where(col(AgentAlias.agent_id) == other.id).values(agent_id=kept.id))
    has_owner = session.exec(select(AgentAlias.alias).where(AgentAlias.alias == own)).first() is not None
    if not has_owner and not all_named(session, own) and not agent_rights.clash(session, who, kept, own):
        session.add(AgentAlias(alias=own, agent_id=stored_id(kept.id)))
        session.flush()
    return list(session.exec(select(AgentAlias.alias).where(AgentAlias.agent_id == kept.id)))


def _pass_rest(session: Session, kept_id: int, other_id: int) -> list[str]:
    """Campaigns, and accounts, whose addresses are given back: what their people see changes.

    The other keeps the campaigns until the end, so that a Manager may repeat this.
    """
    has = set(session.exec(select(AgentCampaign.campaign_id).where(AgentCampaign.agent_id == kept_id)))
    works = session.exec(select(AgentCampaign.campaign_id).where(AgentCampaign.agent_id == other_id)).all()
    session.add_all(AgentCampaign(agent_id=kept_id, campaign_id=number) for number in works if number not in has)
    moved = update(User).where(col(User.agent_id) == other_id).values(agent_id=kept_id).returning(col(User.email))
    return sorted(session.execute(moved).scalars())
