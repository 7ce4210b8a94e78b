"""Documents, without a disk or a network.

The server's blocks (`blocks`) -> a tree of a few forms (`forms`) -> Markdown, HTML, and the guide that is kept
(`guide`) and that a user holds (`document`).
"""
