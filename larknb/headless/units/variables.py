"""The environment variables that matter to a run and that a unit does not see."""

from __future__ import annotations

import re
from collections.abc import Mapping

from larknb.config.secrets import SECRET_VARIABLES
from larknb.env import HOME, INTERVAL, LANG, PREFIXES

__all__ = ["unseen"]

_KNOWN = {HOME, LANG, INTERVAL, *SECRET_VARIABLES}  # the unit or a file holds them
_NETWORK = re.compile(r"(https?|all|no)_proxy|requests_ca_bundle|curl_ca_bundle|ssl_cert_(file|dir)", re.IGNORECASE)


def unseen(env: Mapping[str, str]) -> list[str]:
    """Return the names of these variables; never their values, which may be passwords."""
    ours = [name for name in env if name.startswith(PREFIXES) and name not in _KNOWN]
    return sorted([*ours, *filter(_NETWORK.fullmatch, env)])
