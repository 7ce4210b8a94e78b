"""The assistant's door."""
