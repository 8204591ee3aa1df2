"""Know which transcripts were made with redaction, so that those that were not can be withheld

Revision: 0018, after 0017.
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TURNED_ON = "False -> True"  # as the audit log writes it
# A copy with its speakers swapped is as its source was, which may be older.
SURE = """
UPDATE transcript SET redacted = true WHERE id IN (
    SELECT t.id FROM transcript t
    JOIN call c ON c.id = t.call_id
    JOIN run r ON r.call_id = t.call_id AND r.number = t.run_number
    WHERE c.campaign_id = :campaign AND r.created_at > :since AND r.reason <> 'swapped_speakers'
)
"""
NEWEST = """
UPDATE call SET redacted = true WHERE campaign_id = :campaign AND EXISTS (
    SELECT 1 FROM version v JOIN transcript t ON t.id = v.transcript_id
    WHERE v.call_id = call.id AND v.number = call.version_number AND t.redacted
)
"""


def upgrade() -> None:
    for table in ("transcript", "call"):
        op.add_column(table, sa.Column("redacted", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_call_campaign_unredacted",
        "call",
        ["campaign_id", "created_at", "id"],
        sqlite_where=sa.text("redacted IS 0"),
        postgresql_where=sa.text("redacted IS false"),
    )
    for campaign, since in _redacting().items():
        facts = [sa.bindparam("campaign", campaign), sa.bindparam("since", since, UTCDateTime())]
        op.execute(sa.text(SURE).bindparams(*facts))
        op.execute(sa.text(NEWEST).bindparams(campaign=campaign))


def downgrade() -> None:
    op.drop_index("ix_call_campaign_unredacted", "call")
    for table in ("call", "transcript"):
        op.drop_column(table, "redacted")


def _redacting() -> dict[int, datetime]:
    """Since when each campaign redacts that does so now: only what was begun after that is known to be redacted."""
    campaign = sa.table("campaign", sa.column("id", sa.Integer), sa.column("redact", sa.Boolean))
    audit_entry = sa.table(
        "audit_entry",
        *(sa.column("id", sa.Integer), sa.column("act", sa.String), sa.column("campaign_id", sa.Integer)),
        *(sa.column("at", UTCDateTime()), sa.column("details", sa.JSON)),
    )
    edits = (
        sa.select(audit_entry.c.campaign_id, audit_entry.c.at, audit_entry.c.details)
        .join(campaign, campaign.c.id == audit_entry.c.campaign_id)
        .where(campaign.c.redact, audit_entry.c.act == "campaign.edit")
        .order_by(audit_entry.c.id)
    )
    return {number: at for number, at, details in op.get_bind().execute(edits) if details.get("redact") == TURNED_ON}
