"""Tables, without a disk or a network: the raw form, the friendly form, frames, sheets."""
