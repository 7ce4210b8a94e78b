"""Words -> the passages that hold them all: a scan for substrings in folded text, without an index of words."""
