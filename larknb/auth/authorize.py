"""The page on which a person approves: its address, and the proof (PKCE) that its code is for us alone."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Sequence
from urllib.parse import quote, urlencode

from larknb.auth.app import App
from larknb.config.secrets import Secret

__all__ = ["authorize_url", "challenge", "new_verifier"]


def authorize_url(app: App, *, redirect_uri: str, scopes: Sequence[str], state: str, verifier: Secret) -> str:
    """Return the address of the page on which a person approves."""
    query = {
        "client_id": app.app_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": " ".join(scopes),
        "state": state,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",  # the default is plain, which fails only later, with 20049
    }
    return f"{app.accounts_base}/open-apis/authen/v1/authorize?{urlencode(query, quote_via=quote, safe='')}"


def new_verifier() -> Secret:
    """Return a fresh PKCE code verifier."""
    return Secret(secrets.token_urlsafe(64))


def challenge(verifier: Secret) -> str:
    """Return the S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
