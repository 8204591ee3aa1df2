"""What the page about people shows."""
