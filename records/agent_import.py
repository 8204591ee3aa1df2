"""Many agents at once: what each line of a list would do, then all of it in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, SQLModel, col, select, update

from records import access, agent_rights, audit
from records.agent_edits import agent_name, usable_aliases
from records.agents import Agent, AgentAlias, AgentCampaign, folded, plain
from records.campaigns import NotUsable, line
from records.db import now, stored_id
from records.identity import Identity, NotFound, require
from records.roles import Permission, Scope


@dataclass(frozen=True)
class Line:
    """One agent as a list names them; `number` is the line's in its file."""

    number: int
    name: str
    team: str = ""
    aliases: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()  # slugs


class Outcome(StrEnum):
    """What a line does."""

    NEW = "new"
    UPDATES = "updates"
    SAME = "no change"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Step:
    """What is to be done for a line; `words` say it, or why nothing can be done."""

    number: int
    name: str
    outcome: Outcome
    words: str = ""
    team: str = ""
    agent_id: int | None = None
    aliases: tuple[str, ...] = ()  # to be added
    campaigns: tuple[int, ...] = ()  # to be added


@dataclass(frozen=True)
class _Wanted:
    """A line whose every word can be used."""

    number: int
    name: str
    team: str
    aliases: tuple[str, ...]
    campaigns: tuple[int, ...]


@dataclass
class _Known:
    """What is there before, and what the lines above have claimed; read in few queries, whatever the list's length."""

    limited: bool
    campaigns: dict[str, int]
    mine: dict[int, tuple[str, str]]  # name and team of the agents whom this person knows
    by_name: dict[str, list[int]] = field(default_factory=dict)  # folded
    called: dict[str, dict[int, bool]] = field(default_factory=dict)  # plain name -> everybody's, and whether active
    owners: dict[str, int] = field(default_factory=dict)  # of every alias, whoever manages its agent
    works: dict[int, set[int]] = field(default_factory=dict)
    claimed: dict[str, int] = field(default_factory=dict)  # alias -> line
    seen: dict[int, int] = field(default_factory=dict)  # agent -> line
    made: dict[str, tuple[int, bool]] = field(default_factory=dict)  # a new name -> first line, whether with aliases


def plan(session: Session, who: Identity, lines: Iterable[Line], *, campaign: str = "") -> list[Step]:
    """What each line would do. `campaign`, a slug, is for lines that name none. Raises NotAllowed, NotFound."""
    known = _known(session, who)
    if campaign and campaign not in known.campaigns:
        raise NotFound(f"There is no campaign '{campaign}'.")
    return [_step(known, each, campaign) for each in lines]


def bring(
    session: Session, who: Identity, lines: Sequence[Line], *, campaign: str = "", all_or_nothing: bool = False
) -> list[Step]:
    """Do what can be done, looked at anew; what was done. Lines with a problem are left out, or stop everything."""
    steps = plan(session, who, lines, campaign=campaign)
    bad = [step for step in steps if step.outcome is Outcome.PROBLEM]
    if bad and all_or_nothing:
        raise NotUsable(f"Nothing was imported: {len(bad)} of {len(steps)} lines have a problem.")
    new = [step for step in steps if step.outcome is Outcome.NEW]
    changed = [step for step in steps if step.outcome is Outcome.UPDATES]
    ids = _made(session, new) + [stored_id(step.agent_id) for step in changed]
    for step in changed:
        session.exec(
            update(Agent)
            .where(col(Agent.id) == step.agent_id)
            .values(name=step.name, name_folded=folded(step.name), team=step.team)
        )
    of_each = list(zip(ids, new + changed, strict=True))
    _insert(
        session,
        AgentAlias,
        [{"agent_id": number, "alias": alias} for number, step in of_each for alias in step.aliases],
    )
    _insert(
        session,
        AgentCampaign,
        [{"agent_id": number, "campaign_id": each} for number, step in of_each for each in step.campaigns],
    )
    if ids:
        names = [step.name for step in (new + changed)[:20]]
        audit.log(session, who, "agent.import", f"{len(ids)} agents", made=len(new), changed=len(changed), first=names)
    return steps


def _made(session: Session, steps: Sequence[Step]) -> list[int]:
    """The ids of new agents, one for each step; in a few statements, since nobody else can write meanwhile."""
    if not steps:
        return []
    rows = [{"name": step.name, "team": step.team, "active": True, "created_at": now()} for step in steps]
    made = insert(Agent).returning(col(Agent.id), sort_by_parameter_order=True)
    return list(session.execute(made, rows).scalars())


def _insert(session: Session, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(table), rows)


def _known(session: Session, who: Identity) -> _Known:
    scope = require(who, Permission.AGENT_MANAGE)
    campaigns = session.exec(access.campaigns(who, Permission.AGENT_MANAGE))
    mine = access.agents(who).with_only_columns(col(Agent.id), col(Agent.name), col(Agent.team))
    known = _Known(
        limited=scope is Scope.ASSIGNED,
        campaigns={campaign.slug: stored_id(campaign.id) for campaign in campaigns},
        mine={number: (name, team) for number, name, team in session.execute(mine)},
        owners=dict(session.exec(select(AgentAlias.alias, AgentAlias.agent_id)).all()),
    )
    for number, (name, _) in known.mine.items():
        known.by_name.setdefault(folded(name), []).append(number)
    for number, campaign in session.exec(select(AgentCampaign.agent_id, AgentCampaign.campaign_id)):
        known.works.setdefault(number, set()).add(campaign)
    for each, name, active in session.exec(select(Agent.id, Agent.name, Agent.active)):
        known.called.setdefault(plain(name), {})[stored_id(each)] = active
    return known


def _hindrance(known: _Known, number: int) -> str:
    """As `agent_rights.hindrance`, of what was read."""
    if not known.limited:
        return ""
    mine = set(known.campaigns.values())
    return agent_rights.hindered(known.mine[number][0], known.works.get(number, set()), mine)


def _step(known: _Known, given: Line, campaign: str) -> Step:
    try:
        wanted = _Wanted(
            number=given.number,
            name=agent_name(given.name),
            team=line(given.team, "A team's name"),
            aliases=tuple(usable_aliases(given.aliases)),
            campaigns=tuple(
                dict.fromkeys(_campaign(known, slug) for slug in given.campaigns or filter(None, [campaign]))
            ),
        )
        found = _meant(known, wanted)
        _clear(known, wanted, found)
        step = _new(known, wanted) if found is None else _update(known, wanted, found)
    except NotUsable as problem:
        return Step(given.number, given.name[:200], Outcome.PROBLEM, str(problem))
    known.claimed.update(dict.fromkeys(wanted.aliases, given.number))
    return step


def _campaign(known: _Known, slug: str) -> int:
    number = known.campaigns.get(slug) or known.campaigns.get(slug.casefold())
    if number is None:
        raise NotUsable(f"There is no campaign '{slug}'. Write its slug, as in the address of its page.")
    return number


def _meant(known: _Known, wanted: _Wanted) -> int | None:
    """The agent whom a line is about; None for a new one."""
    for alias in wanted.aliases:
        if alias in known.claimed:
            raise NotUsable(f"'{alias}' stands in line {known.claimed[alias]} too. Two agents cannot share it.")
    owners = {alias: known.owners[alias] for alias in wanted.aliases if alias in known.owners}
    strange = next((alias for alias, owner in owners.items() if owner not in known.mine), None)
    if strange:
        raise NotUsable(f"'{strange}' is another agent's already. {agent_rights.ASK}")
    meant = list(dict.fromkeys(owners.values()))
    if len(meant) > 1:
        names = " and ".join(known.mine[each][0] for each in meant[:2])
        raise NotUsable(f"Its other names are of two agents: {names}. Merge them first, or correct the line.")
    meant = meant or known.by_name.get(folded(wanted.name), [])
    if len(meant) > 1:
        raise NotUsable(f"{len(meant)} agents are called '{wanted.name}'. Give an alias that one of them has.")
    if not meant:
        return None
    if meant[0] in known.seen:
        raise NotUsable(f"Line {known.seen[meant[0]]} is about the same agent.")
    known.seen[meant[0]] = wanted.number
    return meant[0]


def _clear(known: _Known, wanted: _Wanted, found: int | None) -> None:
    """Raises NotUsable for another name that is how somebody else is called."""
    for alias in wanted.aliases:
        for number, active in known.called.get(plain(alias), {}).items():
            if number == found or alias in known.owners:
                continue
            theirs = number in known.mine and not _hindrance(known, number)
            words = agent_rights.clashes(
                alias, folded(wanted.name), known.mine[number][0] if theirs else None, active=active
            )
            if words:
                raise NotUsable(words)


def _new(known: _Known, wanted: _Wanted) -> Step:
    if known.limited and not wanted.campaigns:
        raise NotUsable("Name one of your campaigns: the agent works for it.")
    earlier = known.made.get(folded(wanted.name))
    if earlier and not (earlier[1] and wanted.aliases):
        raise NotUsable(f"Line {earlier[0]} has the same name. If they are two people, give each an alias.")
    known.made.setdefault(folded(wanted.name), (wanted.number, bool(wanted.aliases)))
    return Step(
        wanted.number,
        wanted.name,
        Outcome.NEW,
        team=wanted.team,
        aliases=wanted.aliases,
        campaigns=wanted.campaigns,
    )


def _update(known: _Known, wanted: _Wanted, found: int) -> Step:
    """What a line adds to an agent; it never takes a name or a campaign away, and an empty team means 'as it is'."""
    name, team = known.mine[found]
    more = tuple(alias for alias in wanted.aliases if alias not in known.owners)
    works = tuple(each for each in wanted.campaigns if each not in known.works.get(found, set()))
    words = [f"name: {name} → {wanted.name}"] if wanted.name != name else []
    words += [f"team: {team or 'none'} → {wanted.team}"] if wanted.team and wanted.team != team else []
    words += [f"{len(more)} more {'name' if len(more) == 1 else 'names'}"] if more else []
    words += [f"{len(works)} more {'campaign' if len(works) == 1 else 'campaigns'}"] if works else []
    outcome = Outcome.UPDATES if words else Outcome.SAME
    hindrance = _hindrance(known, found)
    if words and hindrance:
        raise NotUsable(hindrance)
    return Step(
        wanted.number, wanted.name, outcome, ", ".join(words), wanted.team or team, found, aliases=more, campaigns=works
    )
