"""What is written into the settings of a workspace: larknb.toml, its comments kept, and the files of its secrets.

tomlkit spells values and reads single statements, but it does not write the file. It collects the blocks of all
sources where the first one stands, drops the comments behind a block that is removed, and knows nothing of examples in
comments (tests show it). So lines are replaced, added and taken out here, and the outcome is read before it is written.
"""

from __future__ import annotations

import codecs
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from larknb.config.names import find_source, free_name, unknown_source
from larknb.config.secrets import (
    SECRET_VARIABLES,
    MaskedBytes,
    Secret,
    Webhook,
    check_ours,
    secret_file,
    webhook_file,
)
from larknb.config.settings import Settings, load_settings, refuse_unknown, settings_of
from larknb.config.sources import sources_of
from larknb.config.tomlfile import FILE, Content, parse_toml, read_text, read_toml, real, section_of
from larknb.disk import telling
from larknb.env import MACHINE, TRUSTED_HOSTS, Environment
from larknb.errors import Busy, ConfigError
from larknb.files import is_there, write_atomically
from larknb.messages import say
from larknb.places import claim, lock

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


PATIENCE = 30.0  # seconds that a write of larknb.toml waits for another one


def create(root: Path) -> bool:
    """Make a commented ``larknb.toml`` and a ``work/.gitignore`` where they are missing; True if anything was made."""
    with telling():
        if all(map(is_there, _made(root))):
            return False
    with _changing(root):
        return _create(root)


def _made(root: Path) -> dict[Path, str]:
    return {root / FILE: say("config.template"), root / "work" / ".gitignore": "*\n"}


def _create(root: Path) -> bool:
    missing = {path: text for path, text in _made(root).items() if not is_there(path)}
    for path, text in missing.items():
        write_atomically(path, text.encode())
    return bool(missing)


@contextmanager
def _changing(root: Path) -> Iterator[None]:
    """Let nobody else change the settings from before they are read until they are written."""

    def busy() -> Busy:
        return Busy(say("config.busy.what"), source=str(root / FILE), next=say("config.busy.next"))

    with telling():
        claim(root / "work", own=True)
        with lock(root / "work" / f"{FILE}.lock", busy, patience=PATIENCE):
            yield


# --- the app -----------------------------------------------------------------------------------------------------


def settings_with(root: Path, app: Content, env: Mapping[str, str] = MACHINE) -> Settings:
    """Return the settings as they would be with these keys in the ``[app]`` of the file; None leaves a key as it is."""
    file = root / FILE
    return settings_of(_with_app(read_toml(file), _as_toml(app), file), root, env)


def save_app(root: Path, values: Content, env: Mapping[str, str] = MACHINE) -> None:
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
    with _changing(root):
        _create(root)
        text = read_text(file)
        content = parse_toml(text, file)
        app = {name: value for name, value in _as_toml(values).items() if section_of(content, "app").get(name) != value}
        for name, value in reversed(app.items()):  # each key that has no place goes directly below the head
            text = _with_key(text, name, tomlkit.item(value).as_string())
        if app:
            _rewrite(file, text, _with_app(content, app, file))


def _as_toml(values: Content) -> Content:
    """Return the values that are given, in the types that TOML has."""
    lists = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    return {name: value for name, value in lists.items() if value is not None}


def _with_app(content: Content, app: Content, file: Path) -> Content:
    refuse_unknown(content, file)  # an "app" that is no section takes no keys
    return {**content, "app": {**section_of(content, "app"), **app}}


def _with_key(text: str, name: str, value: str) -> str:
    """Return the text with a key of ``[app]`` set: where it stands, else at its commented example, else below the head.

    A line within a text of several lines may look like a head or a key. `_rewrite` refuses what comes of that.
    """
    lines = text.split("\n")
    head = next((n for n, line in enumerate(lines) if re.match(r"""\s*\[\s*["']?app["']?\s*\]""", line)), None)
    if head is None:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}[app]\n{name} = {value}\n"
    end = next((n for n in range(head + 1, len(lines)) if re.match(r"\s*\[", lines[n])), len(lines))
    old = _find_key(lines[:end], head + 1, name) or _find_example(lines[:end], head + 1, name)
    if old is None:
        lines.insert(head + 1, f"{name} = {value}")
    else:
        lines[old.first : old.end] = [old.replaced_by(f"{name} = {value}")]
    return "\n".join(lines)


@dataclass(frozen=True)
class _Statement:
    """The lines ``first`` to ``end`` of a file that set a key, or show how; their comment begins at ``column``."""

    first: int
    end: int
    indent: str
    column: int
    comment: str

    def replaced_by(self, statement: str) -> str:
        """Return the line that takes their place, its comment in the same column if there is room."""
        line = self.indent + statement
        return f"{line:<{max(self.column, len(line) + 2)}}{self.comment}" if self.comment else line


def _find_key(lines: Sequence[str], start: int, name: str) -> _Statement | None:
    """Return the statement that sets a key in the lines from ``start``."""
    for first in range(start, len(lines)):
        if key := re.match(rf"""(\s*)["']?{name}["']?\s*=""", lines[first]):
            for end in range(first + 1, len(lines) + 1):
                if (comment := _comment_of("\n".join(lines[first:end]))) is not None:
                    return _Statement(first, end, key[1], len(lines[end - 1]) - len(comment), comment)
    return None


def _find_example(lines: Sequence[str], start: int, name: str) -> _Statement | None:
    """Return the first comment in the lines from ``start`` that would set a key without its ``#``."""
    for first in range(start, len(lines)):
        example = re.match(rf"""(\s*)#\s*(["']?{name}["']?\s*=.*)""", lines[first])
        if example and (comment := _comment_of(example[2])) is not None:
            return _Statement(first, first + 1, example[1], len(lines[first]) - len(comment), comment)
    return None


def _comment_of(statement: str) -> str | None:
    """Return the comment at the end of a whole ``key = value``, None of what is none."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        ((_, value),) = (pair for pair in tomlkit.parse(statement).body if pair[0] is not None)
    except (TOMLKitError, ValueError):
        return None
    return value.trivia.comment


# --- sources -----------------------------------------------------------------------------------------------------


def add_source(root: Path, source_fields: Content, title: str = "") -> None:
    """Write one more source to the end of ``larknb.toml``, which is made first where there is none.

    Parameters
    ----------
    source_fields : mapping
        The keys of a ``[[sources]]`` block; None leaves a key out. They are checked before anything is written.
    title : str
        Names a source that has no name, with a number where another one is called so.
    """
    file = root / FILE
    fields = {name: value for name, value in source_fields.items() if value is not None}
    sources_of(read_toml(file), file, added=[fields])
    with _changing(root):
        _create(root)
        _append(file, fields, title)


def _append(file: Path, fields: Content, title: str) -> None:
    import tomlkit

    text = read_text(file)
    content = parse_toml(text, file)
    present, (new,) = sources_of(content, file), sources_of({}, file, added=[fields])
    if any(each.key == new.key for each in present):
        return  # somebody else added it just now
    if title and "name" not in fields:
        fields = {"name": free_name(title, (each.name for each in present)), **fields}
    sources_of(content, file, added=[fields])
    block = tomlkit.dumps({"sources": [fields]})
    wanted = {**content, "sources": [*_blocks(content), *tomllib.loads(block)["sources"]]}
    _rewrite(file, f"{text.rstrip()}\n\n{block}".lstrip(), wanted)


def remove_source(root: Path, name: str) -> None:
    """Take a source out of ``larknb.toml``; comments outside its block stay where they are.

    Parameters
    ----------
    name : str
        The source's name, url or `Source.key`.
    """
    with _changing(root):
        _remove(root / FILE, name)


def _remove(file: Path, name: str) -> None:
    content = read_toml(file)
    sources = sources_of(content, file)
    source = find_source(sources, name) or next((each for each in sources if name in (each.url, each.key)), None)
    if source is None:
        raise unknown_source(sources, name)
    number = sources.index(source)
    blocks = _blocks(content)
    left = [*blocks[:number], *blocks[number + 1 :]]
    wanted = {key: left if key == "sources" else value for key, value in content.items() if key != "sources" or left}
    _rewrite(file, _without_block(read_text(file), number), wanted)


def _blocks(content: Content) -> list[object]:
    """Return the sources of a file as it says them."""
    blocks = content.get("sources")
    return blocks if isinstance(blocks, list) else []


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


# --- secrets -----------------------------------------------------------------------------------------------------


def save_secret(settings: Settings, secret: str) -> Path:
    """Keep the app's secret under ``work/``, for this app and this person alone; return the file."""
    if not settings.app_id:
        raise ConfigError(say("config.no_app_id.what"), source=FILE, next=say("config.no_app_id.next"))
    kept = {"app_id": settings.app_id, "app_secret": Secret(secret.strip())}
    return _keep(settings.root, secret_file(settings.root), kept)


def save_webhook(root: Path, webhook: Webhook) -> Path:
    """Keep the address and the key of the bot for notices under ``work/``, for this person alone; return the file."""
    return _keep(root, webhook_file(root), {"url": webhook.url, "key": webhook.key})


def _keep(root: Path, file: Path, kept: Mapping[str, str | None]) -> Path:
    target = check_ours(root, file)
    create(root)
    with telling():
        write_atomically(target, MaskedBytes(json.dumps(kept, indent=1).encode()), mode=0o600)
    return file


def keep_secrets(root: Path, env: Mapping[str, str] = MACHINE, *, write: bool = True) -> list[Path]:
    """Keep in their files the secrets that only the variables hold, and return these files.

    Parameters
    ----------
    write : bool
        False only says which files these would be.
    """
    present = load_settings(root, env)
    kept = load_settings(root, Environment({name: env[name] for name in env if name not in SECRET_VARIABLES}))
    files = []
    if present.app_secret and present.app_secret != kept.app_secret:
        files.append(save_secret(present, present.app_secret) if write else secret_file(root))
    if present.webhook and present.webhook != kept.webhook:
        files.append(save_webhook(root, present.webhook) if write else webhook_file(root))
    return files


# --- the file itself ---------------------------------------------------------------------------------------------


def _rewrite(file: Path, text: str, wanted: Content) -> None:
    """Replace the file by ``text`` if that says what is wanted, with the byte order mark and line ends it had."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        content = None
    if content != wanted:  # an inline list of sources, or a string that looks like a head
        raise ConfigError(say("config.edit.what"), source=str(file), next=say("config.edit.next"))
    file = real(file)
    old = file.read_bytes()
    mark = codecs.BOM_UTF8 if old.startswith(codecs.BOM_UTF8) else b""
    new = text.replace("\n", "\r\n") if b"\r\n" in old else text
    write_atomically(file, mark + new.encode(), mode=file.stat().st_mode & 0o777)
