"""The `totalview` command's subcommands, one module a subject."""
