"""What we fetch: one file per kind of source, one gate for all."""
