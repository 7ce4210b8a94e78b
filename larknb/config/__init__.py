"""What a workspace is told: larknb.toml, the environment, its secrets, and edits of the file."""
