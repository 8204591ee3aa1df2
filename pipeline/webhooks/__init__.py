"""Webhooks out: what happened to a call, told to other people's programs."""
