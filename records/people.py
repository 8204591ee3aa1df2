"""People who sign in: accounts, the campaigns they are assigned to, one-time links."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import text
from sqlmodel import Field, SQLModel

from records.db import now, stored_as_value
from records.roles import Role


class User(SQLModel, table=True):
    """An account. `email` is stored in lower case."""

    __tablename__ = "person"  # "user" is a reserved word in PostgreSQL

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(max_length=320, unique=True)
    name: str = Field(max_length=200)
    role: Role = Field(sa_type=stored_as_value(Role))
    password_hash: str | None = Field(default=None, max_length=200)  # argon2id; None: no local password yet
    agent_id: int | None = Field(default=None, foreign_key="agent.id", index=True)
    active: bool = True
    created_at: datetime = Field(default_factory=now)
    signed_in_at: datetime | None = None  # the last time


class Assignment(SQLModel, table=True):
    """A campaign that a person is assigned to."""

    user_id: int = Field(foreign_key="person.id", primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True, index=True)


class LinkPurpose(StrEnum):
    """What a one-time link is good for."""

    OWNER_SETUP = "owner_setup"  # makes the first owner's account
    INVITE = "invite"  # a new person chooses a password
    PASSWORD_RESET = "password_reset"  # noqa: S105  a person chooses another one


class OneTimeLink(SQLModel, table=True):
    """A link that works once; only the SHA-256 of its token is stored."""

    __tablename__ = "one_time_link"

    token_hash: str = Field(primary_key=True, max_length=64)
    purpose: LinkPurpose = Field(sa_type=stored_as_value(LinkPurpose))
    user_id: int | None = Field(default=None, foreign_key="person.id", index=True)  # None: nobody is there yet
    expires_at: datetime
    used_at: datetime | None = None


class WebSession(SQLModel, table=True):
    """A signed-in browser; only the SHA-256 of its cookie's token is stored."""

    __tablename__ = "web_session"

    token_hash: str = Field(primary_key=True, max_length=64)
    user_id: int = Field(foreign_key="person.id", index=True)
    created_at: datetime = Field(default_factory=now)
    expires_at: datetime = Field(index=True)
    browser: str = Field(default="", max_length=200, sa_column_kwargs={"server_default": text("''")})  # as it says


class OutsideAccount(SQLModel, table=True):
    """A person's account with the company's identity provider: known by issuer and subject, never by e-mail alone."""

    __tablename__ = "outside_account"

    issuer: str = Field(primary_key=True, max_length=300)
    subject: str = Field(primary_key=True, max_length=255)
    user_id: int = Field(foreign_key="person.id", index=True)
    created_at: datetime = Field(default_factory=now)
