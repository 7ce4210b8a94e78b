"""Plots that can show Chinese."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from larknb.errors import ConfigError
from larknb.screens import plotting

matplotlib: Any = pytest.importorskip("matplotlib", reason="larknb[plot] is not installed")
fonts: Any = pytest.importorskip("matplotlib.font_manager")


@pytest.fixture(autouse=True)
def untouched() -> Iterator[None]:
    """What a test sets for plots ends with it."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        yield


def installed(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let the machine have these fonts."""
    found = [SimpleNamespace(name=name) for name in names]
    monkeypatch.setattr(fonts, "fontManager", SimpleNamespace(ttflist=found))


FONTS = [
    "Noto Sans CJK SC", "Noto Serif CJK JP", "Source Han Sans CN", "SimHei", "SimSun", "Microsoft YaHei", "DengXian",
    "PingFang HK", "Heiti TC", "Songti SC", "Hiragino Sans GB", "STHeiti", "WenQuanYi Micro Hei",
    "Droid Sans Fallback", "Arial Unicode MS", "LXGW WenKai", "AR PL UMing CN",
]  # fmt: skip


@pytest.mark.parametrize("name", FONTS)
def test_a_font_for_chinese_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On each system another one; it goes before all others, which stay."""
    installed(monkeypatch, "DejaVu Sans", name)
    assert plotting.apply_style() == name
    assert matplotlib.rcParams["font.sans-serif"][0] == name
    assert "DejaVu Sans" in matplotlib.rcParams["font.sans-serif"]
    assert matplotlib.rcParams["axes.unicode_minus"] is False


def test_a_font_without_serifs_goes_before_one_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """Titles and ticks are small."""
    installed(monkeypatch, "Noto Serif CJK SC", "KaiTi", "WenQuanYi Zen Hei")
    assert plotting.chinese_font() == "WenQuanYi Zen Hei"


def test_without_a_font_it_is_said_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """How to get one; the warning of matplotlib for each sign is left out."""
    installed(monkeypatch, "DejaVu Sans", "Comic Neue")
    assert plotting.apply_style() == ""
    assert "fonts-noto-cjk" in capsys.readouterr().out
    warnings.warn("Glyph 30005 (N{CJK}) missing from font(s) DejaVu Sans.", UserWarning, stacklevel=1)


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is said."""
    monkeypatch.setattr(plotting, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"larknb\[plot\]"):
        plotting.apply_style()
