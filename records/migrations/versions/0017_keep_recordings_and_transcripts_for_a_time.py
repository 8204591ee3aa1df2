"""Keep recordings and transcripts for a time, hold calls back from it, and receipts of what went

Revision: 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KEPT = {"ix_call_campaign_recording": "recording_gone_at", "ix_call_campaign_transcripts": "transcripts_gone_at"}


def upgrade() -> None:
    for name in ("keep_recordings_days", "keep_transcripts_days"):
        op.add_column("campaign", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    for name in ("recording_gone_at", "transcripts_gone_at", "held_at"):
        op.add_column("call", sa.Column(name, UTCDateTime(), nullable=True))
    for name, length in {"held_by": 320, "held_why": 200}.items():
        op.add_column("call", sa.Column(name, sa.String(length=length), server_default=sa.text("''"), nullable=False))
    for name, column in KEPT.items():
        there = sa.text(f"{column} IS NULL")
        op.create_index(name, "call", ["campaign_id", "created_at", "id"], sqlite_where=there, postgresql_where=there)
    op.create_table(
        "removal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("kept", sa.String(length=24), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_removal_call_id"), "removal", ["call_id"])


def downgrade() -> None:
    op.drop_table("removal")
    for name in KEPT:
        op.drop_index(name, "call")
    for name in ("held_why", "held_by", "held_at", "transcripts_gone_at", "recording_gone_at"):
        op.drop_column("call", name)
    for name in ("keep_transcripts_days", "keep_recordings_days"):
        op.drop_column("campaign", name)
