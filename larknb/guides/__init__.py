"""Documents, without a disk or a network: blocks -> forms -> Markdown, HTML and the guide that a user holds."""
