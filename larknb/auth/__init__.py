"""Who we are: one login, kept in one file, renewed before it is needed.

A login begins in `flow` (with `callback`, the address that the browser comes back to, and `terminal`, its questions at
a prompt). What it brings, `store` keeps and renews for all processes (`token` is what it keeps, `place` and `keychain`
where). `oauth` speaks the platform's protocol and keeps nothing. `identity` is what the rest of larknb sees of it: who
asks, and a token that works. `scopes` says what a login has to ask for.
"""
