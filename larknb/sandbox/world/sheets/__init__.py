"""A spreadsheet with its worksheets: cells, ranges, and the one revision of them all."""
