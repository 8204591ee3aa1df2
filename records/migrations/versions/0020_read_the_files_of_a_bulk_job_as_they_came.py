"""Read the files of a bulk job as they came: a page of them without looking at all

Revision: 0020, after 0019.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_bulk_item_job_id", "bulk_item", ["bulk_job_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_bulk_item_job_id", "bulk_item")
