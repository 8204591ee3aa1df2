"""Keep what past days add up to as rows, which the database adds up further, instead of lists in JSON

Revision: 0021, after 0020.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def _of_day(name: str, *own: sa.Column[Any]) -> None:
    """A table of what is counted of a campaign's calls of a day. Columns of `_key` are part of its key."""
    op.create_table(
        name,
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        *own,
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.PrimaryKeyConstraint("zone", "day", "campaign_id", *(each.name for each in own if each.info)),
        sqlite_with_rowid=False,
    )


def _key(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, info={"key": True})


def _tally() -> list[sa.Column[Any]]:
    names = ("calls", "completed", "failed", "judged", "flagged", "scored")
    counts: list[sa.Column[Any]] = [sa.Column(name, sa.Integer(), nullable=False) for name in names]
    return [*counts, sa.Column("points", sa.Float(), nullable=False)]


def upgrade() -> None:
    op.drop_table("day_figures")
    op.execute("DELETE FROM kept_day")  # added up anew when somebody looks
    _of_day("day_tally", _key("source", sa.String(length=24)), _key("status", sa.String(length=24)), *_tally())
    _of_day("day_agent", _key("agent_id", sa.Integer()), *_tally())
    counts = [sa.Column(name, sa.Integer(), nullable=False) for name in ("failed", "judged")]
    _of_day("day_check", _key("name", sa.String(length=200)), *counts)


def downgrade() -> None:
    for name in ("day_check", "day_agent", "day_tally"):
        op.drop_table(name)
    op.execute("DELETE FROM kept_day")
    op.create_table(
        "day_figures",
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("tallies", "agents", "checks")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.PrimaryKeyConstraint("zone", "day", "campaign_id"),
    )
