"""Acts on agents: made, changed, given other names and campaigns. Each is checked and logged."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select
from sqlmodel.sql.expression import SelectOfScalar

from records import access, agent_rights, audit
from records.agents import LONGEST_NAME, Agent, AgentAlias, AgentCampaign, folded
from records.campaigns import Campaign, NotUsable, line
from records.db import stored_id
from records.identity import Identity, NotAllowed, NotFound, require
from records.roles import Permission, Scope


@dataclass(frozen=True)
class Profile:
    """An agent to be made."""

    name: str
    team: str = ""
    aliases: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()  # slugs


def create(session: Session, who: Identity, new: Profile) -> Agent:
    """A new agent. Raises NotUsable, NotAllowed, NotFound for a campaign."""
    scope = require(who, Permission.AGENT_MANAGE)
    campaigns = _campaigns(session, who, new.campaigns)
    if scope is Scope.ASSIGNED and not campaigns:
        raise NotUsable("Choose at least one of your campaigns: the agent works for it.")
    agent = Agent(name=agent_name(new.name), team=line(new.team, "A team's name"))
    session.add(agent)
    session.flush()
    aliases = [_add_alias(session, who, agent, alias) for alias in usable_aliases(new.aliases)]
    session.add_all(AgentCampaign(agent_id=stored_id(agent.id), campaign_id=number) for number in campaigns)
    audit.log(
        session, who, "agent.create", agent.name, team=agent.team, aliases=aliases, campaigns=sorted(campaigns.values())
    )
    return agent


def edit(session: Session, who: Identity, agent_id: int, *, name: str, team: str) -> Agent:
    """Another name or team. Calls that are linked stay linked. Raises NotUsable, NotAllowed, NotFound."""
    agent = managed(session, who, agent_id)
    wanted = {"name": agent_name(name), "team": line(team, "A team's name")}
    before = {"name": agent.name, "team": agent.team}
    if wanted != before:
        agent.sqlmodel_update(wanted)
        session.add(agent)
        changed = [f"{field}: {before[field]} -> {value}" for field, value in wanted.items() if value != before[field]]
        audit.log(session, who, "agent.edit", before["name"], changed=changed)
    return agent


def add_alias(session: Session, who: Identity, agent_id: int, alias: str) -> str:
    """Another name, by which sources may call this agent; as it is stored. Raises NotUsable, NotAllowed, NotFound."""
    agent = managed(session, who, agent_id)
    (wanted,) = usable_aliases([alias]) or [""]
    if not wanted:
        raise NotUsable("Type a name that a source gives: an e-mail address, a dialler's id, an extension.")
    stored = _add_alias(session, who, agent, wanted)
    audit.log(session, who, "agent.add_alias", agent.name, alias=stored)
    return stored


def remove_alias(session: Session, who: Identity, agent_id: int, alias: str) -> None:
    """Take another name away; what is linked stays linked. Raises NotAllowed, NotFound."""
    agent = managed(session, who, agent_id)
    these = delete(AgentAlias).where(col(AgentAlias.alias) == folded(alias), col(AgentAlias.agent_id) == agent.id)
    if session.exec(these).rowcount != 1:
        raise NotFound(f"{agent.name} has no other name '{alias}' any more.")
    audit.log(session, who, "agent.remove_alias", agent.name, alias=folded(alias))


def set_campaigns(session: Session, who: Identity, agent_id: int, slugs: Iterable[str]) -> None:
    """Which campaigns the agent works for, among those that this person manages; the others stay as they are.

    Raises NotUsable, NotAllowed, NotFound.
    """
    agent = managed(session, who, agent_id, shared=True)
    wanted = _campaigns(session, who, slugs)
    mine = {campaign.id: campaign.slug for campaign in session.exec(_manageable(who))}
    works = set(session.exec(select(AgentCampaign.campaign_id).where(AgentCampaign.agent_id == agent.id)))
    gone, come = (works & mine.keys()) - wanted.keys(), wanted.keys() - works
    left = (works - gone) | come
    if gone and not left and require(who, Permission.AGENT_MANAGE) is Scope.ASSIGNED:
        raise NotUsable("Leave at least one campaign. Deactivate the agent if they work for none any more.")
    for number in sorted(gone):
        session.exec(
            delete(AgentCampaign).where(
                col(AgentCampaign.agent_id) == agent.id, col(AgentCampaign.campaign_id) == number
            )
        )
    session.add_all(AgentCampaign(agent_id=stored_id(agent.id), campaign_id=number) for number in sorted(come))
    if gone or come:
        added, removed = sorted(wanted[number] for number in come), sorted(mine[number] for number in gone)
        audit.log(session, who, "agent.set_campaigns", agent.name, added=added, removed=removed)


def set_active(session: Session, who: Identity, agent_id: int, *, active: bool) -> None:
    """Deactivate: no new call is linked, and what there is stays. Or take it back. Raises NotAllowed, NotFound."""
    agent = managed(session, who, agent_id)
    if agent.active is not active:
        agent.active = active
        session.add(agent)
        audit.log(session, who, "agent.reactivate" if active else "agent.deactivate", agent.name)


def usable_aliases(given: Iterable[str]) -> list[str]:
    """As they are stored, each once, none empty. Raises NotUsable."""
    stored = [folded(line(alias, "Another name", most=LONGEST_NAME)) for alias in given]
    if any(len(alias) > LONGEST_NAME for alias in stored):  # a few letters grow when they are folded
        raise NotUsable(f"Another name may have at most {LONGEST_NAME} characters.")
    return [alias for alias in dict.fromkeys(stored) if alias]


def agent_name(given: str) -> str:
    """An agent's name as it may be. Raises NotUsable."""
    name = line(given, "An agent's name")
    if not name:
        raise NotUsable("Give the agent a name.")
    return name


def taken(session: Session, who: Identity, alias: str, owner_id: int) -> NotUsable:
    """What to say of an alias that another has: by whom only if that agent is theirs to see."""
    try:
        owner = access.agent(session, who, owner_id)
    except NotFound:
        return NotUsable(f"'{alias}' is another agent's already. {agent_rights.ASK}")
    return NotUsable(f"'{alias}' is {owner.name}'s already. Remove it there first, or merge the two.")


def managed(session: Session, who: Identity, agent_id: int, *, shared: bool = False) -> Agent:
    """An agent whose record this person may change, locked; `shared` as in `hindrance`. Raises NotAllowed, NotFound."""
    agent = locked(session, who, agent_id)
    words = agent_rights.hindrance(session, who, agent, shared=shared)
    if words:
        raise NotAllowed(words)
    return agent


def locked(session: Session, who: Identity, agent_id: int) -> Agent:
    """An agent whom this person knows, as they are now; two changes at once follow each other. Raises NotFound."""
    require(who, Permission.AGENT_MANAGE)
    access.agent(session, who, agent_id)
    wanted = access.agents(who).where(Agent.id == agent_id).with_for_update().execution_options(populate_existing=True)
    found = session.exec(wanted).first()
    if found is None:
        raise NotFound("There is no such agent.")
    return found


def _add_alias(session: Session, who: Identity, agent: Agent, alias: str) -> str:
    owner = session.exec(select(AgentAlias.agent_id).where(AgentAlias.alias == alias)).first()
    if owner == agent.id:
        raise NotUsable(f"{agent.name} has '{alias}' already.")
    if owner is not None:
        raise taken(session, who, alias, owner)
    words = agent_rights.clash(session, who, agent, alias)
    if words:
        raise NotUsable(words)
    session.add(AgentAlias(alias=alias, agent_id=stored_id(agent.id)))
    try:
        session.flush()
    except IntegrityError as error:  # somebody else gave it away between our look and our write
        raise NotUsable(f"'{alias}' has just been given to somebody. Look again.") from error
    return alias


def _manageable(who: Identity) -> SelectOfScalar[Campaign]:
    return access.campaigns(who, Permission.AGENT_MANAGE)


def _campaigns(session: Session, who: Identity, slugs: Iterable[str]) -> dict[int, str]:
    """Slugs by id; NotFound for one that this person does not manage."""
    found = [access.campaign(session, who, slug, Permission.AGENT_MANAGE) for slug in dict.fromkeys(slugs)]
    return {stored_id(campaign.id): campaign.slug for campaign in found}
