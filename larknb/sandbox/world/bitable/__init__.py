"""A Bitable with its tables: cells, fields, rows, and what moves when they change."""
