"""What leaves the folder: workbooks."""
