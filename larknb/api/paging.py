"""How far a list may go: page after page is believed only as long as the items that came are a reason for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from larknb.api.endpoints import Endpoint
from larknb.wire.codes import Trouble

__all__ = ["Listing"]

GROWTH = 10  # pages of items that may come beyond twice the ``total`` of the first page: somebody may be adding some


class Listing:
    """One list on its way, page by page.

    Parameters
    ----------
    endpoint : Endpoint
        What the contract allows it.
    page_size : int
        Items that were asked for at once.
    """

    def __init__(self, endpoint: Endpoint, page_size: int) -> None:
        self._endpoint, self._page_size = endpoint, page_size
        self.pages = self.items = 0
        self._most = 0
        self._tokens: set[str] = set()
        self._seen: set[int] = set()

    def trouble(self, page: Mapping[str, Any]) -> Trouble | None:
        """Note one page that promises another, and return what keeps that one from being asked for."""
        items = page.get("items") or []
        self.pages += 1
        self.items += len(items)
        self._most = self._most or self._allowed(page.get("total"))
        token = page.get("page_token")
        if not token or token in self._tokens:
            return "pages"
        self._tokens.add(token)
        is_full = self.pages <= self._endpoint.spare + 2 * self.items / self._page_size
        return None if is_full and self.items <= self._most and self._is_new(items) else "endless"

    def _allowed(self, total: object) -> int:
        """Return how many items there may be, by what the first page says."""
        if total is None:
            return self._endpoint.most
        return min(2 * int(str(total)) + GROWTH * self._page_size, self._endpoint.most)

    def _is_new(self, items: list[Mapping[str, Any]]) -> bool:
        """Say whether this page is none that came before."""
        if not items or not self._endpoint.key:
            return True
        these = hash(tuple(item[self._endpoint.key] for item in items))
        is_new = these not in self._seen
        self._seen.add(these)
        return is_new
