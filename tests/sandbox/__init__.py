"""The stand-in platform, looked at from the wire."""
