"""What the API and the dashboard both speak HTTP with."""
