"""Plots that can show Chinese."""

from __future__ import annotations

import re
import warnings
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from larknb.console import tell
from larknb.errors import ConfigError
from larknb.messages import say

__all__ = ["apply_style", "chinese_font"]

# What families of fonts that show Chinese have in their names, on any system; those without serifs first.
FAMILIES = (
    r"Noto Sans CJK SC|Source Han Sans|PingFang|YaHei|Hiragino Sans GB|WenQuanYi|DengXian|SimHei|STHeiti|Heiti",
    r"CJK|Han ?Sans|Han ?Serif|SimSun|KaiTi|FangSong|Songti|Droid Sans Fallback|Arial Unicode|LXGW|Uming|Ukai",
)
COLOURS = ("#3370ff", "#00b5a5", "#ff8800", "#f54a45", "#7f3bf5", "#8f959e")  # legible on white and on dark pages


def chinese_font() -> str:
    """Return a font of this machine that shows Chinese, as matplotlib calls it; empty where there is none."""
    fonts = import_module("matplotlib.font_manager").fontManager.ttflist  # an extra, which takes a second to import
    names = sorted({str(font.name) for font in fonts})
    found = (name for family in FAMILIES for name in names if re.search(family, name, re.IGNORECASE))
    return next(found, "")


def apply_style() -> str:
    """Let the plots of this process show Chinese, and return the font; without one say how to get one.

    Raises
    ------
    ConfigError
        matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise ConfigError(say("plot.missing.what"), next=say("plot.missing.next"))
    matplotlib: Any = import_module("matplotlib")
    font = chinese_font()
    others = [name for name in matplotlib.rcParamsDefault["font.sans-serif"] if name != font]
    matplotlib.rcParams.update(
        {
            "font.family": "sans-serif",
            "font.sans-serif": [font, *others] if font else others,
            "axes.unicode_minus": False,  # fonts for Chinese often lack that sign
            "axes.prop_cycle": matplotlib.cycler(color=COLOURS),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "legend.frameon": False,
            "figure.figsize": (9, 3.6),
            "figure.autolayout": True,
        }
    )
    if not font:
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # once is said below, for all of them
        tell(say("plot.no_font"))
    return font
