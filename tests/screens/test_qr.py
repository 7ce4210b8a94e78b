"""A link as a picture."""

from __future__ import annotations

import re

from larknb.screens import qr

URL = "https://accounts.feishu.cn/oauth/v1/device/verify?flow_id=f1&user_code=ABCD-EFGH"


def test_a_card_gets_a_picture_that_a_camera_reads_in_any_theme() -> None:
    """One inline SVG, dark on a light ground of its own, with nothing in it that runs or loads."""
    picture = qr.svg(URL)
    assert picture.startswith("<svg")
    assert {"#000", "#fff"} <= {*re.findall(r'"(#[0-9a-f]{3})"', picture)}
    assert not re.search(r"script|href|http|on\w+=", picture)


def test_a_terminal_gets_blocks() -> None:
    """Small enough for 80 columns, and square: a line of blocks is two rows high."""
    lines = qr.text(URL).rstrip("\n").splitlines()
    shown = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    assert len({*map(len, shown)}) == 1
    assert len(shown[0]) < 80
    assert 0 <= 2 * len(shown) - len(shown[0]) <= 1
