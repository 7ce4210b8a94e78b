"""Writes to S3 under a condition ("only if it is still what I read"), which ``pyarrow.fs`` has no words for.

The requests are signed as "AWS Signature Version 4" says. Credentials come from where pyarrow takes them first: the
environment, then the person's file; where there are none, as on a machine of the cloud, the caller does without.
"""

from __future__ import annotations

import configparser
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import requests
from requests.utils import get_environ_proxies, select_proxy

from larknb.config.secrets import MaskedBytes, Secret
from larknb.env import MACHINE
from larknb.wire.apart import apart
from larknb.wire.incoming import content
from larknb.wire.session import is_loopback, new_session

__all__ = ["Credentials", "Signer", "credentials", "endpoint", "proxy_for", "region"]

MOST = 1_000_000  # bytes of a file that is exchanged
NOT_IMPLEMENTED = 501
ATTEMPTS, PAUSE = 6, 0.2  # of one request to a store that is busy or hangs up; seconds before the second, then doubled
ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")


@dataclass(frozen=True)
class Credentials:
    """Who asks."""

    key: str
    secret: Secret
    session: Secret


def endpoint(env: Mapping[str, str] = MACHINE) -> str:
    """Return the address of a store that speaks S3; empty where it is Amazon's."""
    return next((env[name].rstrip("/") for name in ENDPOINTS if env.get(name)), "")


def region(env: Mapping[str, str] = MACHINE) -> str:
    """Return the region that requests are signed for."""
    return env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or "us-east-1"


def proxy_for(address: str) -> str | None:
    """Return the proxy for an address, as the variables of the environment say; this machine needs none."""
    if is_loopback(address):
        return None
    proxy: str | None = select_proxy(address, get_environ_proxies(address))
    return proxy if proxy and proxy.startswith("http") else None


def credentials(env: Mapping[str, str] = MACHINE) -> Credentials | None:
    """Return the credentials of the environment, else those of the person's file; None where neither has any."""
    if env.get("AWS_ACCESS_KEY_ID") and env.get("AWS_SECRET_ACCESS_KEY"):
        secrets = Secret(env["AWS_SECRET_ACCESS_KEY"]), Secret(env.get("AWS_SESSION_TOKEN", ""))
        return Credentials(env["AWS_ACCESS_KEY_ID"], *secrets)
    file = Path(env.get("AWS_SHARED_CREDENTIALS_FILE") or Path("~/.aws/credentials").expanduser())
    known = configparser.ConfigParser(interpolation=None)
    try:
        known.read(file, encoding="utf-8")
        told = known[env.get("AWS_PROFILE") or "default"]
        secrets = Secret(told["aws_secret_access_key"]), Secret(told.get("aws_session_token", ""))
        return Credentials(told["aws_access_key_id"], *secrets)
    except (configparser.Error, KeyError, OSError, UnicodeDecodeError):
        return None


@dataclass(frozen=True)
class Signer:
    """One place in one bucket, and who asks for it."""

    bucket: str
    prefix: str
    endpoint: str
    who: Credentials
    sleep: Callable[[float], None] = time.sleep

    def exchange(self, name: str, old: bytes | None, new: bytes) -> bool | None:
        """Replace an object if it still holds ``old`` (None: if there is none), and say whether that was done.

        None where the store does not know conditions, or does not take these credentials: nothing was written.
        """
        now = self._send("GET", name)
        if now.status not in (200, 404):
            return None
        if (now.body if now.status == 200 else None) != old:
            return False
        done = self._send("PUT", name, new, {"If-None-Match": "*"} if old is None else {"If-Match": now.tag})
        if done.status in (404, 409, 412):  # perhaps by an attempt of ours whose answer was lost
            return self._send("GET", name).body == new
        return True if done.status < 300 else None

    def _send(self, method: str, name: str, body: bytes = b"", more: Mapping[str, str] | None = None) -> _Answer:
        """Send a request, again while the store is busy or hangs up; OSError where it stays so."""
        problem = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                self.sleep(PAUSE * 2 ** (attempt - 1))
            try:
                answer = self._sent(method, name, body, more or {})
            except requests.RequestException as error:
                problem = type(error).__name__
                continue
            if answer.status < 500 or answer.status == NOT_IMPLEMENTED:
                return answer
            problem = f"HTTP {answer.status}"
        raise OSError(problem)

    def _sent(self, method: str, name: str, body: bytes, more: Mapping[str, str]) -> _Answer:
        url = self._url(name)
        headers = {**more, **self._signature(method, url, body)}
        with new_session(url) as session:
            return apart(lambda: _read(session.request(method, url, data=body or None, headers=headers)))

    def _url(self, name: str) -> str:
        path = quote("/".join(filter(None, (self.prefix, name))))
        if self.endpoint:
            return f"{self.endpoint}/{self.bucket}/{path}"
        return f"https://{self.bucket}.s3.{region()}.amazonaws.com/{path}"

    def _signature(self, method: str, url: str, body: bytes) -> dict[str, str]:
        """Return the headers that sign a request, as AWS Signature Version 4 has them."""
        now, parts = datetime.now(UTC), urlsplit(url)
        at, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
        signed = {"host": parts.netloc, "x-amz-content-sha256": hashlib.sha256(body).hexdigest(), "x-amz-date": at}
        if self.who.session:
            signed["x-amz-security-token"] = self.who.session
        names = ";".join(sorted(signed))
        lines = [f"{name}:{signed[name]}\n" for name in sorted(signed)]
        request = "\n".join([method, parts.path, "", "".join(lines), names, signed["x-amz-content-sha256"]])
        scope = f"{day}/{region()}/s3/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", at, scope, hashlib.sha256(request.encode()).hexdigest()])
        key = MaskedBytes(f"AWS4{self.who.secret}".encode())
        for part in (day, region(), "s3", "aws4_request", text):
            key = MaskedBytes(hmac.digest(key, part.encode(), "sha256"))
        signature = f"AWS4-HMAC-SHA256 Credential={self.who.key}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
        return {**{name: value for name, value in signed.items() if name != "host"}, "Authorization": signature}


class _Answer(NamedTuple):
    status: int
    tag: str
    body: bytes


def _read(answer: requests.Response) -> _Answer:
    return _Answer(answer.status_code, answer.headers.get("ETag", ""), content(answer, MOST))
