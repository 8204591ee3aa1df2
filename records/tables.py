"""Every table, in one import: what migrations compare with the database."""

from sqlmodel import SQLModel

from records import (
    agents,
    answers,
    api_keys,
    audit,
    bulk,
    calls,
    campaigns,
    checks,
    deletions,
    deliveries,
    idempotency,
    outages,
    people,
    results,
    reviews,
    runs,
    saved_views,
    signing,
    slots,
    uploads,
    webhooks,
)

MODULES = (
    *(agents, answers, api_keys, audit, bulk, calls, campaigns, checks, deletions, deliveries),
    *(idempotency, outages, people, results, reviews, runs, saved_views, signing, slots, uploads, webhooks),
)
METADATA = SQLModel.metadata
