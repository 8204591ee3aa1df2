"""SFTP on the screen: the server's state, batches, files with their verdicts, and what can be done with each."""
