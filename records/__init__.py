"""What is true, and who may see it: tables, statuses, access."""
