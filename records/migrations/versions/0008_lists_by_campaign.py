"""Narrow a campaign's list of calls without walking through all of it

Revision: 0008, after 0007.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FILTERED = {
    "ix_call_campaign_status": "status",
    "ix_call_campaign_external": "external_id",
    "ix_call_campaign_called": "called_at",
    "ix_call_campaign_updated": "updated_at",
}


def upgrade() -> None:
    for name, column in FILTERED.items():
        op.create_index(name, "call", ["campaign_id", column, "created_at", "id"])
    op.drop_index("ix_call_external_id", "call")
    op.drop_index("ix_call_updated_at", "call")


def downgrade() -> None:
    op.create_index("ix_call_updated_at", "call", ["updated_at"])
    op.create_index("ix_call_external_id", "call", ["external_id"])
    for name in FILTERED:
        op.drop_index(name, "call")
