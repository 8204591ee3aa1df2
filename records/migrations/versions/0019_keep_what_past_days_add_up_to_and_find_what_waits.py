"""Keep what past days add up to, and find at once which calls wait for a review or are not at their end

Revision: 0019, after 0018.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


UNFINISHED = "status IN ('pending', 'transcribing', 'analyzing')"
PARTLY = {  # of which calls each index is, and by what
    "ix_call_campaign_review": ("review = 'open'", ["campaign_id", "created_at", "id"]),
    "ix_call_unfinished": (UNFINISHED, ["updated_at"]),
    "ix_call_campaign_unfinished": (UNFINISHED, ["campaign_id", "updated_at"]),
}


def upgrade() -> None:
    for name, (which, columns) in PARTLY.items():
        op.create_index(name, "call", columns, sqlite_where=sa.text(which), postgresql_where=sa.text(which))
    op.add_column("deleted_call", sa.Column("added_at", UTCDateTime(), nullable=True))
    op.create_table(
        "kept_day",
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("true_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("zone", "day"),
    )
    op.create_table(
        "day_figures",
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("tallies", sa.JSON(), nullable=False),
        sa.Column("agents", sa.JSON(), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.PrimaryKeyConstraint("zone", "day", "campaign_id"),
    )


def downgrade() -> None:
    op.drop_table("day_figures")
    op.drop_table("kept_day")
    op.drop_column("deleted_call", "added_at")
    for name in PARTLY:
        op.drop_index(name, "call")
