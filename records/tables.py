"""Every table, in one import: what migrations compare with the database."""

from typing import Any

from sqlmodel import SQLModel

from records import (
    agents,
    answers,
    api_keys,
    audit,
    bulk,
    call_text,
    calls,
    campaigns,
    checks,
    deletions,
    deliveries,
    figures_kept,
    idempotency,
    outages,
    people,
    results,
    retention,
    reviews,
    runs,
    saved_views,
    sftp,
    sftp_folders,
    sftp_state,
    signing,
    slots,
    uploads,
    webhooks,
)

MODULES = (
    *(agents, answers, api_keys, audit, bulk, call_text, calls, campaigns, checks, deletions, deliveries),
    *(
        figures_kept,
        idempotency,
        outages,
        people,
        results,
        retention,
        reviews,
        runs,
        saved_views,
        sftp,
        sftp_folders,
        sftp_state,
        signing,
        slots,
        uploads,
        webhooks,
    ),
)
METADATA = SQLModel.metadata


def compared(_item: Any, name: str | None, *_rest: Any) -> bool:  # noqa: ANN401  Alembic's own signature
    """Whether models and database are to say the same of it: each database keeps its index of words in its own way."""
    return not (name or "").startswith("call_words")
