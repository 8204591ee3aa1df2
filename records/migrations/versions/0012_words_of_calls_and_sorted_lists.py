"""Find calls by what was said in them, and sort a list by score, length and date

Only makes what is empty, and a list of the calls that are to be read: their words are put into the index afterwards,
some at a time, by the scheduler's `index_texts`. A million calls keep nobody waiting.

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

from records.call_text import Words

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SORTED = {
    "ix_call_score": ["effective_score", "created_at", "id"],
    "ix_call_campaign_score": ["campaign_id", "effective_score", "created_at", "id"],
    "ix_call_duration": ["duration_ms", "created_at", "id"],
    "ix_call_campaign_duration": ["campaign_id", "duration_ms", "created_at", "id"],
    "ix_call_called": ["called_at", "created_at", "id"],
}
# The words stand in call_text; FTS5 keeps its index of them alone. They come folded: bytes that are no signs are words.
ON_SQLITE = """
CREATE VIRTUAL TABLE call_words USING fts5(words, content='call_text', content_rowid='id', tokenize='ascii');
CREATE TRIGGER call_text_added AFTER INSERT ON call_text BEGIN
  INSERT INTO call_words(rowid, words) VALUES (new.id, new.words);
END;
CREATE TRIGGER call_text_gone AFTER DELETE ON call_text BEGIN
  INSERT INTO call_words(call_words, rowid, words) VALUES ('delete', old.id, old.words);
END;
CREATE TRIGGER call_text_changed AFTER UPDATE ON call_text BEGIN
  INSERT INTO call_words(call_words, rowid, words) VALUES ('delete', old.id, old.words);
  INSERT INTO call_words(rowid, words) VALUES (new.id, new.words);
END
"""


def upgrade() -> None:
    op.create_table(
        "call_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("words", Words(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id"),
    )
    op.create_table(
        "unread_call",
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for statement in ON_SQLITE.replace("END;", "END;;").replace("'ascii');", "'ascii');;").split(";;"):
            op.execute(statement)
    else:
        op.execute("CREATE INDEX call_words ON call_text USING gin (words)")
    op.execute("INSERT INTO unread_call (call_id) SELECT id FROM call WHERE version_number > 0")
    for name, columns in SORTED.items():
        op.create_index(name, "call", columns)


def downgrade() -> None:
    for name in SORTED:
        op.drop_index(name, "call")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE call_words")
    op.drop_table("unread_call")
    op.drop_table("call_text")
