"""Everybody who may ask the web process for something, in a world of two campaigns."""

from dataclasses import dataclass

from sqlmodel import col, select

from records import api_keys, db, sessions
from records.access import COMMAND_LINE
from records.agents import Agent
from records.bulk import BulkJob
from records.people import User
from records.roles import Role
from tests.api.described import everything
from tests.records.made import person, stored_campaign

PEOPLE = ("agent", "manager", "elsewhere", "compliance", "senior", "owner")
CALLERS = ("nobody", *PEOPLE, "key", "another", "revoked")


@dataclass(frozen=True)
class World:
    """Support, with something of everything; the people around it; keys of it and of another campaign."""

    people: dict[str, User]
    keys: dict[str, str]
    known: dict[str, str]  # what stands in addresses, by its name there

    def headers(self, caller: str) -> dict[str, str]:
        """What a request of this caller's brings: a fresh session, or the key."""
        if caller in self.keys:
            return {"Authorization": f"Bearer {self.keys[caller]}"}
        if caller not in self.people:
            return {}
        with db.writing() as session:
            token = sessions.start(session, self.people[caller])
        return {"Cookie": f"tv_session={token}", "Sec-Fetch-Site": "same-origin"}


def world() -> World:
    """Made anew, in an empty database."""
    with db.writing() as session:
        support, sales = stored_campaign(session, "Support"), stored_campaign(session, "Sales")
    known = everything(support)
    with db.writing() as session:
        _row, another = api_keys.create(session, COMMAND_LINE, sales.slug, name="another")
        _row, revoked = api_keys.create(session, COMMAND_LINE, support.slug, name="revoked")
        api_keys.revoke(session, COMMAND_LINE, revoked)
        ada = session.exec(select(Agent)).one()
        job = session.exec(select(BulkJob.id).order_by(col(BulkJob.id))).first()
        named = {"{token}": known.token, "{bulk_job_id}": str(job)}
        roles = dict(zip(PEOPLE, (Role.AGENT, Role.MANAGER, *list(Role)[1:]), strict=True))
        people = {
            name: person(
                session,
                role,
                *{"manager": [support], "elsewhere": [sales]}.get(name, ()),
                agent_id=ada.id if role is Role.AGENT else None,
            )
            for name, role in roles.items()
        }
    return World(people, {"key": known.key, "another": another, "revoked": revoked}, named)
