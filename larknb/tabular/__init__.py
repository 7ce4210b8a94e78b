"""Tables, without a disk or a network.

Of records: the server's cells -> the raw form (`cells`, `raw`) -> the friendly form (`friendly`) -> frames (`frames`).
Of worksheets: the raw grid (`grid`) -> the typed table (`header`, `typed`) -> frames.
"""
