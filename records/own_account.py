"""What people see of their own account, and nobody else of it."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from records import access, sessions
from records.agents import Agent
from records.campaigns import Campaign
from records.identity import Identity
from records.people import OutsideAccount, User, WebSession
from records.roles import Permission

CAMPAIGNS_SHOWN = 200


@dataclass(frozen=True)
class Account:
    """One's own account, at this moment."""

    user: User
    agent: str | None  # the agent that this person is
    campaigns: tuple[str, ...]
    outside: OutsideAccount | None  # by which single sign-on knows this person
    browsers: tuple[WebSession, ...]  # newest first


def account(session: Session, who: Identity) -> Account:
    """The account of whoever asks."""
    agent = select(Agent.name).where(Agent.id == who.agent_id)
    mine = access.campaigns(who, Permission.CALL_READ).order_by(Campaign.name).limit(CAMPAIGNS_SHOWN)
    outside = select(OutsideAccount).where(OutsideAccount.user_id == who.user_id)
    return Account(
        user=session.exec(select(User).where(User.id == who.user_id)).one(),
        agent=session.exec(agent).first(),
        campaigns=tuple(campaign.name for campaign in session.exec(mine)),
        outside=session.exec(outside.order_by(col(OutsideAccount.created_at))).first(),
        browsers=tuple(sessions.open_ones(session, who)),
    )
