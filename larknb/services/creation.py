"""An app for a folder that has none, made by one scan: where it is asked for, with which scopes, and how it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from larknb.auth.creation import AppCreation, kept_creation
from larknb.auth.registration import Brand, Made, Site
from larknb.auth.scopes import ANYTHING, OFFLINE, wanted
from larknb.config.addresses import BRANDS
from larknb.config.edit import save_app, save_secret
from larknb.config.settings import Settings
from larknb.disk import telling
from larknb.errors import LarkError
from larknb.messages import say
from larknb.model import Source
from larknb.places import claim
from larknb.services.context import Context

__all__ = ["can_create", "create_app", "is_creating"]


def can_create(settings: Settings) -> bool:
    """Say whether an app may be made: the folder has none, and no variable holds the secret of one."""
    return not settings.app_id and not settings.app_secret


def is_creating(context: Context, settings: Settings) -> bool:
    """Say whether an app that was begun before is still waited for."""
    return kept_creation(_file(settings.root), _sites(settings)[0], context.clock()) is not None


def create_app(
    context: Context, settings: Settings, sources: Sequence[Source], app: Mapping[str, Any] | None = None
) -> AppCreation:
    """Return an app that may be made, or one that was begun before.

    Parameters
    ----------
    sources : sequence of Source
        What it is to read: its page begins with their scopes, or without any with those of whatever may come.
    app : mapping, optional
        Keys of ``[app]`` that are kept with it.

    Raises
    ------
    LarkError
        The platform does not offer it here, or nothing could be kept.
    """

    def keep(made: Made, brand: Brand) -> None:
        _keep(settings, made, _brand_of(settings, made, brand), app or {})

    with telling():
        claim(settings.work, own=True)
    first, lark = _sites(settings)
    sources = sources or (replace(ANYTHING, identity=settings.identity),)
    user = wanted(source for source in sources if source.identity == "user")
    tenant = wanted(source for source in sources if source.identity == "tenant")
    tenant = tuple(scope for scope in tenant if scope != OFFLINE)
    return AppCreation(
        _file(settings.root), first, lark, keep, user=user, tenant=tenant, clock=context.clock, sleep=context.sleep
    )


def _file(root: Path) -> Path:
    return root / "work" / "app_registration.json"


def _has_own_hosts(settings: Settings) -> bool:
    own = BRANDS[settings.brand]
    return (settings.open_base, settings.accounts_base) != (own["open_base"], own["accounts_base"])


def _sites(settings: Settings) -> tuple[Site, Site]:
    """Return where an app is asked for, and where that of a company on Lark is; hosts of one's own are both."""
    if _has_own_hosts(settings):
        bases = settings.open_base, settings.accounts_base
        return Site("feishu", *bases), Site("lark", *bases)
    return Site("feishu", **BRANDS["feishu"]), Site("lark", **BRANDS["lark"])


def _brand_of(settings: Settings, made: Made, brand: Brand) -> str:
    """Return the brand of a new app: that of the host, or where one host is both, what the platform told."""
    told = made.brand if made.brand in BRANDS else settings.brand
    return told if _has_own_hosts(settings) else brand


def _keep(settings: Settings, made: Made, brand: str, app: Mapping[str, Any]) -> None:
    """Keep a new app: its secret first, which comes only once."""
    app_id = made.app.app_id
    try:
        save_secret(replace(settings, app_id=app_id), made.app.app_secret)
        # It has no redirect URL, on which any other login would end.
        save_app(settings.root, {**app, "app_id": app_id, "brand": brand, "login": "device"})
    except LarkError as error:
        raise error.at(say("create.kept", app_id=app_id)) from None
