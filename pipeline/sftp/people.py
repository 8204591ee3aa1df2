"""Which agent a file's name or a CSV means: an alias exactly, else a name that only one has, accents and case aside."""

from dataclasses import dataclass
from typing import Self

from sqlalchemy import select as rows_of
from sqlmodel import Session, col

from records import agent_edits
from records.agent_edits import Profile
from records.agents import Agent, AgentAlias, folded, plain
from records.campaigns import NotUsable
from records.db import stored_id
from records.identity import SFTP


@dataclass(frozen=True)
class Match:
    """The agent, or why there is none."""

    agent_id: int | None
    note: str = ""


@dataclass
class Directory:
    """The active agents by their aliases and by their plain names; what is asked twice is looked up once."""

    aliases: dict[str, int]
    names: dict[str, list[int]]
    _found: dict[str, Match]

    @classmethod
    def read(cls, session: Session) -> Self:
        """All of them, in two queries."""
        active = rows_of(col(Agent.id), col(Agent.name)).where(col(Agent.active).is_(True))
        theirs = rows_of(col(AgentAlias.alias), col(AgentAlias.agent_id)).join(Agent).where(col(Agent.active).is_(True))
        names: dict[str, list[int]] = {}
        for number, name in session.execute(active):
            names.setdefault(plain(name), []).append(number)
        return cls(dict(session.execute(theirs).all()), names, {})

    def match(self, session: Session, given: str, *, campaign: str, create: bool) -> Match:
        """Who is meant by what a source calls them; `create` makes an agent of one whom nobody knows."""
        if not given:
            return Match(None, "Neither the name nor a CSV says who the agent is.")
        if given not in self._found:
            self._found[given] = self._look(session, given, campaign if create else "")
        return self._found[given]

    def _look(self, session: Session, given: str, campaign: str) -> Match:
        alias = self.aliases.get(folded(given))
        if alias is not None:
            return Match(alias)
        named = self.names.get(plain(given), [])
        if len(named) == 1:
            return Match(named[0])
        if named:
            return Match(None, f"{len(named)} agents are called '{given}'. Give each an alias that the source uses.")
        if campaign:
            return self._made(session, given, campaign)
        # Whom it may be is told on the page Agents, where each sees those agents alone who are theirs.
        return Match(None, f"No agent is called '{given}'. Link the name on the page Agents.")

    def _made(self, session: Session, given: str, campaign: str) -> Match:
        try:
            made = agent_edits.create(session, SFTP, Profile(given, campaigns=(campaign,)))
        except NotUsable as error:
            return Match(None, f"No agent could be made of '{given}': {error}")
        number = stored_id(made.id)
        self.names.setdefault(plain(given), []).append(number)
        return Match(number)
