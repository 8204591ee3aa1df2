"""RQ: what workers run, and what runs on a clock."""
