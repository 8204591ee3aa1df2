"""A piece of an upload is named by the request that brought it

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "upload_piece",
        sa.Column("brought_by", sa.String(length=32), server_default=sa.text("''"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("upload_piece", "brought_by")
