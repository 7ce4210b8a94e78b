"""What public calls return."""
