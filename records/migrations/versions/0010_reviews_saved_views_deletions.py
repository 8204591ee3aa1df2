"""Let people review calls, save views of the list, and delete calls with a receipt

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

VERDICT = sa.Enum("pass", "fail", "not_applicable", "not_evaluated", native_enum=False, length=24)
STATE = sa.Enum("none", "open", "closed", native_enum=False, length=24)
FLAGGED_WAIT = """
INSERT INTO review (version_id, call_id, state, opened_at, closed_by, comment)
SELECT version.id, call.id, 'open', version.created_at, '', ''
FROM call JOIN version ON version.call_id = call.id AND version.number = call.version_number WHERE call.flagged
"""
TO_REVIEW = sa.text("review = 'open'")


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=320), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"]),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("version_id"),
    )
    op.create_index("ix_review_call_id", "review", ["call_id"])
    op.create_table(
        "reviewed_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.Integer(), nullable=True),
        sa.Column("was", VERDICT, nullable=False),
        sa.Column("verdict", VERDICT, nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("by", sa.String(length=320), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("review_id", "position", name="uq_reviewed_check_review_position"),
    )
    op.create_index("ix_reviewed_check_check_id", "reviewed_check", ["check_id"])
    op.create_table(
        "dispute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.String(length=320), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_dispute_review_id", "dispute", ["review_id"])
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=2000), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "name", name="uq_saved_view_user_name"),
    )
    op.create_index("ix_saved_view_shared", "saved_view", ["shared"])
    op.create_table(
        "deleted_call",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=320), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_deleted_call_campaign_sha256", "deleted_call", ["campaign_id", "sha256"])
    op.create_index("ix_deleted_call_at", "deleted_call", ["at"])
    op.add_column("call", sa.Column("reviewed_score", sa.Float(), nullable=True))
    op.add_column("call", sa.Column("effective_score", sa.Float(), nullable=True))
    op.add_column("call", sa.Column("review", STATE, server_default="none", nullable=False))
    op.execute("UPDATE call SET effective_score = score WHERE score IS NOT NULL")
    op.execute(FLAGGED_WAIT)
    op.execute("UPDATE call SET review = 'open' WHERE flagged AND version_number > 0")
    op.create_index("ix_call_review", "call", ["created_at", "id"], sqlite_where=TO_REVIEW, postgresql_where=TO_REVIEW)


def downgrade() -> None:
    op.drop_index("ix_call_review", "call")
    for column in ("review", "effective_score", "reviewed_score"):
        op.drop_column("call", column)
    for table in ("deleted_call", "saved_view", "dispute", "reviewed_check", "review"):
        op.drop_table(table)
