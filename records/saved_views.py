"""Saved views: filters of the list of calls under a name, each person's own or for everybody."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from records.db import now

LONGEST_ADDRESS = 2000


class SavedView(SQLModel, table=True):
    """The address of a narrowed list. What it shows is always narrowed to who looks."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_id", "name", name="uq_saved_view_user_name"),)

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="person.id")
    name: str = Field(max_length=80)
    address: str = Field(max_length=LONGEST_ADDRESS)  # the query alone
    shared: bool = Field(default=False, index=True)
    created_at: datetime = Field(default_factory=now)
