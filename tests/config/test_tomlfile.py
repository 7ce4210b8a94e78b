from __future__ import annotations

import pytest

from larknb.errors import ConfigError

from .conftest import BASE, Load


@pytest.mark.parametrize("path", ["D:\\data", "C:\\temp", "C:\\Users\\wang", "D:\\", "D:\\报表\\x"])
def test_a_backslash_says_how_to_write_a_path(load: Load, path: str) -> None:
    """A Windows path in double quotes is refused, also where TOML would silently make a tab of it."""
    with pytest.raises(ConfigError, match=r"single quotes.*D:/data"):
        load(f'[cache]\ndir = "{path}"\n')
    assert "D:" in str(load("[cache]\ndir = 'D:\\data'\n").cache_dir)


def test_another_mistake_beside_a_good_backslash_is_told_as_it_is(load: Load) -> None:
    """A path in single quotes is not blamed for what follows it."""
    with pytest.raises(ConfigError, match="TOML"):
        load("[cache]\ndir = 'D:\\data' x\n")


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030"])
def test_another_encoding_is_named(load: Load, encoding: str) -> None:
    """A file that an editor saved as something else than UTF-8 is refused with that reason."""
    with pytest.raises(ConfigError, match="UTF-8"):
        load(f'[[sources]]\nname = "人力盘点"\nurl = "{BASE}"\n'.encode(encoding))


def test_a_mark_and_windows_line_ends_do_no_harm(load: Load) -> None:
    """A file saved by Notepad (byte order mark, CRLF) reads like any other."""
    text = f'[app]\r\napp_id = "cli_example"\r\n[[sources]]\r\nname = "人力盘点"\r\nurl = "{BASE}"\r\n'
    settings = load(b"\xef\xbb\xbf" + text.encode())
    assert settings.app_id == "cli_example"
    assert [source.name for source in settings.sources] == ["人力盘点"]


def test_mistakes_are_told_in_chinese_too(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Chinese user reads the place, the reason and the way out in Chinese."""
    monkeypatch.setenv("LARKNB_LANG", "zh")
    with pytest.raises(ConfigError, match=r"反斜杠.*第 2 行.*单引号"):
        load('[cache]\ndir = "D:\\data"\n')
