"""What the System page shows, and the queues' own dashboard behind the same sign-in."""
