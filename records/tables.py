"""Every table, in one import: what migrations compare with the database."""

from sqlmodel import SQLModel

from records import agents, api_keys, audit, calls, campaigns, checks, people, results, runs, slots

MODULES = (agents, api_keys, audit, calls, campaigns, checks, people, results, runs, slots)
METADATA = SQLModel.metadata
