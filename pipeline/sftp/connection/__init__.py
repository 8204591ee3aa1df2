"""The SFTP server's side: connections to it, and what is asked of it over them."""
