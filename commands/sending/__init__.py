"""How `totalview upload` brings recordings to a server over its API; it knows no database and no settings."""
