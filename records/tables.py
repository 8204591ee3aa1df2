"""Every table, in one import: what migrations compare with the database."""

from sqlmodel import SQLModel

from records import agents, answers, api_keys, audit, calls, campaigns, checks, outages, people, results, runs, slots

MODULES = (agents, answers, api_keys, audit, calls, campaigns, checks, outages, people, results, runs, slots)
METADATA = SQLModel.metadata
