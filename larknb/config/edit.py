"""Edits of larknb.toml that keep what people wrote in it."""

from __future__ import annotations

import codecs
import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from larknb.config.document import FILE, no_access, parse_toml, read_document, read_text
from larknb.config.names import called, not_found
from larknb.config.secrets import SECRET_VARIABLES, Webhook, secret_file, webhook_file
from larknb.config.settings import Settings, check_names, load_settings, settings_of
from larknb.config.sources import sources_of
from larknb.env import TRUSTED_HOSTS
from larknb.errors import ConfigError
from larknb.files import write_atomically
from larknb.messages import say

__all__ = [
    "add_source",
    "create",
    "keep_secrets",
    "remove_source",
    "save_app",
    "save_secret",
    "save_webhook",
    "settings_with",
]

# --- files -------------------------------------------------------------------------------------------------------


def create(root: Path) -> bool:
    """Make a commented ``larknb.toml`` and a ``work/.gitignore`` where they are missing; True if anything was made."""
    made = False
    for path, text in ((root / FILE, say("config.template")), (root / "work" / ".gitignore", "*\n")):
        if not path.exists():
            write_file(path, text.encode())
            made = True
    return made


def settings_with(root: Path, app: Mapping[str, Any], env: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings as they would be with these keys in the ``[app]`` of the file; None leaves a key as it is."""
    file = root / FILE
    return settings_of(_with_app(read_document(file), _spelled(app), file), root, env)


def save_app(root: Path, values: Mapping[str, Any], env: Mapping[str, str] = os.environ) -> None:
    """Set keys of the ``[app]`` section of ``larknb.toml``, which is made first where there is none.

    A key is replaced where it stands and keeps the comment behind it, a commented example of it becomes the key, and
    all the rest stays as it is.

    Parameters
    ----------
    values : mapping
        Keys of the section; None leaves a key as it is. They are checked before anything is written.
    """
    import tomlkit

    file = root / FILE
    settings_with(root, values, {TRUSTED_HOSTS: env.get(TRUSTED_HOSTS, "")})  # no other variable hides what is written
    create(root)
    text = read_text(file)
    document = parse_toml(text, file)
    app = {name: value for name, value in _spelled(values).items() if document.get("app", {}).get(name) != value}
    for name, value in reversed(app.items()):  # what has no place goes below the head, one above the other
        text = _with_key(text, name, tomlkit.item(value).as_string())
    if app:
        _rewrite(file, text, _with_app(document, app, file))


def _spelled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as TOML has them."""
    lists = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    return {name: value for name, value in lists.items() if value is not None}


def _with_app(document: Mapping[str, Any], app: Mapping[str, Any], file: Path) -> dict[str, Any]:
    check_names(document, file)  # an "app" that is no section takes no keys
    return {**document, "app": {**document.get("app", {}), **app}}


def _with_key(text: str, name: str, value: str) -> str:
    """Return the text with a key of ``[app]`` set: where it stands, else at its commented example, else below the head.

    It reads lines, and may be wrong about a text of several lines: `_rewrite` looks at the outcome.
    """
    lines = text.split("\n")
    head = next((n for n, line in enumerate(lines) if re.match(r"""\s*\[\s*["']?app["']?\s*\]""", line)), None)
    if head is None:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}[app]\n{name} = {value}\n"
    end = next((n for n in range(head + 1, len(lines)) if re.match(r"\s*\[", lines[n])), len(lines))
    for mark in ("", r"#\s*"):
        for n in range(head + 1, end):
            key = re.match(rf"""(\s*){mark}(?=["']?{name}["']?\s*=)""", lines[n])
            old = [lines[n][key.end() :], *([] if mark else lines[n + 1 : end])] if key else []
            if key and (count := _length(old)):
                column, comment = _comment(old[:count])
                new = f"{key[1]}{name} = {value}"
                column = max(column + key.end(), len(new) + 2)
                lines[n : n + count] = [f"{new:<{column}}{comment}" if comment else new]
                return "\n".join(lines)
    return "\n".join([*lines[: head + 1], f"{name} = {value}", *lines[head + 1 :]])


def _length(lines: Sequence[str]) -> int:
    """Return how many lines the statement takes that they begin with; 0 if it is none."""
    return next((n for n in range(1, len(lines) + 1) if _is_toml("\n".join(lines[:n]))), 0)


def _comment(lines: Sequence[str]) -> tuple[int, str]:
    """Return where in its last line the comment of a statement begins, and the comment."""
    *before, last = lines
    marks = (mark.start() for mark in re.finditer("#", last))
    start = next((n for n in marks if _is_toml("\n".join([*before, last[:n]]))), len(last))
    return start, last[start:]


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def save_secret(settings: Settings, secret: str) -> Path:
    """Keep the app's secret under ``work/``, for this app and this person alone; return the file."""
    if not settings.app_id:
        raise ConfigError(say("config.no_app_id.what"), source=FILE, next=say("config.no_app_id.next"))
    create(settings.root)
    path = secret_file(settings.root)
    write_file(
        path, json.dumps({"app_id": settings.app_id, "app_secret": secret.strip()}, indent=1).encode(), mode=0o600
    )
    return path


def save_webhook(root: Path, webhook: Webhook) -> Path:
    """Keep the address and the key of the bot for notices under ``work/``, for this person alone; return the file."""
    create(root)
    path = webhook_file(root)
    write_file(path, json.dumps({"url": webhook.url, "key": webhook.key}, indent=1).encode(), mode=0o600)
    return path


def keep_secrets(root: Path, env: Mapping[str, str] = os.environ, *, write: bool = True) -> list[Path]:
    """Keep in their files the secrets that only the variables hold, and return these files.

    Parameters
    ----------
    write : bool
        False only says which files these would be.
    """
    told = load_settings(root, env)
    kept = load_settings(root, {name: value for name, value in env.items() if name not in SECRET_VARIABLES})
    files = []
    if told.app_secret and told.app_secret != kept.app_secret:
        files.append(save_secret(told, told.app_secret) if write else secret_file(root))
    if told.webhook and told.webhook != kept.webhook:
        files.append(save_webhook(root, told.webhook) if write else webhook_file(root))
    return files


def add_source(root: Path, source_fields: Mapping[str, Any]) -> None:
    """Write one more source to the end of ``larknb.toml``, which is made first where there is none.

    Parameters
    ----------
    source_fields : mapping
        The keys of a ``[[sources]]`` block; None leaves a key out. They are checked before anything is written.
    """
    import tomlkit

    file = root / FILE
    fields = {name: value for name, value in source_fields.items() if value is not None}
    sources_of(read_document(file), file, added=[fields])
    create(root)
    text = read_text(file)
    # tomlkit only spells the values: were it to edit the whole file, it would move what stands between two sources.
    block = tomlkit.dumps({"sources": [fields]})
    document = parse_toml(text, file)
    wanted = document | {"sources": [*document.get("sources", []), *tomllib.loads(block)["sources"]]}
    _rewrite(file, f"{text.rstrip()}\n\n{block}".lstrip(), wanted)


def remove_source(root: Path, name: str) -> None:
    """Take a source out of ``larknb.toml``; comments outside its block stay where they are.

    Parameters
    ----------
    name : str
        The source's name, url or `Source.key`.
    """
    file = root / FILE
    document = read_document(file)
    sources = sources_of(document, file)
    source = called(sources, name) or next((s for s in sources if name in (s.url, s.key)), None)
    if source is None:
        raise not_found(sources, name)
    number = sources.index(source)
    left = [*document["sources"][:number], *document["sources"][number + 1 :]]
    wanted = {key: left if key == "sources" else value for key, value in document.items() if key != "sources" or left}
    _rewrite(file, _without_block(read_text(file), number), wanted)


def _without_block(text: str, number: int) -> str:
    """Return the text without its n-th ``[[sources]]`` block (from 0) and the blank lines above that."""
    lines = text.split("\n")
    heads = [n for n, line in enumerate(lines) if re.match(r"\s*\[\[\s*sources\s*\]\]", line)]
    if number >= len(heads):
        return text
    start = heads[number]
    is_next = re.compile(r"\s*\[(?!\[?\s*sources\s*\.)[^,]*\]\s*(#.*)?$")  # a table, but none inside this source
    end = next((n for n in range(start + 1, len(lines)) if is_next.match(lines[n])), len(lines))
    while not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#"):
        end -= 1  # a comment at the end of the block speaks of what follows
    while start and not lines[start - 1].strip() and not "".join(lines[end : end + 1]).strip():
        start -= 1  # unless a comment follows at once, which would join the block above
    return "\n".join(lines[:start] + lines[end:])


def _rewrite(file: Path, text: str, wanted: Mapping[str, Any]) -> None:
    """Replace the file by ``text`` if that says what is wanted, with the byte order mark and line ends it had."""
    try:
        says = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        says = None
    if says != wanted:  # an inline list of sources, or a string that looks like a head
        raise ConfigError(say("config.edit.what"), source=str(file), next=say("config.edit.next"))
    old = file.read_bytes()
    mark = codecs.BOM_UTF8 if old.startswith(codecs.BOM_UTF8) else b""
    new = text.replace("\n", "\r\n") if b"\r\n" in old else text
    write_file(file, mark + new.encode(), mode=file.stat().st_mode & 0o777)


def write_file(file: Path, data: bytes, mode: int | None = None) -> None:
    try:
        write_atomically(file, data, mode=mode)
    except OSError as error:
        raise no_access(file, error) from error
