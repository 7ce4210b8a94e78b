"""The door to the network: one client, what it tries again, how fast it asks, and what it has cost."""
