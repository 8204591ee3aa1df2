"""Recordings from an SFTP server: what lies there, what it is taken for, how it is fetched."""
