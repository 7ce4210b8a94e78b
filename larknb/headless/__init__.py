"""The night shift: one headless run of a notebook, and the same again and again."""
