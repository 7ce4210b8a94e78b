"""LibraryReader: what lies in a wiki space, below a page of a wiki, or in a folder, listed parent by parent.

API: wiki-v2/space-node/list, drive-v1/ugTNzUjL4UzM14CO1MTN/list. The list says enough of every child: none is asked
itself. A walk can stop between any two parents and go on later. A list that cannot be had whole leaves a doubt, and
then nothing that is missing counts as gone. Shortcuts are followed once, after everything else, so that what lies in
the library itself stands at its own place.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any
from unicodedata import normalize
from urllib.parse import urlsplit

import orjson

from larknb.api.client import LarkClient
from larknb.api.endpoints import FileItem, NodeItem, fits
from larknb.errors import AccessDenied, ApiError, LarkError, NotFound
from larknb.library import Child, Place, Root, Walk
from larknb.links import MY_LIBRARY
from larknb.messages import say
from larknb.model import Source
from larknb.readers.base import stops_everything

__all__ = ["LibraryReader", "own_title", "walk_stamp"]

log = logging.getLogger("larknb")

# By creation: in the order of edits one that is edited meanwhile changes its page, and is seen twice or never.
STEADY = {"page_size": 200, "order_by": "CreatedTime", "direction": "ASC"}
OPTIONS = ("depth", "include", "exclude", "kinds")  # those that decide what a walk finds
WRONG_PARAMETER = 131002
MOST_EMPTY = 50  # pages in a row that bring nothing: some come empty where rights filter them, but not without end

NODE_API = "wiki-v2/space-node/get_node"
NODES_API = "wiki-v2/space-node/list"
SPACE_API = "wiki-v2/space/get"
FILES_API = "drive-v1/ugTNzUjL4UzM14CO1MTN/list"
FOLDER_API = "drive-v1/ugTNzUjL4UzM14CO1MTN/uAjNzUjLwYzM14CM2MTN"


class _Doubt(Exception):  # noqa: N818  a state of the list, which the caller can live with
    """A list that is not whole, and why."""


@dataclass(frozen=True)
class _Item:
    """One entry as a list has it, and below which token its own children are listed; empty where it has none."""

    child: Child
    below: str


@dataclass(frozen=True)
class LibraryReader:
    """Lists one library.

    Parameters
    ----------
    source : Source
        A source with a `Source.library`.
    """

    source: Source

    def root(self, client: LarkClient) -> Root:
        """Return where the library begins, asked once: of a page its space, of the personal library its number."""
        source = self.source
        if source.library == "subtree":
            node = client.get("wiki/v2/spaces/get_node", api=NODE_API, token=source.token).get("node") or {}
            page = self._node({**node, "node_token": source.token}, "").child
            return Root(title=page.title, space_id=str(node.get("space_id") or ""), page=page)
        if source.token == MY_LIBRARY:
            return _space(client, source)
        # Whoever named the source asked for its title, or needs none.
        title = "" if source.name and source.name != source.token else own_title(client, source)
        return Root(title=title, space_id=source.token if source.library == "space" else "")

    def begin(self, client: LarkClient, at: float, known: Root | None = None) -> Walk:
        """Return a walk that has not gone anywhere yet."""
        root = known or self.root(client)
        top = "" if self.source.library == "space" else self.source.token
        page = (replace(root.page, left_out=not self._is_asked(root.page, {})),) if root.page else ()
        first = Place(page[0].key if page else "", top, 1)
        return Walk(began_at=at, options=walk_stamp(self.source), root=root, waiting=(first,), children=page)

    def ask_first(self, client: LarkClient) -> None:
        """Ask for the first page of the first list, which shows whether the library may be listed."""
        walk = self.begin(client, 0.0)
        next(self._pages(client, walk, walk.waiting[0]))

    def go_on(self, client: LarkClient, walk: Walk) -> Iterator[Walk]:
        """Yield the walk after each list that was asked for, until nothing waits.

        Raises
        ------
        LarkError
            The first list may not be had, or all lists would end the same way.
        """
        while walk.waiting:
            place, *rest = walk.waiting
            if place.token in walk.asked:  # a circle, or a shortcut to what is here anyway
                walk = replace(walk, waiting=tuple(rest))
                continue
            items, doubt = self._listed(client, walk, place)
            walk = self._after(walk, place, items, [doubt] if doubt else [])
            yield walk

    def _after(self, walk: Walk, place: Place, items: Sequence[_Item], doubts: Sequence[str]) -> Walk:
        """Return a walk with the list of one place."""
        by_key = {child.key: child for child in walk.children}
        new = {item.child.key: item for item in items if item.child.key not in by_key}
        kept = self._as_asked([item.child for item in new.values()], by_key)
        below = [Place(child.key, new[child.key].below, place.level + 1, child.shortcut)
                 for child in kept if new[child.key].below]  # fmt: skip
        depth = self.source.options.get("depth", "all")
        if depth != "all" and place.level >= depth:
            below = []
        waiting = [*walk.waiting[1:], *below]
        return replace(
            walk,
            waiting=tuple(sorted(waiting, key=lambda each: each.shortcut)),  # in their order otherwise
            asked=(*walk.asked, place.token),
            children=(*walk.children, *kept),
            doubts=(*walk.doubts, *doubts),
        )

    def _as_asked(self, children: Sequence[Child], above: Mapping[str, Child]) -> list[Child]:
        """Return the children that the settings do not exclude, each with whether they ask for it."""
        excluded = self.source.options.get("exclude", ())
        kept = [child for child in children if not _matches([child.title, _path(child, above)], excluded)]
        return [replace(child, left_out=not self._is_asked(child, above)) for child in kept]

    def _is_asked(self, child: Child, above: Mapping[str, Child]) -> bool:
        """Say whether the settings ask for a child; what is of no kind is listed unless they name kinds."""
        kinds = self.source.options.get("kinds")
        wanted = self.source.options.get("include", ("*",))
        return (kinds is None or child.kind in kinds) and _matches([child.title, _path(child, above)], wanted)

    # --- one list -----------------------------------------------------------------------------------------------

    def _listed(self, client: LarkClient, walk: Walk, place: Place) -> tuple[list[_Item], str]:
        """Return what lies in one place, and why that is not all, if it is not."""
        items: list[_Item] = []
        try:
            for again in (False, True):
                items.clear()
                try:
                    for page in self._pages(client, walk, place):
                        items += page
                    break
                except ApiError as error:
                    if again or not _is_stale(error):
                        raise
        except _Doubt as doubt:
            return items, say("library.cut", title=self._title(walk, place), why=doubt)
        except (AccessDenied, NotFound) as error:
            if not walk.asked or error.lacks_scope or stops_everything(error):
                raise
            return items, say("library.closed", title=self._title(walk, place), why=error.brief())
        return items, ""

    def _title(self, walk: Walk, place: Place) -> str:
        found = next((child.title for child in walk.children if child.key == place.parent), "")
        return found or self.source.name or self.source.token

    def _pages(self, client: LarkClient, walk: Walk, place: Place) -> Iterator[list[_Item]]:
        """Yield the entries of one place page by page; _Doubt where the list ends before its end."""
        ask, members, cursor = self._call(client, walk, place)
        token, tokens, keys, odd, empty, more = "", {""}, set[str](), 0, 0, True
        while more:
            data = ask({"page_token": token} if token else {})
            found, left = self._items(data.get(members) or [], place.parent)
            yield found
            odd += left
            empty = empty + 1 if keys.issuperset(item.child.key for item in found) else 0
            keys.update(item.child.key for item in found)
            token, more = str(data.get(cursor) or ""), bool(data.get("has_more"))  # some last pages carry a token
            if more and (token in tokens or empty > MOST_EMPTY):
                raise _Doubt(say("library.endless"))
            tokens.add(token)
        if odd:
            raise _Doubt(say("library.odd", count=odd))

    def _call(
        self, client: LarkClient, walk: Walk, place: Place
    ) -> tuple[Callable[[Mapping[str, str]], Mapping[str, Any]], str, str]:
        """Return how to ask for a page, what its entries are called, and where it tells the next one."""
        if self.source.library == "folder":

            def files(more: Mapping[str, str]) -> Mapping[str, Any]:
                return client.get("drive/v1/files", api=FILES_API, folder_token=place.token, **STEADY, **more)

            return files, "files", "next_page_token"
        path = f"wiki/v2/spaces/{walk.root.space_id or self.source.token}/nodes"
        parent = {"parent_node_token": place.token} if place.token else {}

        def nodes(more: Mapping[str, str]) -> Mapping[str, Any]:
            return client.get(path, api=NODES_API, page_size=50, **parent, **more)

        return nodes, "items", "page_token"

    def _items(self, entries: Sequence[Any], parent: str) -> tuple[list[_Item], int]:
        """Return what a page says, and how many of its entries say nothing that can be understood."""
        shape, read = (FileItem, self._file) if self.source.library == "folder" else (NodeItem, self._node)
        good = [entry for entry in entries if fits(entry, shape)]
        return [read(entry, parent) for entry in good], len(entries) - len(good)

    def _node(self, entry: Mapping[str, Any], parent: str) -> _Item:
        token = str(entry["node_token"])
        child = Child(
            key=token,
            parent=parent,
            title=str(entry.get("title") or ""),
            obj_type=str(entry.get("obj_type") or ""),
            obj_token=str(entry.get("obj_token") or ""),
            url=_address(entry.get("url")) or self._own_address(token),
            shortcut=entry.get("node_type") == "shortcut",
            edited_at=str(entry.get("obj_edit_time") or ""),
            owner=str(entry.get("owner") or ""),
        )
        return _Item(child, token if entry.get("has_child") else "")

    def _file(self, entry: Mapping[str, Any], parent: str) -> _Item:
        target = entry.get("shortcut_info") or {}
        is_shortcut = entry["type"] == "shortcut"
        kind, token = (target.get("target_type"), target.get("target_token")) if is_shortcut else (
            entry["type"], entry["token"])  # fmt: skip
        child = Child(
            key=str(entry["token"]),
            parent=parent,
            title=str(entry.get("name") or ""),
            obj_type=str(kind or ""),
            obj_token=str(token or ""),
            url=_address(entry.get("url")),
            shortcut=is_shortcut,
            edited_at=str(entry.get("modified_time") or ""),
            owner=str(entry.get("owner_id") or ""),
        )
        return _Item(child, child.obj_token if child.obj_type == "folder" else "")

    def _own_address(self, node_token: str) -> str:
        """Return the address of a page: none is documented but this one."""
        parts = urlsplit(self.source.url)
        return f"{parts.scheme}://{parts.netloc}/wiki/{node_token}" if parts.netloc else ""


def own_title(client: LarkClient, source: Source) -> str:
    """Return what a space or folder is called; empty where one may not ask."""
    try:
        if source.library == "folder":
            path = f"drive/explorer/v2/folder/{source.token}/meta"
            return str(client.get(path, api=FOLDER_API).get("name") or "")
        return _space(client, source).title
    except LarkError as error:
        if stops_everything(error):
            raise
        log.info("%s", error)  # it has a scope of its own, and a name is no reason to fail
        return ""


def _space(client: LarkClient, source: Source) -> Root:
    """Return the number and the name of a space; the word for the personal library does as a number, too."""
    try:
        space = client.get(f"wiki/v2/spaces/{source.token}", api=SPACE_API).get("space") or {}
    except LarkError as error:
        if not error.lacks_scope:
            raise
        space = {}
    return Root(title=str(space.get("name") or ""), space_id=str(space.get("space_id") or source.token))


def walk_stamp(source: Source) -> str:
    """Return what identifies the settings that decide what a walk finds."""
    asked = {name: source.options[name] for name in OPTIONS if name in source.options}
    return orjson.dumps(asked, option=orjson.OPT_SORT_KEYS).decode()


def _path(child: Child, above: Mapping[str, Child]) -> str:
    """Return the titles from the top down to a child."""
    titles, at, seen = [child.title], child, {child.key}
    while (at := above.get(at.parent, at)).key not in seen:
        seen.add(at.key)
        titles.append(at.title)
    return "/".join(reversed(titles))


def _matches(names: Sequence[str], patterns: Sequence[str]) -> bool:
    """Say whether a title, or the path to it, is one of those that patterns mean, of whatever case and width."""
    folded = [_folded(name) for name in names]
    return any(fnmatchcase(name, _folded(pattern)) for pattern in patterns for name in folded)


def _folded(text: str) -> str:
    return normalize("NFKC", text).casefold()


def _address(url: object) -> str:
    """Return an address that a list tells, if it is one of the web."""
    return url if isinstance(url, str) and url.startswith(("https://", "http://")) else ""


def _is_stale(error: ApiError) -> bool:
    """Say whether a list must be asked from its first page again: the token of its next one is good no more."""
    return error.code == WRONG_PARAMETER and "page_token" in error.msg
