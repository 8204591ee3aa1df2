"""What the page about the audit log shows."""
