"""What providers need: outages, lines before their doors, and answers that they bring

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

IN_LINE = sa.text("ended_at IS NULL AND waits_at <> ''")


def upgrade() -> None:
    op.create_table(
        "provider_state",
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("failing", sa.JSON(), nullable=False),
        sa.Column("paused_since", UTCDateTime(), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("next_try_at", UTCDateTime(), nullable=True),
        sa.Column("callbacks_missed_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("provider"),
    )
    op.create_table(
        "provider_answer",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("arrived_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"]),
        sa.PrimaryKeyConstraint("run_id"),
    )
    # Plain additions: a batch would copy the whole table on SQLite.
    op.add_column("run", sa.Column("waits_at", sa.String(length=40), nullable=False, server_default=sa.text("''")))
    op.add_column("run", sa.Column("waits_since", UTCDateTime(), nullable=True))
    op.create_index("ix_run_line", "run", ["waits_at", "waits_since"], sqlite_where=IN_LINE, postgresql_where=IN_LINE)
    op.add_column("version", sa.Column("cached_tokens", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("version", sa.Column("asked_again", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("version", "asked_again")
    op.drop_column("version", "cached_tokens")
    op.drop_index("ix_run_line", "run")
    op.drop_column("run", "waits_since")
    op.drop_column("run", "waits_at")
    op.drop_table("provider_answer")
    op.drop_table("provider_state")
