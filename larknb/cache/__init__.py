"""What we keep: when to ask again, whole snapshots behind one manifest, frames made from them."""
