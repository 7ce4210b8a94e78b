"""larknb.toml as it is read: its text, and what that text says."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from larknb.disk import refused
from larknb.errors import ConfigError
from larknb.files import NotPlain, is_there, read_plain
from larknb.messages import say

__all__ = [
    "FILE",
    "Content",
    "parse_toml",
    "read_text",
    "read_toml",
    "real",
    "section_of",
]

FILE = "larknb.toml"
Content = Mapping[str, object]  # what TOML says, the whole file or a section: nothing of it is checked yet

LIMIT = 1_000_000  # bytes: ten thousand sources
# A key of a hundred parts. Those of a hundred thousand would take the parser minutes.
_DEEP_KEY = re.compile(r"""(?<![\w"'.-])(?:["']?[\w-]++["']?\s*+\.\s*+){100}""")


def read_toml(file: Path) -> Content:
    """Return what the file says, nothing where there is none; ConfigError if it is no TOML of ours.

    Raises
    ------
    LarkError
        The disk refuses.
    """
    return parse_toml(read_text(file), file) if is_there(file) else {}


def real(file: Path) -> Path:
    """Return the file that is read and written: people may keep it elsewhere and have a link here."""
    return Path(os.path.realpath(file)) if file.is_symlink() else file


def read_text(file: Path) -> str:
    """Return the text of the file without a byte order mark, each line with a plain line feed at its end.

    A pipe, a device, a folder or a file of more than a megabyte is a ConfigError: nothing waits for it.
    """
    try:
        return read_plain(real(file), LIMIT).decode("utf-8-sig").replace("\r\n", "\n")
    except (NotPlain, FileNotFoundError):  # a link to nothing, too
        raise ConfigError(say("config.plain.what"), source=str(file), next=say("config.plain.next")) from None
    except OSError as error:
        raise refused(error, file) from error
    except UnicodeDecodeError:
        raise ConfigError(say("config.encoding.what"), source=str(file), next=say("config.encoding.next")) from None


def parse_toml(text: str, file: Path) -> Content:
    """Return what the text says; the ConfigError names the line, and what to do about a backslash in it."""
    if _DEEP_KEY.search(text):
        raise _too_deep(file)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise _too_deep(file) from None
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", place)
        source = f"{file}, {say('config.line', line=line[1])}" if line else str(file)
        wrong = text.split("\n")[int(line[1]) - 1] if line else ""
        if re.search(r'"[^"]*\\', wrong):
            raise ConfigError(say("config.backslash.what"), source=source, next=say("config.backslash.next")) from None
        raise ConfigError(say("config.toml.what", reason=reason), source=source, next=say("config.toml.next")) from None


def _too_deep(file: Path) -> ConfigError:
    what = say("config.toml.what", reason=say("config.toml.deep"))
    return ConfigError(what, source=str(file), next=say("config.toml.next"))


def section_of(content: Content, name: str) -> Content:
    """Return a section of the file; empty where there is none."""
    section = content.get(name)
    return section if isinstance(section, dict) else {}
