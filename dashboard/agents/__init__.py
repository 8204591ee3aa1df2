"""What the pages about agents show: their list, unlinked calls, import, and one agent's parts."""
