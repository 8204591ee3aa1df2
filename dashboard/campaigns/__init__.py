"""What the pages about campaigns show: making one, and a module for each tab of its settings."""
