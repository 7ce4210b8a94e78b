"""What travels between client and platform, and the codes it bears. It knows nobody who asks or answers."""
