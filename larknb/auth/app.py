"""The app that a person logs in to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from larknb.config.secrets import Secret, check_ours, secret_file
from larknb.errors import Asker, ConfigError
from larknb.messages import say

if TYPE_CHECKING:
    from larknb.config.settings import Settings

__all__ = ["App"]


@dataclass(frozen=True)
class App:
    """The app that a person logs in to, and the two hosts that it lives on.

    ``token_endpoint`` is the version of the endpoint that gives tokens. There is no silent switch between the two: a
    refresh token works once.
    """

    app_id: str
    app_secret: Secret
    open_base: str
    accounts_base: str
    token_endpoint: Literal["v2", "v3"] = "v2"  # noqa: S105  a version

    @classmethod
    def of(cls, settings: Settings) -> App:
        """Return the app that the settings name.

        Raises
        ------
        ConfigError
            The app id or the secret is missing, or what lies where the secret should be is none of ours.
        """
        if not settings.app_id:
            raise ConfigError(say("login.no_app_id.what"), source="larknb.toml", next=say("login.no_app_id.next"))
        if not settings.app_secret:
            check_ours(settings.root, secret_file(settings.root))
            what = say("login.no_secret.what", app_id=settings.app_id)
            raise ConfigError(what, source="larknb.toml", next=say("login.no_secret.next"))
        return cls(
            settings.app_id, settings.app_secret, settings.open_base, settings.accounts_base, settings.token_endpoint
        )

    @property
    def token_api(self) -> str:
        """The path of the token endpoint, for `url_of`."""
        return {"v2": "authen/v2/oauth/token", "v3": "oauth/v3/token"}[self.token_endpoint]

    def url_of(self, api: str) -> str:
        """Return the address of an API: ``oauth/…`` is at the accounts host, all else below open-apis."""
        return f"{self.accounts_base}/{api}" if api.startswith("oauth/") else f"{self.open_base}/open-apis/{api}"

    def asker(self, kind: Literal["user", "tenant"], label: str) -> Asker:
        """Return who asks as this app: a person, or the app itself."""
        return Asker(kind, label, self.page)

    @property
    def page(self) -> str:
        """The app's own page in the developer console."""
        return f"{self.open_base}/app/{self.app_id}"
