"""Sign-in by hand, as the tests of several rooms need it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from larknb.sandbox import Sandbox

from .conftest import REDIRECT

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
SCOPES = "offline_access bitable:app:readonly"


def open_page(box: Sandbox, **query: str) -> requests.Response:
    """Open the authorize page as a browser would."""
    asked = {"client_id": box.app_id, "response_type": "code", "redirect_uri": REDIRECT, "scope": SCOPES, "state": "s1"}
    url = f"{box.url}/open-apis/authen/v1/authorize"
    return requests.get(url, params=asked | query, allow_redirects=False, timeout=10)


def back(response: requests.Response) -> dict[str, str]:
    """Return what the redirect brings back."""
    assert response.status_code == 302
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def code_of(box: Sandbox, **query: str) -> str:
    return back(open_page(box, **query))["code"]


def ask_token(box: Sandbox, *, form: bool = False, auth: Any = None, **body: Any) -> requests.Response:
    filled = {"client_id": box.app_id, "client_secret": box.app_secret} | body
    url = f"{box.url}/open-apis/authen/v2/oauth/token"
    sent: dict[str, Any] = {"data": filled} if form else {"json": filled}
    return requests.post(url, timeout=10, auth=auth, **sent)


def trade(box: Sandbox, code: str, **more: Any) -> requests.Response:
    return ask_token(box, grant_type="authorization_code", code=code, **more)


def refresh(box: Sandbox, token: str, **more: Any) -> requests.Response:
    return ask_token(box, grant_type="refresh_token", refresh_token=token, **more)


def start_device(box: Sandbox, **form: str) -> requests.Response:
    fields = {"client_id": box.app_id, "scope": SCOPES} | form
    url = f"{box.url}/oauth/v1/device_authorization"
    return requests.post(url, data=fields, auth=(box.app_id, box.app_secret), timeout=10)


def poll(box: Sandbox, device_code: str) -> requests.Response:
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    return ask_token(box, form=True, grant_type=grant, device_code=device_code)


def ask_tenant(box: Sandbox, **body: str) -> dict[str, Any]:
    url = f"{box.url}/open-apis/auth/v3/tenant_access_token/internal"
    filled = {"app_id": box.app_id, "app_secret": box.app_secret} | body
    answer: dict[str, Any] = requests.post(url, json=filled, timeout=10).json()
    return answer
