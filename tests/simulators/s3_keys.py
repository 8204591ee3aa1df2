"""The one pair of keys that the simulated S3 server knows."""

KEY, SECRET = "AKIASIMULATED", "not-a-secret"
