"""Recordings from an SFTP server: what lies there, what it belongs to, and what becomes of it."""
