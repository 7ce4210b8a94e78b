"""What a public call does."""
