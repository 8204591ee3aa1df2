"""Calls whose agent nobody knew: by the name that the source gave, and linked at once by whoever knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import sleep

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from records import access, agent_rights, agents, audit
from records.agent_calls import PAUSE_S, hand_over
from records.agent_edits import locked, taken, usable_aliases
from records.agents import Agent, AgentAlias, folded
from records.call_list import COUNTED
from records.calls import Call
from records.campaigns import Campaign, NotUsable
from records.db import stored_id, writing
from records.identity import Identity, require
from records.roles import Permission

MOST = 200  # names that are looked at; more come up as these are linked


@dataclass(frozen=True)
class Group:
    """The unlinked calls of one name."""

    name: str  # as it was given most often
    spellings: tuple[str, ...]  # all of them, exactly
    calls: int
    newest: datetime

    @property
    def key(self) -> str:
        return folded(self.name)


def calls(who: Identity) -> SelectOfScalar[Call]:
    """The calls that name an agent whom nobody knew, and that this person may link."""
    require(who, Permission.AGENT_MANAGE)
    mine = access.calls(who, Permission.CALL_REPROCESS)
    return mine.where(col(Call.agent_id).is_(None), col(Call.agent_given) != "")


def count(session: Session, who: Identity) -> int:
    """How many calls; anything above COUNTED means only 'more than that'."""
    some = calls(who).with_only_columns(col(Call.id)).limit(COUNTED + 1).subquery()
    return session.exec(select(func.count()).select_from(some)).one()


def spellings(session: Session, who: Identity, given: str) -> tuple[str, ...]:
    """All ways in which unlinked calls write this name; of all calls, since it may be no name of the first MOST.

    No database folds names as we do, so that each one that there is has to be looked at.
    """
    wanted = folded(given)
    every = session.execute(calls(who).with_only_columns(col(Call.agent_given)).distinct())
    return tuple(sorted(name for name in every.scalars() if folded(name) == wanted))


def groups(session: Session, who: Identity) -> list[Group]:
    """The names with most calls first."""
    return looked_at(session, who)[0]


def looked_at(session: Session, who: Identity) -> tuple[list[Group], bool]:
    """The names with most calls first, and whether there are more than were looked at."""
    number = func.count()
    each = (
        calls(who)
        .with_only_columns(col(Call.agent_given), number, func.max(Call.created_at))
        .group_by(col(Call.agent_given))
        .order_by(number.desc(), col(Call.agent_given))
        .limit(MOST + 1)
    )
    found: dict[str, list[tuple[str, int, datetime]]] = {}
    rows = session.execute(each).all()
    for given, how_many, newest in rows[:MOST]:
        found.setdefault(folded(given), []).append((given, how_many, newest))
    together = [
        Group(
            name=same[0][0],
            spellings=tuple(given for given, _, _ in same),
            calls=sum(how_many for _, how_many, _ in same),
            newest=max(newest for _, _, newest in same),
        )
        for same in found.values()
    ]
    return sorted(together, key=lambda group: (-group.calls, group.key)), len(rows) > MOST


def campaigns_of(session: Session, who: Identity, spellings: Sequence[str]) -> list[str]:
    """The slugs of the campaigns that these calls are of."""
    theirs = _named(who, spellings).with_only_columns(col(Call.campaign_id)).distinct()
    mine = access.campaigns(who, Permission.AGENT_MANAGE).where(col(Campaign.id).in_(theirs))
    return sorted(campaign.slug for campaign in session.exec(mine))


def link(who: Identity, spellings: Sequence[str], agent_id: int) -> int:
    """Link all calls of a name to an agent, and have the next ones linked by themselves; how many there were.

    The name is not remembered where `forgotten` says why: the calls are this person's, the name may not be.
    In several transactions; what a crash left over is still in the list. Raises NotUsable, NotAllowed, NotFound.
    """
    require(who, Permission.CALL_REPROCESS)
    names = {folded(given) for given in spellings}
    if len(names) != 1 or not all(names):
        raise NotUsable("Choose one name.")
    (name,) = names
    with writing() as session:
        agent = locked(session, who, agent_id)
        if not agent.active:
            raise NotUsable(f"{agent.name} is deactivated. Reactivate them first, or choose somebody else.")
        _remember(session, who, agent, name)
        audit.log(session, who, "agent.link_calls", agent.name, given=name)
        words = f"The agent is {agent.name}."
    moved = 0
    while True:
        with writing() as session:
            some = hand_over(session, _named(who, spellings), agent_id, words=words, by=who.label)
        if not some:
            return moved
        moved += some
        sleep(PAUSE_S)


def _named(who: Identity, spellings: Sequence[str]) -> SelectOfScalar[Call]:
    return calls(who).where(col(Call.agent_given).in_(spellings))


def forgotten(session: Session, who: Identity, agent: Agent, given: str) -> str:
    """Why linking the calls of a name will not give it to the agent, in a sentence; empty where it does, or has."""
    name = folded(given)
    known = agents.named(session, name)
    if known is not None and known.id == agent.id:
        return ""
    return agent_rights.hindrance(session, who, agent) or agent_rights.clash(session, who, agent, name)


def _remember(session: Session, who: Identity, agent: Agent, name: str) -> None:
    """The name becomes the agent's, unless it finds them already or may not be theirs."""
    owner = session.exec(select(AgentAlias.agent_id).where(AgentAlias.alias == name)).first()
    if owner is not None and owner != agent.id:
        raise taken(session, who, name, owner)
    known = agents.named(session, name)
    if (known is None or known.id != agent.id) and not forgotten(session, who, agent, name):
        (alias,) = usable_aliases([name])
        session.add(AgentAlias(alias=alias, agent_id=stored_id(agent.id)))
