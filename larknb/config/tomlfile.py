"""larknb.toml as it is read: its text, and what that text says."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from larknb.errors import ConfigError
from larknb.messages import say

__all__ = [
    "FILE",
    "Content",
    "no_access",
    "parse_toml",
    "read_text",
    "read_toml",
    "section_of",
]

FILE = "larknb.toml"
Content = Mapping[str, object]  # what TOML says, the whole file or a section: nothing of it is checked yet


def read_toml(file: Path) -> Content:
    """Return what the file says, nothing where there is none; ConfigError if it cannot be read or is not TOML."""
    return parse_toml(read_text(file), file) if file.is_file() else {}


def read_text(file: Path) -> str:
    """Return the text of the file without a byte order mark, each line with a plain line feed at its end."""
    try:
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ConfigError(say("config.encoding.what"), source=str(file), next=say("config.encoding.next")) from None
    except OSError as error:
        raise no_access(file, error) from error


def no_access(file: Path, error: OSError) -> ConfigError:
    """Return the error for a file of the settings that the system would not read or write."""
    reason = error.strerror or type(error).__name__
    return ConfigError(say("config.file.what", reason=reason), source=str(file), next=say("config.file.next"))


def parse_toml(text: str, file: Path) -> Content:
    """Return what the text says; the ConfigError names the line, and what to do about a backslash in it."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", place)
        source = f"{file}, {say('config.line', line=line[1])}" if line else str(file)
        wrong = text.split("\n")[int(line[1]) - 1] if line else ""
        if re.search(r'"[^"]*\\', wrong):
            raise ConfigError(say("config.backslash.what"), source=source, next=say("config.backslash.next")) from None
        raise ConfigError(say("config.toml.what", reason=reason), source=source, next=say("config.toml.next")) from None


def section_of(content: Content, name: str) -> Content:
    """Return a section of the file; empty where there is none."""
    section = content.get(name)
    return section if isinstance(section, dict) else {}
