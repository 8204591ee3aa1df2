"""Count a provider's failed tries, and the webhooks' failed deliveries without reading those that were sent

Revision: 0016, after 0014.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

FAILED = sa.text("state = 'failed'")


def upgrade() -> None:
    op.add_column("provider_state", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_webhook_delivery_failed", "webhook_delivery", ["id"], sqlite_where=FAILED, postgresql_where=FAILED
    )


def downgrade() -> None:
    op.drop_index("ix_webhook_delivery_failed", "webhook_delivery")
    op.drop_column("provider_state", "failures")
