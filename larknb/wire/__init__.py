"""HTTP for login and API alike: the session, what is tried again, what a code means."""
