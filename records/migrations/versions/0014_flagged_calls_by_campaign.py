"""Find the flagged calls of a campaign without reading its other calls

Revision: 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_call_campaign_flagged",
        "call",
        ["campaign_id", "created_at", "id"],
        sqlite_where=sa.text("flagged IS 1"),
        postgresql_where=sa.text("flagged IS true"),
    )


def downgrade() -> None:
    op.drop_index("ix_call_campaign_flagged", "call")
