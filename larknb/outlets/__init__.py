"""What leaves the folder: workbooks, and the caches that are published."""
