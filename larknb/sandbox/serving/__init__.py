"""How a request is served: what was asked, what is to go wrong, how often, in which order, over which connection."""
