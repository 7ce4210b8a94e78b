"""What larknb is in a notebook beyond its results: the login card. The only room that knows ipywidgets."""
