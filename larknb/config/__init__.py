"""What a workspace is told: larknb.toml, the environment and its secrets, all of it checked; and edits of the file."""
