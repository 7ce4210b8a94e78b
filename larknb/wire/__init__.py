"""HTTP for login and API alike: the session, what came back, what is tried again, what a code means."""
