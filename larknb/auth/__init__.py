"""Who we are: one login, kept in one file, renewed before it is needed.

A login begins in `flow` (with `callback`, the address that the browser comes back to, at the `loopback` of this
machine) or in `device` (with `pending`, the code that waits). What it brings, `store` keeps and renews for all
processes; `tokenfile` is its file, `token` what that holds, `place` and `keychain` where, `ours` what of it is ours.
The platform's protocol is spoken by `authorize`, `grant`, `devicegrant`, `tenant` and `profile`, through `endpoint`;
they keep nothing. `identity` is what the rest of larknb sees of it: who asks, and a token that works. `scopes` says
what a login has to ask for.
"""
