"""Invite people by link, sign in by an identity provider, say which campaigns an agent works for

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent_campaign",
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"]),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.PrimaryKeyConstraint("agent_id", "campaign_id"),
    )
    op.create_index("ix_agent_campaign_campaign_id", "agent_campaign", ["campaign_id"])
    op.create_table(
        "outside_account",
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("issuer", "subject"),
    )
    op.create_index("ix_outside_account_user_id", "outside_account", ["user_id"])
    with op.batch_alter_table("one_time_link") as table:
        table.add_column(sa.Column("user_id", sa.Integer(), nullable=True))
        table.create_index("ix_one_time_link_user_id", ["user_id"])
        table.create_foreign_key("fk_one_time_link_user_id_person", "person", ["user_id"], ["id"])
    op.add_column("person", sa.Column("signed_in_at", UTCDateTime(), nullable=True))
    op.add_column("web_session", sa.Column("browser", sa.String(length=200), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("web_session", "browser")
    op.drop_column("person", "signed_in_at")
    with op.batch_alter_table("one_time_link") as table:
        table.drop_constraint("fk_one_time_link_user_id_person", type_="foreignkey")
        table.drop_index("ix_one_time_link_user_id")
        table.drop_column("user_id")
    op.drop_table("outside_account")
    op.drop_table("agent_campaign")
