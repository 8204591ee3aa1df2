"""Bulk jobs on the screen: their list, one of them, and what is under way."""
