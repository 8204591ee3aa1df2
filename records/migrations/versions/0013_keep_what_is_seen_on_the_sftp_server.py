"""Keep what is seen on the SFTP server

Revision: 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sftp_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("claim_until", UTCDateTime(), nullable=True),
        sa.Column("began_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "sftp_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "detecting",
                "waiting_for_csv",
                "waiting_for_files",
                "processing",
                "completed",
                "incomplete",
                "failed",
                name="sftpbatchstatus",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("after_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("closes_at", UTCDateTime(), nullable=False),
        sa.Column("forced", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=320), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["after_id"], ["sftp_batch.id"]),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("sftp_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sftp_batch_after_id"), ["after_id"], unique=False)
        batch_op.create_index("ix_sftp_batch_campaign", ["campaign_id", "id"], unique=False)
        batch_op.create_index(
            "ix_sftp_batch_unfinished",
            ["id"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            "uq_sftp_batch_open",
            ["campaign_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "sftp_folder",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("folder", sa.String(length=200), nullable=False),
        sa.Column("csv", sa.Enum("required", "optional", native_enum=False, length=24), nullable=False),
        sa.Column("window_minutes", sa.Integer(), nullable=False),
        sa.Column("preset", sa.String(length=40), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("called_at_format", sa.String(length=80), nullable=False),
        sa.Column("column_map", sa.JSON(), nullable=False),
        sa.Column("subfolders", sa.Boolean(), nullable=False),
        sa.Column(
            "after_import",
            sa.Enum("leave", "move", "delete", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("create_agents", sa.Boolean(), nullable=False),
        sa.Column("names_seen", sa.Float(), nullable=False),
        sa.Column("names_matched", sa.Float(), nullable=False),
        sa.Column("alarm", sa.Text(), nullable=False),
        sa.Column("alarm_at", UTCDateTime(), nullable=True),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.PrimaryKeyConstraint("campaign_id"),
        sa.UniqueConstraint("folder"),
    )
    op.create_table(
        "sftp_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("path_key", sa.String(length=64), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.Column("stem_key", sa.String(length=400), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("recording", "sheet", "other", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("modified", UTCDateTime(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("still_since", UTCDateTime(), nullable=False),
        sa.Column("superseded_at", UTCDateTime(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "detected",
                "matched",
                "processing",
                "completed",
                "failed",
                "duplicate",
                "skipped",
                name="sftpfilestatus",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=True),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("agent_note", sa.Text(), nullable=False),
        sa.Column("accept_truncated", sa.Boolean(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("claim_until", UTCDateTime(), nullable=True),
        sa.Column(
            "tidying",
            sa.Enum("none", "wanted", "done", "failed", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["sftp_batch.id"]),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"]),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("sftp_file", schema=None) as batch_op:
        batch_op.create_index("ix_sftp_file_batch", ["batch_id", "status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sftp_file_call_id"), ["call_id"], unique=False)
        batch_op.create_index("ix_sftp_file_campaign", ["campaign_id", "status", "id"], unique=False)
        batch_op.create_index(
            "ix_sftp_file_due",
            ["due_at", "id"],
            unique=False,
            sqlite_where=sa.text("status IN ('matched', 'processing')"),
            postgresql_where=sa.text("status IN ('matched', 'processing')"),
        )
        batch_op.create_index("ix_sftp_file_name", ["campaign_id", "name_key"], unique=False)
        batch_op.create_index("ix_sftp_file_status", ["status", "id"], unique=False)
        batch_op.create_index("ix_sftp_file_stem", ["campaign_id", "stem_key"], unique=False)
        batch_op.create_index(
            "ix_sftp_file_tidying",
            ["id"],
            unique=False,
            sqlite_where=sa.text("tidying = 'wanted'"),
            postgresql_where=sa.text("tidying = 'wanted'"),
        )
        batch_op.create_index(
            "uq_sftp_file_current",
            ["path_key"],
            unique=True,
            sqlite_where=sa.text("superseded_at IS NULL"),
            postgresql_where=sa.text("superseded_at IS NULL"),
        )

    op.create_table(
        "sftp_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("applied_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.ForeignKeyConstraint(["file_id"], ["sftp_file.id"]),
        sa.ForeignKeyConstraint(["sheet_id"], ["sftp_file.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("sftp_row", schema=None) as batch_op:
        batch_op.create_index("ix_sftp_row_file", ["file_id", "id"], unique=False)
        batch_op.create_index(
            "ix_sftp_row_missing",
            ["campaign_id", "name_key"],
            unique=False,
            sqlite_where=sa.text("file_id IS NULL"),
            postgresql_where=sa.text("file_id IS NULL"),
        )
        batch_op.create_index("ix_sftp_row_sheet", ["sheet_id", "id"], unique=False)
        batch_op.create_index(
            "ix_sftp_row_unapplied",
            ["file_id"],
            unique=False,
            sqlite_where=sa.text("applied_at IS NULL AND file_id IS NOT NULL"),
            postgresql_where=sa.text("applied_at IS NULL AND file_id IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("sftp_row", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_sftp_row_unapplied",
            sqlite_where=sa.text("applied_at IS NULL AND file_id IS NOT NULL"),
            postgresql_where=sa.text("applied_at IS NULL AND file_id IS NOT NULL"),
        )
        batch_op.drop_index("ix_sftp_row_sheet")
        batch_op.drop_index(
            "ix_sftp_row_missing", sqlite_where=sa.text("file_id IS NULL"), postgresql_where=sa.text("file_id IS NULL")
        )
        batch_op.drop_index("ix_sftp_row_file")

    op.drop_table("sftp_row")
    with op.batch_alter_table("sftp_file", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_sftp_file_current",
            sqlite_where=sa.text("superseded_at IS NULL"),
            postgresql_where=sa.text("superseded_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_sftp_file_tidying",
            sqlite_where=sa.text("tidying = 'wanted'"),
            postgresql_where=sa.text("tidying = 'wanted'"),
        )
        batch_op.drop_index("ix_sftp_file_stem")
        batch_op.drop_index("ix_sftp_file_status")
        batch_op.drop_index("ix_sftp_file_name")
        batch_op.drop_index(
            "ix_sftp_file_due",
            sqlite_where=sa.text("status IN ('matched', 'processing')"),
            postgresql_where=sa.text("status IN ('matched', 'processing')"),
        )
        batch_op.drop_index("ix_sftp_file_campaign")
        batch_op.drop_index(batch_op.f("ix_sftp_file_call_id"))
        batch_op.drop_index("ix_sftp_file_batch")

    op.drop_table("sftp_file")
    op.drop_table("sftp_folder")
    with op.batch_alter_table("sftp_batch", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_sftp_batch_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_sftp_batch_unfinished",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_sftp_batch_campaign")
        batch_op.drop_index(batch_op.f("ix_sftp_batch_after_id"))

    op.drop_table("sftp_batch")
    op.drop_table("sftp_state")
