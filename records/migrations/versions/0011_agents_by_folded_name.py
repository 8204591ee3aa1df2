"""Find agents by name whatever its letters, flagged calls in their order, and the calls that nobody is linked to

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

from records.agents import folded

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

UNLINKED = sa.text("agent_id IS NULL")


def upgrade() -> None:
    op.add_column("agent", sa.Column("name_folded", sa.String(length=400), server_default="", nullable=False))
    agent = sa.table("agent", sa.column("id"), sa.column("name"), sa.column("name_folded"))
    rows = op.get_bind().execute(sa.select(agent.c.id, agent.c.name)).all()
    if rows:
        change = sa.update(agent).where(agent.c.id == sa.bindparam("number"))
        written = [{"number": number, "written": folded(name)} for number, name in rows]
        op.get_bind().execute(change.values(name_folded=sa.bindparam("written")), written)
    op.create_index("ix_agent_name_folded", "agent", ["name_folded"])
    op.drop_index("ix_call_flagged", "call")
    op.create_index(
        "ix_call_flagged",
        "call",
        ["created_at", "id"],
        sqlite_where=sa.text("flagged IS 1"),  # as queries say it: a planner compares the words
        postgresql_where=sa.text("flagged IS true"),
    )
    op.create_index(
        "ix_call_unlinked", "call", ["campaign_id", "agent_given"], sqlite_where=UNLINKED, postgresql_where=UNLINKED
    )


def downgrade() -> None:
    op.drop_index("ix_call_unlinked", "call")
    op.drop_index("ix_call_flagged", "call")
    op.create_index("ix_call_flagged", "call", ["flagged"])
    op.drop_index("ix_agent_name_folded", "agent")
    op.drop_column("agent", "name_folded")
