"""Find a bulk job's recordings by their names

Revision: 0007, after 0006.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_bulk_item_job_filename", "bulk_item", ["bulk_job_id", "filename"])
    op.drop_index("ix_bulk_item_bulk_job_id", "bulk_item")


def downgrade() -> None:
    op.create_index("ix_bulk_item_bulk_job_id", "bulk_item", ["bulk_job_id"])
    op.drop_index("ix_bulk_item_job_filename", "bulk_item")
