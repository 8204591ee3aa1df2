"""Who may be meant by a name that nobody has exactly: the agents with the likest names."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process
from sqlmodel import Session, col, select

from records import access
from records.agents import Agent, AgentAlias, folded
from records.identity import Identity
from records.roles import Permission

LEAST = 78  # of 100: 'A. Moss' is like 'Ada Moss', 'Ada Ross' is too; 'Ada' and 'Adam Smith' are not
SUGGESTED = 3  # at most
EXACT = 100
_BETWEEN = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Suggestion:
    """An agent who may be meant; `likeness` is 100 where the name is theirs exactly."""

    agent_id: int
    name: str
    team: str
    likeness: int


@dataclass(frozen=True)
class Known:
    """Every name by which an agent may be meant, ready to be compared."""

    agents: dict[int, tuple[str, str]]  # name and team
    exact: dict[str, list[int]]  # by folded name or alias
    plain: list[str]
    owners: list[int]  # of `plain`, one by one


def known(session: Session, who: Identity, permission: Permission = Permission.AGENT_MANAGE) -> Known:
    """The active agents on whom this person holds the permission."""
    mine = access.agents(who, permission).where(col(Agent.active).is_(True))
    rows = session.execute(mine.with_only_columns(col(Agent.id), col(Agent.name), col(Agent.team)))
    found = {number: (name, team) for number, name, team in rows}
    theirs = select(AgentAlias.alias, AgentAlias.agent_id).where(
        col(AgentAlias.agent_id).in_(mine.with_only_columns(col(Agent.id)))
    )
    names = [(folded(name), number) for number, (name, _) in found.items()] + list(session.exec(theirs))
    exact: dict[str, list[int]] = {}
    for name, number in names:
        exact.setdefault(name, []).append(number)
    plain = [(simple(name), number) for name, number in names]
    return Known(found, exact, [name for name, _ in plain], [number for _, number in plain])


def suggestions(among: Known, name: str) -> list[Suggestion]:
    """The likest first. Where the name is somebody's exactly, only those whose it is."""
    same = list(dict.fromkeys(among.exact.get(folded(name), ())))
    if same:
        return _suggested(among, ((number, EXACT) for number in same[:SUGGESTED]))
    wanted = simple(name)
    if not wanted:
        return []
    near = process.extract(wanted, among.plain, scorer=fuzz.token_sort_ratio, score_cutoff=LEAST, limit=SUGGESTED * 3)
    best: dict[int, int] = {}
    for _, likeness, place in near:
        best.setdefault(among.owners[place], min(round(likeness), EXACT - 1))
    return _suggested(among, list(best.items())[:SUGGESTED])


def simple(name: str) -> str:
    """Without accents, case and signs; of an e-mail address the part before the @."""
    local = name.partition("@")[0] if name.count("@") == 1 else name
    bare = "".join(each for each in unicodedata.normalize("NFKD", local.casefold()) if not unicodedata.combining(each))
    return _BETWEEN.sub(" ", bare).strip()


def _suggested(among: Known, found: Iterable[tuple[int, int]] | Sequence[tuple[int, int]]) -> list[Suggestion]:
    return [Suggestion(number, *among.agents[number], likeness) for number, likeness in found]
