"""The running stand-in as its endpoints know it: the knobs, the sign-ins, what an endpoint is, and who may call it."""
