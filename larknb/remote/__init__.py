"""A published store, as it lies elsewhere: its files, its pointers, and the side that reads them."""
