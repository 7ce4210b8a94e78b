"""What people see: the login card, a login in a terminal, progress. The only room that knows ipywidgets."""
