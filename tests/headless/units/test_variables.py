from __future__ import annotations

from larknb.headless.units import unseen


def test_what_a_unit_does_not_see() -> None:
    """Proxies and settings by name alone, for a proxy's address may hold a password; what a unit says itself is not."""
    env = dict.fromkeys(
        ("https_proxy", "NO_PROXY", "REQUESTS_CA_BUNDLE", "LARKNB_SETTLE", "LARKSUITE_CLI_APP_ID", "PATH", "HOME",
         "LARKNB_HOME", "LARKNB_LANG", "LARKNB_APP_SECRET", "LARKNB_NOTIFY_URL", "MY_PROXY"), "http://me:hunter2@proxy"
    )  # fmt: skip
    assert unseen(env) == ["LARKNB_SETTLE", "LARKSUITE_CLI_APP_ID", "NO_PROXY", "REQUESTS_CA_BUNDLE", "https_proxy"]
