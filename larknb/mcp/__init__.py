"""The assistant's door: ``larknb mcp`` serves what is cached to an assistant over stdio.

It only reads: no network, no login, no token is opened. What comes from the cache is quoted as data, and every answer
is bounded, says how old the data is and where the whole lies.
"""
